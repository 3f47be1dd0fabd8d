import contextlib
import json

import pytest
from tests.fakes.forum import HALL

from rostra.app.nats_config import PAYLOAD_BYTES_MAX
from rostra.delivery.allowance import NS_PER_S
from rostra.delivery.bodies import VOICE_BYTES_MAX
from rostra.delivery.hands import HANDS_PER_ADDRESS, Source
from rostra.delivery.refusals import Code, RefusedError
from rostra.delivery.uniques import SKETCHES_PER_TALLY_MAX
from rostra.delivery.voices import (
    HANDS_PER_LISTENER,
    LISTENERS_MAX,
    REACTIONS_PER_LISTENER,
    SOURCES_MAX,
    VOICES_PER_EDGE,
    VOICES_PER_SOURCE,
    Reaction,
    Voices,
)
from rostra.domain.voices import (
    HANDS_PER_TALLY_MAX,
    LISTENER_CHARS_MAX,
    REACTIONS,
    REGISTERS,
)
from rostra.wire.messages import SpaceTally

ANN = "ann-ann-ann-ann-1"


def reaction(listener: str = ANN, kind: str = "clap") -> bytes:
    return json.dumps({"reaction": kind, "listener": listener}).encode()


def hand(listener: str = ANN, *, up: bool = True) -> bytes:
    return json.dumps({"up": up, "listener": listener}).encode()


def at(address: int, prefix: int = 0) -> Source:
    """An address in a prefix of its own, if none is said."""
    return Source(address, prefix or address)


HERE = at(0)


def refused(voices: Voices, name: str, body: bytes, source: Source = HERE, now_ns: int = 0) -> Code:
    with pytest.raises(RefusedError) as caught:
        voices.take(HALL, name, body, source, now_ns)
    return caught.value.code


def many(index: int) -> str:
    return f"listener-number-{index:08}"


def test_reactions_and_hands_are_merged_until_they_are_told() -> None:
    voices = Voices()
    for index in range(3):
        voices.take(HALL, "reactions", reaction(many(index)), HERE, 0)
    voices.take(HALL, "reactions", reaction(kind="heart"), HERE, 0)
    voices.take(HALL, "hands", hand(), HERE, 0)
    voices.take(HALL, "hands", hand(up=False), HERE, 0)
    assert voices.told("other") == ({}, {})
    assert voices.told("hall") == ({"clap": 3, "heart": 1}, {ANN: False})
    assert voices.told("hall") == ({}, {})
    assert (voices.taken["reactions"], voices.taken["hands"]) == (4, 2)


def test_every_reaction_that_there_is_can_be_sent() -> None:
    voices = Voices()
    for index, kind in enumerate(REACTIONS):
        voices.take(HALL, "reactions", reaction(many(index), kind), HERE, 0)
    assert voices.told("hall")[0] == dict.fromkeys(REACTIONS, 1)
    assert Reaction.__struct_fields__ == ("reaction", "listener")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b'{"reaction":"boo","listener":"ann-ann-ann-ann-1"}',
        b'{"reaction":"clap","listener":"short"}',
        b'{"reaction":"clap","listener":"ann ann ann ann 1"}',
        b'{"reaction":"clap","listener":"ann-ann-ann-ann-1\\n"}',
        b'{"reaction":"clap","listener":"ann-ann-ann-ann-1","more":1}',
        b'{"reaction":["clap"],"listener":"ann-ann-ann-ann-1"}',
        b"[" * 900,
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_reaction_is_refused(body: bytes) -> None:
    voices = Voices()
    assert refused(voices, "reactions", body) is Code.BAD_BODY
    assert refused(voices, "hands", body) is Code.BAD_BODY
    assert voices.refused["body"] == 2
    assert voices.told("hall") == ({}, {})


def test_a_hand_is_up_or_down_and_nothing_else() -> None:
    assert refused(Voices(), "hands", hand().replace(b"true", b"1")) is Code.BAD_BODY
    assert refused(Voices(), "hands", reaction()) is Code.BAD_BODY


def test_a_body_beyond_the_limit_is_too_large() -> None:
    fits = reaction() + b" " * (VOICE_BYTES_MAX - len(reaction()))
    voices = Voices()
    voices.take(HALL, "reactions", fits, HERE, 0)
    assert refused(voices, "reactions", fits + b" ") is Code.TOO_LARGE


def test_one_listener_has_a_pace() -> None:
    voices = Voices()
    for _ in range(REACTIONS_PER_LISTENER.burst):
        voices.take(HALL, "reactions", reaction(), HERE, 0)
    assert refused(voices, "reactions", reaction()) is Code.TOO_OFTEN
    for _ in range(HANDS_PER_LISTENER.burst):
        voices.take(HALL, "hands", hand(), HERE, 0)
    assert refused(voices, "hands", hand()) is Code.TOO_OFTEN
    voices.take(HALL, "reactions", reaction(), HERE, NS_PER_S)
    assert voices.refused["listener"] == 2


def test_the_refusal_says_when_to_try_again() -> None:
    voices = Voices()
    for _ in range(HANDS_PER_LISTENER.burst):
        voices.take(HALL, "hands", hand(), HERE, 0)
    with pytest.raises(RefusedError, match="Try again in 1 s") as caught:
        voices.take(HALL, "hands", hand(), HERE, 0)
    assert (caught.value.status, caught.value.retry_s) == (429, 1)


def test_forged_listeners_of_one_address_have_its_pace_and_others_go_on() -> None:
    voices = Voices()
    for index in range(VOICES_PER_SOURCE.burst):
        voices.take(HALL, "reactions", reaction(many(index)), HERE, 0)
    assert refused(voices, "reactions", reaction(many(999_999))) is Code.TOO_OFTEN
    voices.take(HALL, "reactions", reaction(), at(1), 0)
    assert voices.refused["source"] == 1


def test_nonsense_uses_up_its_own_address() -> None:
    voices = Voices()
    for _ in range(VOICES_PER_SOURCE.burst):
        refused(voices, "hands", b"nonsense")
    assert refused(voices, "hands", b"nonsense") is Code.TOO_OFTEN


def test_an_edge_takes_so_many_from_all_together() -> None:
    voices = Voices()
    for index in range(VOICES_PER_EDGE.burst):
        voices.take(HALL, "reactions", reaction(many(index)), at(index // 100), 0)
    assert refused(voices, "reactions", reaction()) is Code.TOO_OFTEN
    assert voices.refused["edge"] == 1


def test_hands_of_one_second_are_bounded_but_may_change() -> None:
    voices = Voices()
    for index in range(HANDS_PER_TALLY_MAX):
        voices.take(HALL, "hands", hand(many(index)), at(index), 0)
    assert refused(voices, "hands", hand(), at(-1)) is Code.TOO_OFTEN
    voices.take(HALL, "hands", hand(many(0), up=False), HERE, 0)
    assert len(voices.told("hall")[1]) == HANDS_PER_TALLY_MAX


def test_one_network_takes_a_share_of_a_spaces_hands_and_others_go_on() -> None:
    voices = Voices()
    for index in range(HANDS_PER_ADDRESS):
        voices.take(HALL, "hands", hand(many(index)), HERE, 0)
    assert refused(voices, "hands", hand()) is Code.TOO_OFTEN
    assert voices.refused["source"] == 1
    voices.take(HALL, "hands", hand(), at(1), 0)
    voices.take(HALL, "hands", hand(many(0), up=False), HERE, 0)
    voices.take(HALL, "hands", hand(many(99)), HERE, 0)


def test_whoever_has_a_whole_prefix_takes_its_allowance_and_not_the_edges() -> None:
    voices, honest = Voices(), 0
    for ms in range(0, 10_000, 20):
        for network in range(60):  # 3,000 a second, from sixty /64 of one /48
            body = reaction(many(ms * 60 + network))
            with contextlib.suppress(RefusedError):
                voices.take(HALL, "reactions", body, at(network, -2), ms * 1_000_000)
        if ms >= 8_000:
            voices.take(HALL, "reactions", reaction(many(-ms)), at(-ms), ms * 1_000_000)
            honest += 1
    assert honest == 100
    assert voices.refused["prefix"] > 20_000
    assert voices.refused["edge"] == 0


def test_all_that_an_edge_may_have_to_tell_fits_into_one_message() -> None:
    said = (VOICES_PER_EDGE.burst + VOICES_PER_EDGE.per_s) * (LISTENER_CHARS_MAX + 4)
    sketches = SKETCHES_PER_TALLY_MAX * (REGISTERS + 100)
    rows = 256 * 300
    assert said + sketches + rows < PAYLOAD_BYTES_MAX


def test_only_so_many_listeners_and_addresses_are_remembered() -> None:
    voices = Voices()
    for _ in range(VOICES_PER_SOURCE.burst):
        refused(voices, "hands", b"", at(-1))
    assert refused(voices, "hands", b"", at(-1)) is Code.TOO_OFTEN
    for index in range(SOURCES_MAX):
        refused(voices, "hands", b"", at(index))
    assert refused(voices, "hands", b"", at(-1)) is Code.BAD_BODY
    for _ in range(REACTIONS_PER_LISTENER.burst):
        voices.take(HALL, "reactions", reaction(), HERE, 0)
    assert refused(voices, "reactions", reaction(), HERE) is Code.TOO_OFTEN
    for index in range(LISTENERS_MAX):  # past the pace of the edge, which is below
        voices._reacting.take(many(index), 0)
    voices.take(HALL, "reactions", reaction(), HERE, 0)


def test_hands_that_did_not_arrive_are_told_again_and_newer_word_stands() -> None:
    voices = Voices()
    voices.take(HALL, "hands", hand(many(0)), HERE, 0)
    voices.take(HALL, "hands", hand(), HERE, 0)
    _, lost = voices.told("hall")
    voices.take(HALL, "hands", hand(up=False), HERE, 0)
    voices.untold(SpaceTally("hall", hands=lost))
    assert voices.told("hall") == ({}, {many(0): True, ANN: False})
    for index in range(HANDS_PER_TALLY_MAX - 1):
        voices.take(HALL, "hands", hand(many(index)), at(index), NS_PER_S)
    voices.untold(SpaceTally("hall", hands={ANN: True, many(99_999): True, many(0): False}))
    hands = voices.told("hall")[1]
    assert len(hands) == HANDS_PER_TALLY_MAX
    assert hands[ANN]
    assert hands[many(0)]
