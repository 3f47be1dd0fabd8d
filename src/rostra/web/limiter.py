"""How often one address may try something: a count per window, in a bounded table.

Addresses are never kept: the table's keys are a keyed hash whose salt dies with the process.
"""

import hmac
import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from rostra.domain.errors import PeerError

ADDRESSES_MAX: Final = 10_000
"""Rows of one table, about 2 MB; beyond it the address unseen for longest is forgotten."""

IPV6_PREFIX_BITS: Final = 64
"""One customer commonly holds a whole /64; each address of it counts as one."""

_KEY_BYTES: Final = 16
NS_PER_S: Final = 1_000_000_000


class TooOftenError(PeerError):
    """The address has used up its tries for now (429)."""

    status = 429

    def __init__(self, what: str, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"Too many {what} from your address. Try again in {wait_s} seconds.")


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `tries_max` of `what` in `window_s` seconds from one address."""

    what: str
    tries_max: int
    window_s: int


LOGIN_RATE: Final = Rate("failed log-ins", 10, 600)
"""A person who forgot a password tries five times; guessing gets 1,440 a day and address."""

ACCOUNT_RATE: Final = Rate("tries to make an account", 10, 3_600)
"""A class in one room may register together; a script may not fill the table."""

SPACE_RATE: Final = Rate("new spaces", 60, 3_600)
"""One a minute: an organiser who copies a programme in by hand is slower."""

OFFER_RATE: Final = Rate("connections to a stage", 120, 60)
"""Thirteen speakers behind one address who all reconnect some times in a minute."""

UPLOAD_RATE: Final = Rate("files", 30, 3_600)
"""A host tries some pieces of music, thirteen speakers of one office give their pictures."""


class Limiter:
    """Counts tries of one kind by address, in fixed windows that start with the first try."""

    def __init__(self, rate: Rate, salt: bytes, addresses_max: int = ADDRESSES_MAX) -> None:
        self._rate = rate
        self._salt = salt
        self._addresses_max = addresses_max
        self._rows: OrderedDict[bytes, tuple[int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, address: str, now_mono_ns: int) -> None:
        """Count one try; TooOftenError once the window's tries are used up."""
        key = self._key(address)
        started, tries = self._rows.get(key, (now_mono_ns, 0))
        window_ns = self._rate.window_s * NS_PER_S
        if now_mono_ns - started >= window_ns:
            started, tries = now_mono_ns, 0
        if tries >= self._rate.tries_max:
            wait_s = -(-(started + window_ns - now_mono_ns) // NS_PER_S)
            raise TooOftenError(self._rate.what, wait_s)
        self._rows[key] = (started, tries + 1)
        self._rows.move_to_end(key)
        while len(self._rows) > self._addresses_max:
            self._rows.popitem(last=False)

    def give_back(self, address: str) -> None:
        """Forget the latest try: it succeeded."""
        key = self._key(address)
        row = self._rows.get(key)
        if row is not None and row[1] > 0:
            self._rows[key] = (row[0], row[1] - 1)

    def _key(self, address: str) -> bytes:
        network = network_of(address).encode()
        return hmac.digest(self._salt, network, "sha256")[:_KEY_BYTES]


def network_of(address: str) -> str:
    """What counts as one address: IPv4 whole (mapped into IPv6 too), IPv6 by its /64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004 - the name of the protocol
        return str(parsed)
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return str(ipaddress.ip_network((int(parsed), IPV6_PREFIX_BITS), strict=False))
