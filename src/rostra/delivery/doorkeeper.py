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
_PLAYLIST_URI: Final = re.compile(rb'(?:^|(?<=URI="))[^#"\r\n]+\.m3u8(?=[\r\n"])', re.MULTILINE)
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

    def playlist(self, answer: Answer, target: bytes) -> Answer:
        """A playlist as a house with tickets gives it: for its reader alone, and no cache.

        The ticket of `target` goes into the addresses of the playlists that it names, because a
        player sends nothing else along.
        """
        if not self.required or answer.status != _OK:
            return answer
        query = f"?{TICKET.decode()}={argument(target, TICKET)}".encode()
        body = _PLAYLIST_URI.sub(rb"\g<0>" + query, answer.body)
        return Answer(_OK, body, {**answer.headers, "Cache-Control": NEVER})


OPEN_HOUSE: Final = Doorkeeper()
"""Anybody may hear, and nobody has a reserved door."""
