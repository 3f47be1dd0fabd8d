"""Which photographs an edge fetches, shows and takes down."""

import msgspec
import pytest
from tests.fakes.backbone import FakeBackbone
from tests.fakes.grid_messages import state

from rostra.app.edge_photos import Photos
from rostra.delivery.photos import PHOTOS_MAX, Gallery
from rostra.delivery.refusals import RefusedError
from rostra.domain.errors import HouseError
from rostra.domain.space import State
from rostra.wire.photos import PHOTO_BYTES_MAX, is_photo, photo_name
from rostra.wire.states import OnStage, SpaceState

JPEG = b"\xff\xd8\xff" + bytes(500)
ADA, BEN = photo_name("a" * 64), photo_name("b" * 64)


class Away(FakeBackbone):
    """A backbone that cannot be reached."""

    async def get_object(self, name: str) -> bytes | None:
        raise HouseError(name)


def on_stage(*photos: str, now: State = State.LIVE) -> SpaceState:
    people = tuple(
        OnStage(id=str(at), name="Ada", role="speaker", muted=False, here=True, photo=photo)
        for at, photo in enumerate(photos)
    )
    return msgspec.structs.replace(state(now), stage=people)


class Wall:
    """An edge's photographs, and what came out of them."""

    def __init__(self) -> None:
        self.backbone = FakeBackbone()
        self.shown: dict[str, bytes] = {}
        self.photos = Photos(self._out)

    def _out(self, name: str, data: bytes | None) -> None:
        if data is None:
            del self.shown[name]
        else:
            self.shown[name] = data


async def test_who_is_on_stage_is_shown_until_they_leave() -> None:
    wall = Wall()
    for name in (ADA, BEN):
        await wall.backbone.put_object(name, JPEG)
    wall.photos.lives("hall", on_stage(ADA, BEN, ""))
    assert await wall.photos.look(wall.backbone)
    assert wall.shown == {ADA: JPEG, BEN: JPEG}
    wall.photos.lives("tea", on_stage(BEN))
    wall.photos.lives("hall", on_stage(ADA))
    assert await wall.photos.look(wall.backbone)
    assert set(wall.shown) == {ADA, BEN}, "another stage has it still"
    wall.photos.lives("tea", on_stage(BEN, now=State.ENDED))
    assert await wall.photos.look(wall.backbone)
    assert set(wall.shown) == {ADA}


async def test_what_is_not_there_is_asked_for_again_and_what_is_no_photograph_is_not() -> None:
    wall = Wall()
    wall.photos.lives("hall", on_stage(ADA, "../secret", "hold-a"))
    assert not await wall.photos.look(wall.backbone)
    assert not await wall.photos.look(Away())
    await wall.backbone.put_object(ADA, b"<svg onload=alert(1)>")
    assert await wall.photos.look(wall.backbone)
    await wall.backbone.put_object(ADA, JPEG)
    assert await wall.photos.look(wall.backbone)
    assert wall.shown == {}
    assert is_photo(JPEG.ljust(PHOTO_BYTES_MAX))
    assert not is_photo(JPEG.ljust(PHOTO_BYTES_MAX + 1))


async def test_an_edge_keeps_so_many() -> None:
    wall = Wall()
    names = [photo_name(f"{at:064x}") for at in range(PHOTOS_MAX + 1)]
    for name in names:
        await wall.backbone.put_object(name, JPEG)
    wall.photos.lives("hall", on_stage(*names))
    assert await wall.photos.look(wall.backbone)
    assert len(wall.shown) == PHOTOS_MAX


def test_a_gallery_shows_keeps_so_many_and_refuses_the_others() -> None:
    gallery = Gallery()
    for at in range(PHOTOS_MAX + 1):
        gallery.hang(photo_name(f"{at:064x}"), JPEG)
    shown = gallery.answer(photo_name(f"{PHOTOS_MAX:064x}"))
    assert (shown.status, shown.body, shown.headers["Content-Type"]) == (200, JPEG, "image/jpeg")
    assert "immutable" in shown.headers["Cache-Control"]
    for name in (photo_name(f"{0:064x}"), ADA):
        with pytest.raises(RefusedError):
            gallery.answer(name)
    gallery.take_down(photo_name(f"{PHOTOS_MAX:064x}"))
    with pytest.raises(RefusedError):
        gallery.answer(photo_name(f"{PHOTOS_MAX:064x}"))
