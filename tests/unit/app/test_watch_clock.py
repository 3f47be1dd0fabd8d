"""A place's reading of the watch's clock."""

from rostra.app.watch_teller import SLEW_US, WatchClock, mono_us


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
