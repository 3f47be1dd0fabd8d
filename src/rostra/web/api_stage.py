"""Routes of the stage: what a link permits, and a speaker's offer on its way to the studio."""

from fastapi import APIRouter, Request

from rostra.domain.language import preferred
from rostra.domain.limits import SDP_BYTES_MAX
from rostra.domain.schedule import checked_hosts
from rostra.web import views
from rostra.web.caller import Caller, CallerHere
from rostra.web.deps import DepsHere, address_of
from rostra.web.errors import FieldError, field
from rostra.web.schemas import StageAnswer, StageClaim, StageOffer, TicketView
from rostra.web.times import iso
from rostra.wire.messages import Answer, Claim, Offer
from rostra.wire.tickets import TicketError, TicketKind, peek_space

router = APIRouter(tags=["stage"])


@router.get("/tickets/{ticket}")
async def read_ticket(ticket: str, request: Request, deps: DepsHere) -> TicketView:
    """What a host's or speaker's link permits, for its page."""
    read = deps.links.read(ticket)
    space = await views.space_of(deps, read.space)
    told = deps.board.live(space.id)
    origin = deps.links.origin_of(request)
    closed = told is not None and read.subject in told.floor.closed_links
    hosts = read.kind is TicketKind.HOST and not closed  # a banned host passes nothing on
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
async def offer(
    space_id: str, body: StageOffer, request: Request, caller: CallerHere, deps: DepsHere
) -> StageAnswer:
    """Connect to a stage: the offer goes to the studio, which checks the ticket and answers.

    The ticket is a link's, or the resume ticket of an earlier answer.
    """
    deps.limiters.offer.take(address_of(request), deps.now_mono_ns)
    with field("ticket"):
        if peek_space(body.ticket) != space_id:
            sentence = "This link is for another space. Open it as you received it."
            raise TicketError(sentence)
    name = _checked(body)
    space = await views.space_of(deps, space_id)
    offered = Offer(body.ticket, body.sdp, name, *_known(body, caller, request))
    return _view(await deps.studios.offer(space.id, offered))


@router.post("/spaces/{space_id}/claim")
async def claim(
    space_id: str, body: StageClaim, request: Request, caller: CallerHere, deps: DepsHere
) -> StageAnswer:
    """Take an invitation to the stage: once, within its minute, with the secret that it is for.

    403 for a secret that nobody is invited by or that was used, 410 when its time is over.
    """
    deps.limiters.offer.take(address_of(request), deps.now_mono_ns)
    name = _checked(body)
    space = await views.space_of(deps, space_id)
    offered = Claim(body.secret, body.sdp, name, *_known(body, caller, request))
    return _view(await deps.studios.offer(space.id, offered))


def _view(answer: Answer) -> StageAnswer:
    return StageAnswer(sdp=answer.sdp, participant=answer.participant, resume=answer.resume)


def _known(
    body: StageOffer | StageClaim, caller: Caller, request: Request
) -> tuple[str, str, str, str]:
    """Device, account, photograph and language, as an offer carries them."""
    account = "" if caller.account is None else caller.account.id
    return body.device, account, body.photo, preferred(request.headers.get("accept-language", ""))


def _checked(body: StageOffer | StageClaim) -> str:
    """The name, tidied; FieldError for an offer that can be none."""
    with field("name"):
        name = checked_hosts((body.name,))[0] if body.name.strip() else ""
    if len(body.sdp.encode("utf-8", "replace")) > SDP_BYTES_MAX:
        sentence = f"The offer exceeds {SDP_BYTES_MAX} bytes. Offer one audio track."
        raise FieldError(sentence, 413, "sdp")
    if not body.sdp.startswith("v=0"):
        sentence = "The offer is not SDP (RFC 8866). Send what the browser's createOffer gave."
        raise FieldError(sentence, 422, "sdp")
    return name
