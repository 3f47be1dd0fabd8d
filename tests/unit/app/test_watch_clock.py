"""A place's reading of the watch's clock."""

from rostra.app.watch_teller import OFFSETS_KEPT, SLEW_US, WatchClock, mono_us


def test_a_better_reading_does_not_turn_results_round() -> None:
    clock, now = WatchClock(), mono_us()
    clock.read(now, now + 100_000, now + 60_000)
    first = clock.utc_us()
    clock.read(now, now + 10, now - SLEW_US // 2)
    assert first < clock.utc_us() < first + SLEW_US


def test_a_watch_whose_clock_is_set_back_is_followed() -> None:
    clock, now = WatchClock(), mono_us()
    clock.read(now, now + 100, now + 10 * SLEW_US)
    first = clock.utc_us()
    clock.read(now, now + 10, now)
    assert clock.utc_us() < first - SLEW_US


def test_a_step_of_the_watchs_clock_outweighs_better_readings_of_before() -> None:
    clock, now = WatchClock(), mono_us()
    for _ in range(OFFSETS_KEPT):
        clock.read(now, now + 10, now + 3_600 * SLEW_US)
    clock.read(now, now + 500_000, now + 250_000)
    assert abs(clock.utc_us() - mono_us()) < SLEW_US


def test_a_slow_answer_that_says_nothing_new_drops_no_better_one() -> None:
    clock, now = WatchClock(), mono_us()
    clock.read(now, now + 10, now + 5)
    clock.read(now, now + 500_000, now + 490_000)
    assert clock.utc_us() - mono_us() < 100_000
