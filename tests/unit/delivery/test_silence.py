from tests.fakes.grid_messages import message

from rostra.delivery import silence
from rostra.delivery.cutting import BURST_MESSAGES, Cutter, Form
from rostra.delivery.silence import (
    CLEARED_FOR_MESSAGES,
    REPEAT_MESSAGES,
    SILENT_MESSAGES,
    WORDS,
    notices,
)
from rostra.delivery.window import Step, Window
from rostra.domain.grid import message_at
from rostra.wire.mp4_read import Emsg, Mp4Reader
from rostra.wire.notices import read as read_notice


def window(*stretches: tuple[int, bool]) -> Window:
    """Messages from 0 on: so many that are real (True) or filled, and so on."""
    found, number = Window(), 0
    for count, real in stretches:
        for _ in range(count):
            found.put(Step(message(number), real=real))
            number += 1
    return found


def said(subject: Window) -> list[tuple[int, str]]:
    """Number and text of every notice."""
    spoken = notices(subject, subject.oldest, subject.newest)
    return [(message_at(one.pts_samples), str(one.body["text"])) for one in spoken]


def test_nothing_is_said_while_the_studio_is_heard() -> None:
    assert said(window((60, True))) == []


def test_a_lost_message_is_not_worth_a_word() -> None:
    quiet = window((20, True), (SILENT_MESSAGES - 1, False), (20, True))
    assert [text for _, text in said(quiet) if text] == []


def test_silence_is_said_soon_and_again_and_taken_back() -> None:
    heard = said(window((20, True), (30, False), (60, True)))
    words = [number for number, text in heard if text]
    cleared = [number for number, text in heard if not text]
    assert words == [20 + SILENT_MESSAGES - 1, 27, 36, 45]
    assert cleared == [50, 54, 63, 72]
    assert cleared[-1] < 50 + CLEARED_FOR_MESSAGES + REPEAT_MESSAGES


def test_an_edge_that_starts_in_the_silence_says_so_too() -> None:
    assert said(window((12, False))) == [(4, WORDS), (9, WORDS)]


def test_every_joiner_in_the_silence_is_told_in_its_burst() -> None:
    for length in range(20, 40):
        cutter = Cutter(window((20, True), (length, False)))
        for bucket in range(cutter.tick_messages):
            burst = cutter.burst(Form.PUSH, cutter.last_cut(bucket))
            assert burst is not None
            boxes = Mp4Reader().feed(burst.plain)
            told = [read_notice(box.payload) for box in boxes if isinstance(box, Emsg)]
            assert [one.body["text"] for one in told] == [silence.WORDS]
    assert REPEAT_MESSAGES <= BURST_MESSAGES


def test_plain_streams_have_no_place_for_it() -> None:
    cutter = Cutter(window((20, True), (10, False)))
    burst = cutter.burst(Form.AAC, 0)
    assert burst is not None
    assert b"house" not in burst.plain
