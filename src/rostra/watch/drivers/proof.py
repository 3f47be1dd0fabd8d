"""Proof of work by ALTCHA: gives challenges in a flood, and checks what comes back, once each.

Scheme: https://altcha.org (its library of version 2). The solver derives keys by PBKDF2 with
SHA-256 for one counter after another until one begins as the challenge says; the server has
derived that one key before, so that to check a solution costs it an HMAC and no derivation.
"""

import secrets
import time
from collections import OrderedDict
from typing import Any, Final

import altcha

ALGORITHM: Final = "PBKDF2/SHA-256"
COST: Final = 1_000
"""Rounds of a derivation: some 0.4 ms natively, some 0.8 ms by a browser's WebCrypto."""

COUNTER_MIN: Final = 500
COUNTER_MAX: Final = 1_500
"""Derivations that a challenge takes, evenly spread: 0.4 to 1.2 s in Node's WebCrypto on one core
of the machine of `docs/benchmarks`; a phone takes some three times as long, in the background."""

LIFE_S: Final = 300
"""A challenge is good for as long as somebody fills in a form."""

KEY_LIFE_S: Final = 600
"""Then the key changes; the one before is kept for the challenges that are under way."""

USED_MAX: Final = 100_000
"""Solutions remembered until their challenge is over, some 15 MB: 333 a second. Beyond it no
solution is accepted, since one could be a second time."""

_BYTES: Final = 32


class Proofs:
    """The keys of one process: challenges die with it, and with them the list of those used."""

    def __init__(self) -> None:
        self._keys: list[tuple[float, str, str]] = []
        self._used: OrderedDict[str, float] = OrderedDict()

    def challenge(self, component: str) -> dict[str, Any]:
        """A fresh challenge for one component, as ALTCHA's libraries read it."""
        _, key, key_of_keys = self._key()
        made = altcha.create_challenge(
            ALGORITHM,
            COST,
            counter=COUNTER_MIN + secrets.randbelow(COUNTER_MAX - COUNTER_MIN + 1),
            expires_at=int(time.time()) + LIFE_S,
            data={"component": component},
            hmac_secret=key,
            hmac_key_secret=key_of_keys,
        )
        return dict(made.to_dict())

    def accepts(self, proof: str, component: str) -> bool:
        """Whether this is a solution of a challenge of ours, for this component, and unused."""
        try:
            payload = altcha.Payload.from_base64(proof)
            given = payload.challenge.parameters
            name = f"{given.nonce}{given.salt}"
            bound = dict(given.data or {}).get("component") == component
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        self._forget()
        if not bound or name in self._used or len(self._used) >= USED_MAX:
            return False
        if not any(_solved(payload, key) for key in self._keys):
            return False
        self._used[name] = time.monotonic() + LIFE_S
        return True

    def _key(self) -> tuple[float, str, str]:
        now = time.monotonic()
        self._keys = [one for one in self._keys if now - one[0] < KEY_LIFE_S + LIFE_S]
        if not self._keys or now - self._keys[-1][0] >= KEY_LIFE_S:
            self._keys.append((now, secrets.token_hex(_BYTES), secrets.token_hex(_BYTES)))
        return self._keys[-1]

    def _forget(self) -> None:
        now = time.monotonic()
        while self._used and next(iter(self._used.values())) < now:
            self._used.popitem(last=False)


def _solved(payload: altcha.Payload, key: tuple[float, str, str]) -> bool:
    try:
        found = altcha.verify_solution(payload, key[1], hmac_key_secret=key[2])
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        return False
    # Without the signature of the key the library would derive one at the peer's word.
    return found.verified and bool(payload.challenge.parameters.key_signature)
