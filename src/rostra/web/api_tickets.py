"""The route that signs listening tickets: for houses that ask for them, for reserved doors."""

from typing import Final

from fastapi import APIRouter, Request

from rostra.domain.errors import HouseError
from rostra.web import views
from rostra.web.caller import CallerHere
from rostra.web.deps import DepsHere
from rostra.web.schemas import ListeningPass, NewPass
from rostra.wire.listening import ListeningTicket, sign

S_PER_HOUR: Final = 3_600
US_PER_S: Final = 1_000_000

router = APIRouter(tags=["spaces"])


@router.post("/spaces/{space_id}/tickets", status_code=201)
async def make_ticket(
    space_id: str, body: NewPass, request: Request, caller: CallerHere, deps: DepsHere
) -> ListeningPass:
    """Sign a listening ticket: edges check it by themselves, and nobody can call it back."""
    space = await views.space_of(deps, space_id)
    caller.cause_for(space)
    key = deps.outside.listening_key
    if not key:
        sentence = "This desk has no key for tickets. Restore secrets/listening.key."
        raise HouseError(sentence)
    expires_utc_s = deps.now_utc_us // US_PER_S + body.hours * S_PER_HOUR
    word = sign(ListeningTicket(body.role, space.id, expires_utc_s), key)
    page = deps.links.listen(deps.links.origin_of(request), space.id)
    return ListeningPass(ticket=word, url=f"{page}?ticket={word}", expires_utc_s=expires_utc_s)
