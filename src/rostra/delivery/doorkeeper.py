"""Who may hear: an edge checks a listening ticket by itself, before it allocates anything."""

import re
from dataclasses import dataclass
from typing import Final

from rostra.delivery.answers import NEVER, Answer
from rostra.delivery.query import argument
from rostra.delivery.refusals import Code, RefusedError
from rostra.wire.listening import RESERVED, Fault, ListeningTicketError, verify

TICKET: Final = b"ticket"
"""The query's argument."""

_OK: Final = 200
_MEDIA_URI: Final = re.compile(
    rb'(?:^|(?<=URI="))[^#"\r\n]+\.m3u8(?P<query>\?[^"\r\n]*)?(?=[\r\n"])', re.MULTILINE
)
"""A playlist's address on a line of its own or in a tag (RFC 8216, sections 4.1 and 4.3.4)."""


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

    def master(self, answer: Answer, target: bytes) -> Answer:
        """A master playlist whose media playlists are named with the ticket of `target`.

        A player sends nothing else along.
        """
        if not self.required or answer.status != _OK:
            return answer
        word = TICKET + b"=" + argument(target, TICKET).encode()
        body = _MEDIA_URI.sub(
            lambda found: found[0] + (b"&" if found["query"] else b"?") + word, answer.body
        )
        return Answer(_OK, body, {**answer.headers, "Cache-Control": NEVER})

    def playlist(self, answer: Answer) -> Answer:
        """A media playlist: in a house with tickets for its reader alone, and no cache."""
        if not self.required:
            return answer
        return Answer(answer.status, answer.body, {**answer.headers, "Cache-Control": NEVER})


OPEN_HOUSE: Final = Doorkeeper()
"""Anybody may hear, and nobody has a reserved door."""
