"""Routes of the stage: what a link permits, and a speaker's offer on its way to the studio."""

from fastapi import APIRouter, Request

from rostra.domain.limits import SDP_BYTES_MAX
from rostra.domain.schedule import checked_hosts
from rostra.web import views
from rostra.web.deps import DepsHere, address_of
from rostra.web.errors import FieldError, field
from rostra.web.schemas import StageAnswer, StageOffer, TicketView
from rostra.web.times import iso
from rostra.wire.messages import Offer
from rostra.wire.tickets import TicketError, TicketKind, peek_space

router = APIRouter(tags=["stage"])


@router.get("/tickets/{ticket}")
async def read_ticket(ticket: str, request: Request, deps: DepsHere) -> TicketView:
    """What a host's or speaker's link permits, for its page."""
    read = deps.links.read(ticket)
    space = await views.space_of(deps, read.space)
    told = deps.board.live(space.id)
    origin = deps.links.origin_of(request)
    hosts = read.kind is TicketKind.HOST
    return TicketView(
        space=space.id,
        role=read.kind.value,
        name=read.name,
        title=space.title,
        state=deps.board.state(space).value,
        t0_utc=iso(space.t0_utc_us if told is None else told.t0_utc_us),
        ice_servers=list(deps.outside.ice_servers),
        listen_url=deps.links.listen(origin, space.id),
        speaker_url=views.speaker_url(deps, origin, space) if hosts else "",
    )


@router.post("/spaces/{space_id}/stage")
async def offer(space_id: str, body: StageOffer, request: Request, deps: DepsHere) -> StageAnswer:
    """Connect to a stage: the offer goes to the studio, which checks the ticket and answers.

    The ticket is a link's, or the resume ticket of an earlier answer.
    """
    deps.limiters.offer.take(address_of(request), deps.now_mono_ns)
    _must_fit(space_id, body)
    with field("name"):
        name = checked_hosts((body.name,))[0] if body.name.strip() else ""
    space = await views.space_of(deps, space_id)
    answer = await deps.studios.offer(space.id, Offer(body.ticket, body.sdp, name))
    return StageAnswer(sdp=answer.sdp, participant=answer.participant, resume=answer.resume)


def _must_fit(space_id: str, body: StageOffer) -> None:
    with field("ticket"):
        if peek_space(body.ticket) != space_id:
            sentence = "This link is for another space. Open it as you received it."
            raise TicketError(sentence)
    if len(body.sdp.encode("utf-8", "replace")) > SDP_BYTES_MAX:
        sentence = f"The offer exceeds {SDP_BYTES_MAX} bytes. Offer one audio track."
        raise FieldError(sentence, 413, "sdp")
    if not body.sdp.startswith("v=0"):
        sentence = "The offer is not SDP (RFC 8866). Send what the browser's createOffer gave."
        raise FieldError(sentence, 422, "sdp")
