"""Routes for files: hold audio and announcements of a space, and speakers' photographs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal, get_args

from fastapi import APIRouter, Depends, Request
from starlette.requests import ClientDisconnect

from rostra.domain.errors import ForbiddenError, PeerError
from rostra.domain.schedule import PlannedSpace
from rostra.web import views
from rostra.web.caller import Caller, UnknownCallerError, caller_of
from rostra.web.deps import Deps, DepsHere, address_of
from rostra.web.ports import Made
from rostra.web.schemas import HoldMade, PhotoMade
from rostra.web.workers import BusyError
from rostra.wire.tickets import Ticket, TicketKind

SOUND_BYTES_MAX: Final = 32 * 1024 * 1024
"""Three minutes of CD-quality WAV; the front door lets a little more through."""

PHOTO_BYTES_MAX: Final = 16 * 1024 * 1024
"""A phone's picture has 3 to 12 MB."""

UPLOAD_S_MAX: Final = 120.0
"""For a file's way: 32 MB at 2.5 Mbit/s."""

Which = Literal["welcome", "late", "break"]

router = APIRouter(tags=["uploads"])


async def ticket_of(request: Request, deps: DepsHere) -> Ticket | None:
    """The link's ticket that came as `Authorization: Ticket …`, verified; None without one."""
    scheme, _, word = request.headers.get("authorization", "").partition(" ")
    return deps.links.read(word.strip()) if scheme.lower() == "ticket" else None


TicketHere = Annotated[Ticket | None, Depends(ticket_of)]


@router.post("/spaces/{space_id}/hold", status_code=201)
async def upload_hold(
    space_id: str, request: Request, ticket: TicketHere, deps: DepsHere
) -> HoldMade:
    """Give a space its own hold audio: the body is a sound file of up to 32 MB.

    What is longer than a minute is cut; loudness is matched to the programme's.
    """
    space = await _hosted(space_id, request, ticket, deps)
    made = await _made(request, deps, SOUND_BYTES_MAX, "hold")
    await _furnish(space, {"hold": made.name}, deps)
    return HoldMade(seconds=made.seconds, lufs=made.lufs, cut=made.cut)


@router.post("/spaces/{space_id}/announcements/{which}", status_code=201)
async def upload_announcement(
    space_id: str, which: Which, request: Request, ticket: TicketHere, deps: DepsHere
) -> HoldMade:
    """Say an announcement in one's own voice: the body is a sound file of up to 30 seconds."""
    space = await _hosted(space_id, request, ticket, deps)
    made = await _made(request, deps, SOUND_BYTES_MAX, "announcement")
    await _furnish(space, {which: made.name}, deps)
    return HoldMade(seconds=made.seconds, lufs=made.lufs, cut=made.cut)


@router.delete("/spaces/{space_id}/hold", status_code=204)
async def drop_hold(space_id: str, request: Request, ticket: TicketHere, deps: DepsHere) -> None:
    """Go back to the house's own hold audio and announcements."""
    space = await _hosted(space_id, request, ticket, deps)
    await _furnish(space, dict.fromkeys(("hold", *get_args(Which)), ""), deps)


@router.post("/spaces/{space_id}/photo", status_code=201)
async def upload_photo(
    space_id: str, request: Request, ticket: TicketHere, deps: DepsHere
) -> PhotoMade:
    """Give a photograph for the stage: the body is a JPEG, PNG or WebP of up to 16 MB.

    Its name goes into the offer (`photo`).
    """
    if ticket is None:
        sentence = "Send your link's ticket with the picture: Authorization: Ticket …"
        raise UnknownCallerError(sentence)
    _must_fit(ticket, space_id)
    await views.space_of(deps, space_id)
    made = await _made(request, deps, PHOTO_BYTES_MAX, "photo")
    return PhotoMade(photo=made.name)


async def _hosted(
    space_id: str, request: Request, ticket: Ticket | None, deps: Deps
) -> PlannedSpace:
    """The space, if the asker may furnish it: by a host's link, as its owner, or the operator."""
    space = await views.space_of(deps, space_id)
    if ticket is not None:
        _must_fit(ticket, space_id)
        if ticket.kind is not TicketKind.HOST:
            sentence = "Only a host's link may change what is heard before the start."
            raise ForbiddenError(sentence)
        return space
    caller: Caller = await caller_of(request, deps)
    caller.cause_for(space)
    return space


def _must_fit(ticket: Ticket, space_id: str) -> None:
    if ticket.space != space_id:
        sentence = "This link is for another space. Open it as you received it."
        raise ForbiddenError(sentence)


async def _furnish(space: PlannedSpace, names: Mapping[str, str], deps: Deps) -> None:
    changed = await deps.workers.store.run(deps.outside.spaces.furnish, space.id, names)
    if changed is not None:
        await deps.definitions.tell(changed)


async def _made(request: Request, deps: Deps, bytes_max: int, kind: str) -> Made:
    """Take the body, and make of it what it is for."""
    deps.limiters.upload.take(address_of(request), deps.now_mono_ns)
    workshop = deps.outside.workshop
    async with _place(deps), _file(request, bytes_max) as path:
        if kind == "photo":
            return await workshop.photo(path)
        return await workshop.hold(path, announcement=kind == "announcement")


@asynccontextmanager
async def _place(deps: Deps) -> AsyncIterator[None]:
    if deps.uploading.locked():
        sentence = "Others upload at this moment. Try again in a minute."
        raise BusyError(sentence)
    async with deps.uploading:
        yield


@asynccontextmanager
async def _file(request: Request, bytes_max: int) -> AsyncIterator[Path]:
    """The body in a file of its own, which is gone afterwards."""
    announced = request.headers.get("content-length", "0")
    if int(announced if announced.isdecimal() else "0") > bytes_max:
        raise _too_large(bytes_max)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "The file"  # what is wrong with it is said of this name
        try:
            async with asyncio.timeout(UPLOAD_S_MAX):
                await _take(request, path, bytes_max)
        except TimeoutError as error:
            sentence = f"The file did not come within {UPLOAD_S_MAX:.0f} s. Try a smaller one."
            raise PeerError(sentence, status=408) from error
        except ClientDisconnect as error:
            sentence = "The file did not come whole. Try again."
            raise PeerError(sentence) from error
        yield path


async def _take(request: Request, path: Path, bytes_max: int) -> None:
    taken = 0
    with path.open("wb") as file:
        async for piece in request.stream():
            taken += len(piece)
            if taken > bytes_max:
                raise _too_large(bytes_max)
            await asyncio.to_thread(file.write, piece)
    if not taken:
        sentence = "The request has no file. Send its bytes as the body."
        raise PeerError(sentence)


def _too_large(bytes_max: int) -> PeerError:
    sentence = f"The file exceeds {bytes_max // (1024 * 1024)} MB. Give a smaller one."
    return PeerError(sentence, status=413)
