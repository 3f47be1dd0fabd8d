"""Tickets at an edge: who is let in, who has a reserved door, and what a playlist passes on."""

import pytest

from rostra.delivery.answers import NEVER, PLAYLIST_CACHE, Answer
from rostra.delivery.doorkeeper import OPEN_HOUSE, Doorkeeper
from rostra.delivery.refusals import RefusedError
from rostra.wire.listening import Fault, ListeningRole, ListeningTicket, sign

KEY = b"k" * 32
NOW_S = 1_000
ASKING = Doorkeeper(KEY, required=True)
WORDS = {
    Fault.MISSING: "Only who has a ticket",
    Fault.FORGED: "not from this house",
    Fault.EXPIRED: "has expired",
    Fault.OTHER_SPACE: "for another space",
}


def target(
    role: ListeningRole = ListeningRole.LISTENER,
    space: str = "hall",
    expires_utc_s: int = NOW_S + 1,
    key: bytes = KEY,
) -> bytes:
    word = sign(ListeningTicket(role, space, expires_utc_s), key)
    return b"/live/hall/push.mp4?l=me&ticket=" + word.encode()


BAD = [
    (b"/live/hall/push.mp4", Fault.MISSING),
    (b"/live/hall/push.mp4?ticket=", Fault.MISSING),
    (b"/live/hall/push.mp4?ticket=a%2Eb", Fault.MISSING),
    (b"/live/hall/push.mp4?ticket=a.b", Fault.FORGED),
    (target(key=b"l" * 32), Fault.FORGED),
    (target() + b"x", Fault.FORGED),
    (target(expires_utc_s=NOW_S), Fault.EXPIRED),
    (target(space="east"), Fault.OTHER_SPACE),
]


@pytest.mark.parametrize(("asked", "fault"), BAD)
def test_a_house_with_tickets_says_what_is_wrong_with_one(asked: bytes, fault: Fault) -> None:
    with pytest.raises(RefusedError) as refused:
        ASKING.reserved(asked, "hall", NOW_S)
    assert refused.value.status == 403
    assert refused.value.code == "ticket"
    assert WORDS[fault] in refused.value.sentence
    assert refused.value.said("es") != refused.value.sentence


@pytest.mark.parametrize("asked", [asked for asked, _ in BAD])
def test_an_open_house_lets_in_whoever_has_a_bad_one_or_none(asked: bytes) -> None:
    assert not Doorkeeper(KEY).reserved(asked, "hall", NOW_S)


@pytest.mark.parametrize("keeper", [ASKING, Doorkeeper(KEY)])
@pytest.mark.parametrize("role", ListeningRole)
def test_hosts_recorders_and_probes_have_a_reserved_door(
    role: ListeningRole, keeper: Doorkeeper
) -> None:
    reserved = keeper.reserved(target(role), "hall", NOW_S)
    assert reserved == (role is not ListeningRole.LISTENER)


def test_without_a_key_nobody_has_a_reserved_door() -> None:
    assert not OPEN_HOUSE.reserved(target(ListeningRole.HOST), "hall", NOW_S)


def test_a_keeper_does_not_show_its_key() -> None:
    assert "kkk" not in repr(ASKING)


MASTER = (
    b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="r1/opus/audio.m3u8"\n'
    b"#EXT-X-STREAM-INF:BANDWIDTH=1\nr1/aac/audio.m3u8\n"
)


def test_a_master_playlist_passes_the_ticket_on_and_is_for_no_cache() -> None:
    answer = Answer(200, MASTER, {"Cache-Control": PLAYLIST_CACHE})
    found = ASKING.master(answer, b"/live/hall/master.m3u8?ticket=a.b")
    assert found.body == MASTER.replace(b".m3u8", b".m3u8?ticket=a.b")
    assert found.headers["Cache-Control"] == NEVER
    assert OPEN_HOUSE.master(answer, b"/live/hall/master.m3u8?ticket=a.b") is answer


def test_a_ticket_goes_beside_what_an_address_has_already() -> None:
    answer = Answer(200, b"#EXTM3U\nr1/aac/audio.m3u8?l=me\n", {})
    found = ASKING.master(answer, b"/live/hall/master.m3u8?ticket=a.b")
    assert found.body == b"#EXTM3U\nr1/aac/audio.m3u8?l=me&ticket=a.b\n"


def test_a_media_playlist_is_as_it_was_and_for_no_cache() -> None:
    body = b'#EXTM3U\n#EXT-X-RENDITION-REPORT:URI="../opus/audio.m3u8"\nseg-1.m4s\n'
    found = ASKING.playlist(Answer(200, body, {"Cache-Control": PLAYLIST_CACHE}))
    assert (found.body, found.headers["Cache-Control"]) == (body, NEVER)
    plain = Answer(200, body, {})
    assert OPEN_HOUSE.playlist(plain) is plain
