"""The addresses that the desk hands out: a listener's, a host's, a speaker's."""

import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request

from rostra.domain.ports import Clock
from rostra.domain.schedule import PlannedSpace
from rostra.wire.tickets import Ticket, TicketError, TicketKind, peek_space, sign, verify

LINK_LIFE_S: Final = 7 * 86_400
"""A link works until a week after T0: a postponed evening keeps its links."""

COMMAND_LIFE_S: Final = 60
"""A command's ticket lives as long as its way to the studio may take, clocks apart included."""

US_PER_S: Final = 1_000_000
LINK_KINDS: Final = frozenset({TicketKind.HOST, TicketKind.SPEAKER})
_PATHS: Final = {TicketKind.HOST: "host", TicketKind.SPEAKER: "join"}
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Links:
    """Signs and reads links.

    `origin` is the configured one. With `origin_fixed` (a domain is set) it is the only one;
    else a request that came through the front door is answered with the address it used, so
    that a link made on a phone at home leads back to where the phone found the house.
    """

    key: Ed25519PrivateKey
    clock: Clock
    origin: str
    origin_fixed: bool

    def origin_of(self, request: Request) -> str:
        """The address of this house as the asker knows it."""
        host = request.headers.get("x-forwarded-host", "")
        if self.origin_fixed or not _HOST.fullmatch(host):
            return self.origin
        return f"{request.url.scheme}://{host}"

    def listen(self, origin: str, space_id: str) -> str:
        """The listener's page of a space: one address for ever."""
        return f"{origin}/s/{space_id}"

    def link(
        self, origin: str, space: PlannedSpace, kind: TicketKind, subject: str, name: str = ""
    ) -> str:
        """A host's or speaker's link; the same `subject` and name give the same link."""
        expires = self._link_end(space)
        ticket = Ticket(kind, space.id, subject, expires, name)
        return f"{origin}/{_PATHS[kind]}/{sign(ticket, self.key)}"

    def command_ticket(self, space_id: str, kind: TicketKind, subject: str) -> str:
        """A ticket for one command, valid for a minute."""
        expires = self.clock.now().utc_us // US_PER_S + COMMAND_LIFE_S
        return sign(Ticket(kind, space_id, subject, expires), self.key)

    def read(self, word: str) -> Ticket:
        """The ticket of a link, verified; TicketError with a sentence otherwise."""
        ticket = verify(
            word,
            (self.key.public_key(),),
            self.clock.now().utc_us // US_PER_S,
            peek_space(word),
            LINK_KINDS,
        )
        if not ticket.space:
            sentence = "This link leads to no space. Ask the host for a new one."
            raise TicketError(sentence)
        return ticket

    def _link_end(self, space: PlannedSpace) -> int:
        return max(space.t0_utc_us, space.created_utc_us) // US_PER_S + LINK_LIFE_S
