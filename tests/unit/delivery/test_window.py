from tests.fakes.grid_messages import message, mp3_frame

from rostra.delivery.window import CODECS_MESSAGES, Step, Window


def real(number: int, run: str = "run1") -> Step:
    return Step(message(number, run), real=True)


def filled(number: int) -> Step:
    return Step(message(number), real=False)


def test_holds_the_newest_and_no_more() -> None:
    window = Window(size=3)
    for number in range(5):
        window.put(real(number))
    assert (window.oldest, window.newest) == (2, 4)
    assert window.get(1) is None


def test_a_new_run_begins_empty() -> None:
    window = Window()
    assert window.put(real(7))
    assert not window.put(real(8))
    assert window.put(real(0, "run2"))
    assert (window.oldest, window.newest, window.run) == (0, 0, "run2")


def test_opus_is_on_offer_while_the_newest_second_has_it() -> None:
    window = Window()
    assert window.codecs() == ("aac",)
    window.put(real(0))
    assert window.codecs() == ("aac", "opus")
    for number in range(1, CODECS_MESSAGES):
        window.put(Step(message(number, opus=False), real=True))
    assert window.codecs() == ("aac", "opus"), "one filled from an old loop changes nothing"
    window.put(Step(message(CODECS_MESSAGES, opus=False), real=True))
    assert window.codecs() == ("aac",)


def test_holes_split_what_can_be_packed_together() -> None:
    window = Window()
    for number in (3, 4, 7):
        window.put(real(number))
    groups = [[m.number for m in group] for group in window.stretches(2, 8)]
    assert groups == [[3, 4], [7]]


def test_a_late_message_mends_only_a_segment_that_is_not_listed() -> None:
    window = Window()
    for number in range(19):
        window.put(filled(number))
    assert not window.mend(message(17))
    assert window.mend(message(18))
    step = window.get(18)
    assert step is not None
    assert step.real


def test_what_is_real_is_never_replaced() -> None:
    window = Window()
    window.put(real(0))
    assert not window.mend(message(0))


def test_knows_whether_all_is_the_studios_own() -> None:
    window = Window()
    window.put(real(0))
    window.put(filled(1))
    assert window.whole([0])
    assert not window.whole([0, 1])
    assert not window.whole([0, 2])


def test_finds_mp3_frames_by_their_index() -> None:
    window = Window()
    for number in range(4):
        window.put(real(number))
    assert all(window.mp3_frame(index) == mp3_frame(index) for index in range(17))
    assert window.mp3_frame(40) is None
