"""What travels between processes is read back as written, and refused where it breaks a limit."""

import msgspec
import pytest

from rostra.audience.headcount import SPACES_PER_EDGE_MAX
from rostra.delivery.cutting import Cutter, Form
from rostra.delivery.window import Step, Window
from rostra.domain.errors import MalformedError
from rostra.domain.grid import mp3_frames_of, opus_frames_of
from rostra.domain.limits import (
    AAC_UNIT_BYTES_MAX,
    MARK_CHARS_MAX,
    MESSAGE_BYTES_MAX,
    MP3_FRAME_BYTES_MAX,
    NAME_CHARS_MAX,
    NOTICE_BYTES_MAX,
    NOTICES_PER_MESSAGE_MAX,
    OPUS_PACKET_BYTES_MAX,
    SDP_BYTES_MAX,
    SPACE_ID_CHARS_MAX,
    TICKET_CHARS_MAX,
)
from rostra.domain.space import State
from rostra.wire import messages
from rostra.wire.messages import (
    EDGE_NAME_CHARS_MAX,
    EPOCH_UTC_US_MAX,
    NUMBER_MAX,
    TALLY_SPACES_MAX,
    Answer,
    Claim,
    Command,
    Done,
    EdgeTally,
    HouseEvent,
    Notice,
    Offer,
    ProgrammeMessage,
    Refusal,
    SpaceTally,
)
from rostra.wire.states import EdgeInfo, SpaceDef, SpaceState


def _message(number: int = 0, notices: tuple[Notice, ...] = ()) -> ProgrammeMessage:
    mp3 = (b"m" * 192,) * len(mp3_frames_of(number))
    opus = (b"o" * 80,) * len(opus_frames_of(number))
    return ProgrammeMessage("s", "r", 1, number, (b"a" * 128,) * 5, mp3, notices, opus)


def _notice_of(json_bytes: int) -> Notice:
    return Notice("house", 0, {"x": "y" * (json_bytes - len('{"x":""}'))})


def _padded(to: int) -> bytes:
    """A message of `to` bytes, by the length of its last notice."""
    rest = len(messages.pack(_with_last_notice(4_000))) - 4_000
    return messages.pack(_with_last_notice(to - rest))


def _with_last_notice(size: int) -> ProgrammeMessage:
    return _message(0, (_notice_of(NOTICE_BYTES_MAX),) * 7 + (_notice_of(size),))


@pytest.mark.parametrize("number", [0, 1, 17, 18, 10**9])
def test_a_programme_message_is_read_back(number: int) -> None:
    message = _message(number, (Notice("caption", 5_120 * number + 3, {"text": "Zażółć"}),))
    assert messages.read_programme(messages.pack(message)) == message


def test_a_message_may_have_its_last_byte_and_no_more() -> None:
    assert len(_padded(MESSAGE_BYTES_MAX)) == MESSAGE_BYTES_MAX
    assert messages.read_programme(_padded(MESSAGE_BYTES_MAX)).number == 0
    with pytest.raises(MalformedError, match=str(MESSAGE_BYTES_MAX)) as caught:
        messages.read_programme(_padded(MESSAGE_BYTES_MAX + 1))
    assert caught.value.status == 413


def test_a_message_may_have_its_last_notice_and_no_more() -> None:
    full = (Notice("count", 0, {"n": 1}),) * NOTICES_PER_MESSAGE_MAX
    assert len(messages.read_programme(messages.pack(_message(0, full))).notices) == len(full)
    with pytest.raises(MalformedError, match="17 notices"):
        messages.read_programme(messages.pack(_message(0, (*full, full[0]))))


def test_a_notice_may_have_its_last_byte_and_no_more() -> None:
    full = _notice_of(NOTICE_BYTES_MAX)
    assert len(msgspec.json.encode(full.body)) == NOTICE_BYTES_MAX
    assert messages.read_programme(messages.pack(_message(0, (full,)))).notices == (full,)
    with pytest.raises(MalformedError, match="'house' exceeds"):
        messages.read_programme(messages.pack(_message(0, (_notice_of(NOTICE_BYTES_MAX + 1),))))


@pytest.mark.parametrize("inside", [msgspec.msgpack.Ext(5, b""), {None: 1}])
def test_a_notice_that_is_no_json_is_refused(inside: object) -> None:
    notice = Notice("house", 0, {"x": inside})
    with pytest.raises(MalformedError, match="'house' is no JSON"):
        messages.read_programme(messages.pack(_message(0, (notice,))))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (msgspec.structs.replace(_message(), number=-1), "Message -1"),
        (msgspec.structs.replace(_message(), aac=(b"a",) * 4), "4 AAC frames"),
        (msgspec.structs.replace(_message(1), mp3=(b"m",) * 5), "5 MP3 frames off the grid"),
        (msgspec.structs.replace(_message(), opus=(b"o",) * 5), "5 Opus packets off the grid"),
        (msgspec.structs.replace(_message(1), opus=(b"o",) * 6), "6 Opus packets off the grid"),
        (_message(0, (Notice("count", -1, {}),)), "for pts -1"),
        (_message(3, (Notice("count", 3 * 5_120 - 1, {}),)), "message 3 is for pts"),
        (_message(3, (Notice("count", 4 * 5_120, {}),)), "message 3 is for pts"),
    ],
)
def test_a_message_off_the_grid_is_refused(broken: ProgrammeMessage, says: str) -> None:
    with pytest.raises(MalformedError, match=says):
        messages.read_programme(messages.pack(broken))


@pytest.mark.parametrize(
    "whole",
    [
        _message(NUMBER_MAX, (Notice("count", 5_120 * (NUMBER_MAX + 1) - 1, {}),)),
        msgspec.structs.replace(_message(), epoch_utc_us=EPOCH_UTC_US_MAX),
        msgspec.structs.replace(_message(), aac=(b"a" * AAC_UNIT_BYTES_MAX,) * 5),
        msgspec.structs.replace(_message(), mp3=(b"m" * MP3_FRAME_BYTES_MAX,) * 5),
        msgspec.structs.replace(_message(), opus=(b"o" * OPUS_PACKET_BYTES_MAX,) * 6),
        msgspec.structs.replace(_message(), space="s" * SPACE_ID_CHARS_MAX, run="aZ_-9"),
    ],
)
def test_a_message_at_its_bounds_is_read_and_fits_every_stream(whole: ProgrammeMessage) -> None:
    message = messages.read_programme(messages.pack(whole))
    assert message == whole
    window = Window()
    window.put(Step(message, real=True))
    unit = Cutter(window, tick=1).tick(Form.PUSH, message.number)
    assert unit.plain
    assert Cutter(window, tick=1).tick(Form.OPUS, message.number).plain
    assert Cutter(window, tick=1).tick(Form.AAC, message.number).plain


@pytest.mark.parametrize(
    "broken",
    [
        msgspec.structs.replace(_message(), number=NUMBER_MAX + 1),
        msgspec.structs.replace(_message(), epoch_utc_us=-1),
        msgspec.structs.replace(_message(), epoch_utc_us=EPOCH_UTC_US_MAX + 1),
        msgspec.structs.replace(_message(), aac=(b"a" * (AAC_UNIT_BYTES_MAX + 1),) * 5),
        msgspec.structs.replace(_message(), mp3=(b"m" * (MP3_FRAME_BYTES_MAX + 1),) * 5),
        msgspec.structs.replace(_message(), opus=(b"o" * (OPUS_PACKET_BYTES_MAX + 1),) * 6),
        msgspec.structs.replace(_message(), space="s" * (SPACE_ID_CHARS_MAX + 1)),
        msgspec.structs.replace(_message(), space=""),
        msgspec.structs.replace(_message(), run="a/b"),
        msgspec.structs.replace(_message(), run="a\n"),
    ],
)
def test_a_message_beyond_its_bounds_is_refused(broken: ProgrammeMessage) -> None:
    with pytest.raises(MalformedError, match="not a programme message"):
        messages.read_programme(messages.pack(broken))


def test_a_message_of_an_older_studio_has_no_opus() -> None:
    message = _message(5)
    older = msgspec.msgpack.encode(msgspec.msgpack.decode(messages.pack(message))[:7])
    assert messages.read_programme(older) == msgspec.structs.replace(message, opus=())


def test_a_newer_writer_may_add_a_field_at_the_end() -> None:
    fields = msgspec.msgpack.decode(messages.pack(_message()))
    newer = msgspec.msgpack.encode([*fields, "added later"])
    assert messages.read_programme(newer) == _message()


def test_a_tally_is_read_back_and_never_below_zero() -> None:
    tally = EdgeTally("e0", "x", 3, (SpaceTally("s", push=5, mp3=1),))
    assert messages.read_tally(messages.pack(tally)) == tally
    below = EdgeTally("e0", "x", 3, (SpaceTally("s", hls=-1),))
    with pytest.raises(MalformedError, match="fewer than zero"):
        messages.read_tally(messages.pack(below))


@pytest.mark.parametrize("call", [Offer("t", "v=0", "Ada"), Claim("s", "v"), Command("t", "start")])
def test_a_call_is_read_back_as_its_kind(call: messages.Call) -> None:
    assert messages.read_call(messages.pack(call)) == call


def test_an_offer_may_have_its_last_character_and_no_more() -> None:
    full = Offer("t", "v" * SDP_BYTES_MAX)
    assert messages.read_call(messages.pack(full)) == full
    with pytest.raises(MalformedError, match="An offer of") as caught:
        messages.read_call(messages.pack(Offer("t", "v" * (SDP_BYTES_MAX + 1))))
    assert caught.value.status == 413


def test_a_call_may_have_its_longest_ticket_and_name_and_no_more() -> None:
    full = Offer("t" * TICKET_CHARS_MAX, "v=0", "N" * NAME_CHARS_MAX)
    assert messages.read_call(messages.pack(full)) == full
    longer: tuple[tuple[messages.Call, str, int], ...] = (
        (Offer("t" * (TICKET_CHARS_MAX + 1), "v=0"), "A ticket of 1025", 413),
        (Command("t" * (TICKET_CHARS_MAX + 1), "end"), "A ticket of 1025", 413),
        (Offer("t", "v=0", "N" * (NAME_CHARS_MAX + 1)), "this one has 61", 400),
        (Claim("t", "v=0", device="d" * (MARK_CHARS_MAX + 1)), "A word of 129", 400),
        (Offer("t", "v=0", language="l" * (MARK_CHARS_MAX + 1)), "A word of 129", 400),
    )
    for call, says, status in longer:
        with pytest.raises(MalformedError, match=says) as caught:
            messages.read_call(messages.pack(call))
        assert caught.value.status == status


def test_a_tally_may_have_its_last_space_and_longest_names_and_no_more() -> None:
    longest = "e" * EDGE_NAME_CHARS_MAX
    row = SpaceTally("s" * SPACE_ID_CHARS_MAX)
    full = EdgeTally(longest, longest, 1, (row,) * TALLY_SPACES_MAX)
    assert messages.read_tally(messages.pack(full)) == full
    for tally, says in (
        (EdgeTally(longest + "e", "x", 1), "name or start"),
        (EdgeTally("e", longest + "x", 1), "name or start"),
        (EdgeTally("e", "x", 1, (row,) * (TALLY_SPACES_MAX + 1)), "counts 4097 spaces"),
        (EdgeTally("e", "x", 1, (SpaceTally("s" * 33),)), "names a space"),
    ):
        with pytest.raises(MalformedError, match=says):
            messages.read_tally(messages.pack(tally))
    assert TALLY_SPACES_MAX == SPACES_PER_EDGE_MAX


@pytest.mark.parametrize("reply", [Answer("v=0", "p", "t"), Done("live"), Refusal(404, "Why.")])
def test_a_reply_is_read_back_as_its_kind(reply: messages.Reply) -> None:
    assert messages.read_reply(messages.pack(reply)) == reply


def test_a_reply_is_no_call() -> None:
    with pytest.raises(MalformedError, match="not a call"):
        messages.read_call(messages.pack(Done("live")))


@pytest.mark.parametrize(
    "value",
    [
        SpaceDef("s", "Title", 5, hosts=("Ada",), start_at_once=True),
        SpaceState("s", "Title", State.LIVE, 5, run="r", listening=1_300_000),
        EdgeInfo("e0", ("http://localhost:8001", "http://localhost:8000/e/e0")),
        HouseEvent("s", "doors", 5, {"by": "clock"}),
    ],
)
def test_what_a_bucket_holds_is_read_back(
    value: SpaceDef | SpaceState | EdgeInfo | HouseEvent,
) -> None:
    assert messages.from_json(type(value), messages.to_json(value)) == value


def test_a_newer_writers_json_may_have_more_in_it() -> None:
    newer = b'{"id":"e0","bases":["x"],"weight":2,"added":"later"}'
    assert messages.from_json(EdgeInfo, newer) == EdgeInfo("e0", ("x",), 2)


def test_json_of_something_else_says_what_was_wanted() -> None:
    with pytest.raises(MalformedError, match="not a SpaceState"):
        messages.from_json(SpaceState, b'{"id":"s","title":"t","state":"asleep","t0_utc_us":0}')


def test_subjects_match_the_patterns_that_are_subscribed() -> None:
    pairs = {
        messages.programme_subject("s"): messages.SUBJECT_PROGRAMMES,
        messages.tally_subject("e0"): messages.SUBJECT_TALLIES,
        messages.event_subject("s"): messages.SUBJECT_EVENTS,
    }
    assert {subject.split(".")[0] + ".*" for subject in pairs} == set(pairs.values())
    assert messages.call_subject("s") == "studio.s"
