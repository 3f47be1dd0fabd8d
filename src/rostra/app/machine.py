"""The machine's clocks and chance, read in one place."""

import secrets
import time

from rostra.domain.ports import Moment

NS_PER_US = 1_000
ID_BYTES = 8
"""64 bits: no two participants, runs or edges of a house ever meet."""


class MachineClock:
    """`domain.ports.Clock` on this machine."""

    def now(self) -> Moment:
        """Read the monotonic clock and UTC."""
        return Moment(mono_ns=time.monotonic_ns(), utc_us=time.time_ns() // NS_PER_US)


def fresh_id() -> str:
    """A new identifier: lower-case hexadecimal, fit for a path and a NATS subject."""
    return secrets.token_hex(ID_BYTES)
