"""Who may do what at a studio's door: the desk's calls, checked by ticket."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rostra.app.studio_space import StudioSpace
from rostra.domain.errors import HouseError, PeerError
from rostra.domain.space import Cause, Role
from rostra.stage.bans import Marks, mark_of
from rostra.stage.places import Arrival, photo_of
from rostra.wire.messages import Answer, Claim, Command, Done, Offer, Refusal, pack, read_call
from rostra.wire.tickets import Ticket, TicketKind, sign, verify

RESUME_FOR_S: Final = 6 * 3_600
"""A resume ticket outlives any evening; a removed person is refused by name all the same."""

UNAVAILABLE: Final = 503
"""The HTTP status of what is our fault and may go better in a moment (RFC 9110, 15.6.4)."""

_MAY_JOIN: Final = frozenset({TicketKind.HOST, TicketKind.SPEAKER, TicketKind.RESUME})
_MAY_COMMAND: Final = frozenset({TicketKind.HOST, TicketKind.OPERATOR})

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Keys:
    """Whom the studio believes, and what it signs with."""

    desk: Ed25519PublicKey
    own: Ed25519PrivateKey


class Door:
    """Answers the desk's calls for one space."""

    def __init__(
        self,
        space: StudioSpace,
        keys: Keys,
        now_utc_s: Callable[[], int],
        fresh_id: Callable[[], str],
    ) -> None:
        self._space = space
        self._keys = keys
        self._now = now_utc_s
        self._fresh_id = fresh_id

    async def answer(self, payload: bytes) -> bytes:
        """Carry out one call; every outcome is an answer."""
        try:
            call = read_call(payload)
            if isinstance(call, Offer):
                return pack(await self._offer(call))
            if isinstance(call, Claim):
                return pack(await self._claim(call))
            return pack(self._command(call))
        except PeerError as error:
            return pack(Refusal(error.status, error.sentence))
        except HouseError as error:
            _LOG.warning("a call is put off", space=self._space.space.id, reason=error.sentence)
            return pack(Refusal(UNAVAILABLE, error.sentence))
        except Exception:  # noqa: BLE001 - one broken call must not end the door
            _LOG.exception("a call failed", space=self._space.space.id)
            return pack(Refusal(500, "The studio could not do that. Its log says why."))

    async def _offer(self, offer: Offer) -> Answer:
        ticket = self._checked(offer.ticket, _MAY_JOIN)
        participant, role = self._who(ticket)
        back = ticket.kind is TicketKind.RESUME
        link, listener = (ticket.link, ticket.listener) if back else (ticket.subject, "")
        arrival = Arrival(
            _marks(offer, link, listener),
            photo_of(offer.photo),
            returning=back,
            language=offer.language,
        )
        return await self._join(offer, participant, offer.name or ticket.name, role, arrival)

    async def _join(
        self, offer: Offer | Claim, participant: str, name: str, role: Role, arrival: Arrival
    ) -> Answer:
        """Have the stage answer, with a ticket that brings the participant back."""
        back = Ticket(
            kind=TicketKind.RESUME,
            space=self._space.space.id,
            subject=participant,
            expires_utc_s=self._now() + RESUME_FOR_S,
            name=name,
            role=role.value,
            link=arrival.marks.link,
            listener=arrival.marks.listener,
        )
        resume = sign(back, self._keys.own)
        sdp = await self._space.join(participant, name, role, offer.sdp, resume, arrival=arrival)
        return Answer(sdp=sdp, participant=participant, resume=resume)

    def _who(self, ticket: Ticket) -> tuple[str, Role]:
        """A link makes a new participant; a resume ticket is one already."""
        if ticket.kind is TicketKind.RESUME:
            return ticket.subject, Role(ticket.role)
        return self._fresh_id(), Role.HOST if ticket.kind is TicketKind.HOST else Role.SPEAKER

    async def _claim(self, claim: Claim) -> Answer:
        """A listener with the secret of an invitation comes on stage, once."""
        floor = self._space.floor
        invited = floor.invitations.begin(claim.secret, self._space.now())
        try:
            hand = floor.queue.hand(invited) if invited in floor.queue else None
            listener = (hand.listener if hand else "") or floor.invitations.listener(invited)
            arrival = Arrival(
                _marks(claim, "", mark_of("listener", listener)),
                photo_of(claim.photo),
                called=True,
                language=claim.language,
            )
            name = claim.name or (hand.name if hand else "")
            answer = await self._join(claim, self._fresh_id(), name, Role.SPEAKER, arrival)
        except BaseException:
            floor.invitations.failed(invited)
            raise
        floor.invitations.done(invited)
        floor.queue.take_down(invited)
        return answer

    def _command(self, command: Command) -> Done:
        ticket = self._checked(command.ticket, _MAY_COMMAND)
        cause = Cause.OPERATOR if ticket.kind is TicketKind.OPERATOR else Cause.HOST
        return Done(self._space.command(command.action, cause).value)

    def _checked(self, word: str, kinds: frozenset[TicketKind]) -> Ticket:
        """Only the studio itself signs resume tickets, only the desk signs the others."""
        keys = (self._keys.desk, self._keys.own.public_key())
        ticket = verify(word, keys, self._now(), self._space.space.id, kinds)
        signer = keys[1] if ticket.kind is TicketKind.RESUME else keys[0]
        return verify(word, (signer,), self._now(), self._space.space.id, kinds)


def _marks(offer: Offer | Claim, link: str, listener: str) -> Marks:
    """What whoever offers is known by, should they be banned."""
    account, device = mark_of("account", offer.account), mark_of("device", offer.device)
    return Marks(link, account, device, listener)
