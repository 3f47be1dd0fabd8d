"""How the limits relate: what one allows must fit into what another allows."""

import msgspec

from rostra.domain import limits
from rostra.domain.grid import (
    AAC_FRAMES_PER_MESSAGE,
    MESSAGE_SAMPLES,
    MESSAGES_PER_SEGMENT,
    SAMPLE_RATE_HZ,
    message_pts,
    mp3_frames_of,
    opus_frames_of,
)
from rostra.domain.space import State
from rostra.stage.bans import BANS_MAX, CLOSED_LINKS_MAX, HASH_CHARS
from rostra.stage.floor import HOST_PLACES, REMOVED_MAX, ROLES_MAX
from rostra.stage.invitations import OPEN_MAX
from rostra.stage.keeping import stage_notice
from rostra.stage.places import PHOTO_CHARS_MAX
from rostra.stage.queue import KEPT_BYTES_MAX
from rostra.wire import messages, stagelink
from rostra.wire.messages import Notice, ProgrammeMessage
from rostra.wire.states import FloorState, OnStage, SpaceDef, SpaceState

WIDEST = "\N{GRINNING FACE}"
"""Four bytes in UTF-8: the longest that a character of a name or title gets."""

MP3_FRAME_BYTES = 192
"""64 kbit/s at 48 kHz."""

LATE = 2**40 - 2
"""A message whose number and pts are long in every encoding, and that holds five MP3 frames."""

PARTICIPANT_CHARS = 22
"""An identifier of 128 bits in base64url."""


def _full_stage() -> tuple[OnStage, ...]:
    person = OnStage(
        id="p" * PARTICIPANT_CHARS,
        name=WIDEST * limits.NAME_CHARS_MAX,
        role="speaker",
        muted=False,
        here=False,
        speaking=False,
        until_utc_us=2**53,
        photo="f" * PHOTO_CHARS_MAX,
    )
    return (person,) * (limits.SPEAKERS_MAX + HOST_PLACES)


def _full_notice() -> Notice:
    return Notice("stage", message_pts(LATE), stage_notice(_full_stage()))


def _full_state() -> SpaceState:
    return SpaceState(
        id="s" * limits.SPACE_ID_CHARS_MAX,
        title=WIDEST * limits.TITLE_CHARS_MAX,
        state=State.INTERRUPTED,
        t0_utc_us=2**53,
        hosts=(WIDEST * limits.NAME_CHARS_MAX,) * limits.HOSTS_MAX,
        description=WIDEST * limits.DESCRIPTION_CHARS_MAX,
        stage=_full_stage(),
        removed=("r" * PARTICIPANT_CHARS,) * REMOVED_MAX,
        message=WIDEST * limits.MESSAGE_CHARS_MAX,
        floor=FloorState(
            bans=("b" * HASH_CHARS,) * BANS_MAX,
            closed_links=("l" * PARTICIPANT_CHARS,) * CLOSED_LINKS_MAX,
            asks=(("c" * 43, "n", "", ""),) * (KEPT_BYTES_MAX // 58),
            invitations=(("c" * 43, 2**53),) * OPEN_MAX,
            roles=(("p" * PARTICIPANT_CHARS, "speaker"),) * ROLES_MAX,
            marks={
                f"{number:{PARTICIPANT_CHARS}}": ("m" * HASH_CHARS,) * 4
                for number in range(limits.SPEAKERS_MAX + HOST_PLACES)
            },
        ),
    )


def test_a_full_stage_with_the_longest_names_fits_a_notice() -> None:
    assert len(msgspec.json.encode(_full_notice().body)) <= limits.NOTICE_BYTES_MAX


def test_photographs_are_left_out_only_where_they_do_not_fit() -> None:
    assert all("photo" not in one for one in stage_notice(_full_stage())["people"])
    named = tuple(msgspec.structs.replace(one, name="Anna Bell") for one in _full_stage())
    body = stage_notice(named)
    assert all(one["photo"] for one in body["people"])
    assert len(msgspec.json.encode(body)) <= limits.NOTICE_BYTES_MAX


def test_a_message_with_the_largest_frames_and_two_full_stages_fits() -> None:
    audio = b"\xff" * limits.AAC_UNIT_BYTES_MAX
    message = ProgrammeMessage(
        space="s" * limits.SPACE_ID_CHARS_MAX,
        run="r" * PARTICIPANT_CHARS,
        epoch_utc_us=2**53,
        number=LATE,
        aac=(audio,) * AAC_FRAMES_PER_MESSAGE,
        mp3=(b"\xff" * MP3_FRAME_BYTES,) * len(mp3_frames_of(LATE)),
        opus=(b"\xff" * limits.OPUS_PACKET_BYTES_MAX,) * len(opus_frames_of(LATE)),
        notices=(_full_notice(),) * 2
        + (Notice("count", message_pts(LATE), {"n": 1_300_000}),) * 14,
    )
    assert len(message.notices) == limits.NOTICES_PER_MESSAGE_MAX
    payload = messages.pack(message)
    assert len(payload) <= limits.MESSAGE_BYTES_MAX
    assert messages.read_programme(payload) == message


def test_sixteen_full_notices_exceed_a_message_so_the_studio_must_hold_back() -> None:
    assert limits.NOTICES_PER_MESSAGE_MAX * limits.NOTICE_BYTES_MAX > limits.MESSAGE_BYTES_MAX
    assert 7 * limits.NOTICE_BYTES_MAX < limits.MESSAGE_BYTES_MAX


def test_the_widest_space_is_read_back_whole() -> None:
    state = _full_state()
    assert messages.from_json(SpaceState, messages.to_json(state)) == state
    assert len(messages.to_json(state)) < limits.MESSAGE_BYTES_MAX
    plan = SpaceDef(id=state.id, title=state.title, t0_utc_us=0, hosts=state.hosts)
    assert messages.from_json(SpaceDef, messages.to_json(plan)) == plan


def test_the_window_lasts_the_last_minute_and_whole_segments_of_it() -> None:
    seconds = limits.MESSAGE_WINDOW * MESSAGE_SAMPLES / SAMPLE_RATE_HZ
    assert 60 <= seconds < 60 + MESSAGE_SAMPLES / SAMPLE_RATE_HZ * 2
    assert limits.MESSAGE_WINDOW // MESSAGES_PER_SEGMENT >= 30


def test_a_ticket_fits_a_request_head_many_times() -> None:
    assert limits.TICKET_CHARS_MAX * 4 <= limits.REQUEST_HEAD_BYTES_MAX


def test_the_longest_command_fits_the_data_channel() -> None:
    longest = stagelink.pack(stagelink.Mute(n=2**53, on=False, who="p" * PARTICIPANT_CHARS))
    assert len(longest) < 200 < limits.DATA_CHANNEL_BYTES_MAX


def test_an_offer_fits_a_message_of_the_backbone() -> None:
    longest = limits.SDP_BYTES_MAX * 4 + limits.TICKET_CHARS_MAX
    assert longest < 1024 * 1024, "a NATS server takes payloads of 1 MiB by default"
