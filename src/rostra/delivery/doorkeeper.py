"""Who may hear: an edge checks a listening ticket by itself, before it allocates anything."""

from dataclasses import dataclass
from typing import Final

from rostra.delivery.query import argument
from rostra.delivery.refusals import Code, RefusedError
from rostra.wire.listening import RESERVED, Fault, ListeningTicketError, verify

TICKET: Final = b"ticket"
"""The query's argument."""


@dataclass(frozen=True, slots=True, repr=False)
class Doorkeeper:
    """The house's rule on listening tickets; by default the house is open.

    `key` is None where the edge has none: then nobody has a reserved door.
    """

    key: bytes | None = None
    required: bool = False

    def reserved(self, target: bytes, space: str, now_utc_s: int) -> bool:
        """Whether a reserved door is open to who asks for `target` of this space.

        Raises RefusedError (`ticket`) where the house requires a ticket and `target` has none that
        is good. An open house does not look at a listener's: an old one keeps nobody out.
        """
        word = argument(target, TICKET)
        if self.key is None or not (word or self.required):
            if self.required:
                raise RefusedError(Code.TICKET, Fault.MISSING)
            return False
        try:
            return verify(word, self.key, now_utc_s, space).role in RESERVED
        except ListeningTicketError as error:
            if self.required:
                raise RefusedError(Code.TICKET, error.fault) from error
            return False


OPEN_HOUSE: Final = Doorkeeper()
"""Anybody may hear, and nobody has a reserved door."""
