import pytest

from rostra.delivery.cutting import Form
from rostra.delivery.paths import DIGITS_MAX, TARGET_BYTES_MAX, Kind, Route, parse
from rostra.delivery.refusals import Code, RefusedError
from rostra.domain.limits import SPACE_ID_CHARS_MAX
from rostra.domain.media import Codec

GOOD = {
    b"/s/hall": Route(Kind.PAGE, "hall"),
    b"/s/hall/": Route(Kind.PAGE, "hall"),
    b"/s/hall?x=1/../": Route(Kind.PAGE, "hall"),
    b"/s/hall/card.png": Route(Kind.CARD, "hall"),
    b"/live/hall/photos/photo-" + b"0a" * 32: Route(Kind.PHOTO, "hall", name="photo-" + "0a" * 32),
    b"/assets/listen-Ab_3.js": Route(Kind.ASSET, name="listen-Ab_3.js"),
    b"/live/edges.json": Route(Kind.EDGES),
    b"/healthz": Route(Kind.HEALTH),
    b"/live/hall/push.mp4": Route(Kind.STREAM, "hall", form=Form.PUSH),
    b"/live/hall/push-opus.mp4?l=x": Route(Kind.STREAM, "hall", form=Form.OPUS),
    b"/live/hall/stream.aac": Route(Kind.STREAM, "hall", form=Form.AAC),
    b"/live/hall/stream.mp3?t=1": Route(Kind.STREAM, "hall", form=Form.MP3),
    b"/live/hall/master.m3u8": Route(Kind.MASTER, "hall", name="master.m3u8"),
    b"/live/hall/state.json": Route(Kind.STATE, "hall", name="state.json"),
    b"/live/hall/reactions": Route(Kind.VOICE, "hall", name="reactions"),
    b"/live/hall/r1/aac/audio.m3u8": Route(Kind.PLAYLIST, "hall", "r1"),
    b"/live/hall/r1/aac/init.mp4": Route(Kind.INIT, "hall", "r1"),
    b"http://elsewhere:80/s/hall?x=http://y": Route(Kind.PAGE, "hall"),
    b"HTTPS://elsewhere/live/edges.json": Route(Kind.EDGES),
    b"/live/hall/r1/aac/seg-0.m4s": Route(Kind.SEGMENT, "hall", "r1", number=0),
    b"/live/hall/r1/opus/seg-7.m4s": Route(Kind.SEGMENT, "hall", "r1", number=7, codec=Codec.OPUS),
    b"/live/hall/r1/aac/part-7-0.m4s?l=x": Route(Kind.PART, "hall", "r1", number=7, part=0),
    b"/live/hall/r1/aac/fill-edge-1-42.m4s": Route(
        Kind.FILL, "hall", "r1", number=42, edge="edge-1"
    ),
    b"/live/hall/r1/aac/fillpart-edge-1-42-5.m4s": Route(
        Kind.FILL_PART, "hall", "r1", number=42, part=5, edge="edge-1"
    ),
    b"/live/hall/r1/aac/fill-edge-1-42-5.m4s": Route(
        Kind.FILL, "hall", "r1", number=5, edge="edge-1-42"
    ),
}


@pytest.mark.parametrize("target", GOOD)
def test_every_address_has_its_route(target: bytes) -> None:
    assert parse(target) == GOOD[target]


@pytest.mark.parametrize(
    "target",
    [
        b"",
        b"/",
        b"/s/",
        b"/s/a.b",
        b"/s/" + b"x" * (SPACE_ID_CHARS_MAX + 1),
        b"/assets/../secrets",
        b"/live/hall/photos/photo-" + b"0A" * 32,
        b"/live/hall/photos/hold-" + b"0a" * 32,
        b"/assets/.env",
        b"/live/hall/r1/aac/seg-01.m4s",
        b"/live/hall/r1/aac/seg--1.m4s",
        b"/live/hall/r1/aac/seg-" + b"1" * (DIGITS_MAX + 1) + b".m4s",
        b"/live/hall/r1/mp3/seg-1.m4s",
        b"/live/hall/r1/aac/seg-1-0.m4s",
        b"/live/hall/r1/aac/part-1.m4s",
        b"/live/hall/r1/aac/part-1-6.m4s",
        b"/live/hall/r1/aac/part-1-00.m4s",
        b"/live/hall/r1/aac/fillpart-1-2.m4s",
        b"/live/%68all/push.mp4",
        b"/s/hall\n",
        b"http://elsewhere",
        b"http:///s/hall/x",
        b"ftp://elsewhere/s/hall",
        "/s/h\u00e4ll".encode(),
    ],
)
def test_everything_else_is_nothing(target: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        parse(target)
    assert (caught.value.code, caught.value.status) == (Code.NOTHING_HERE, 404)


def test_a_very_long_address_is_refused_before_it_is_looked_at() -> None:
    parse(b"/s/hall?" + b"x" * (TARGET_BYTES_MAX - 8))
    with pytest.raises(RefusedError) as caught:
        parse(b"/s/hall?" + b"x" * (TARGET_BYTES_MAX - 7))
    assert caught.value.status == 414
