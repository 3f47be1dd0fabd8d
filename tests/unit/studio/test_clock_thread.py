"""The clock's thread: how long it sleeps, how soon it stops, and how its errors are told."""

from rostra.app.studio_clock import NAP_MAX_S, ClockThread
from rostra.domain.ports import Moment
from rostra.programme.pace import Pace
from rostra.programme.timeline import ClockStep, Timeline

WAIT_S = 5.0
FAR_AHEAD = 3_000
"""The next block is due in a minute."""


class Standing:
    def now(self) -> Moment:
        return Moment(1_000_000_000, 1_000_000)


class Idle:
    def turn(self, block: int, mono_ns: int) -> None:
        raise AssertionError((block, mono_ns))

    def skipped(self, messages: int) -> None:
        raise AssertionError(messages)

    def stepped(self, step: ClockStep) -> None:
        raise AssertionError(step)


class Napping(ClockThread):
    """Stops itself at its third nap, and remembers them."""

    naps: list[float]

    def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        if len(self.naps) == 3:
            self.stop()


def thread(kind: type[ClockThread], block: int, failed: list[BaseException]) -> ClockThread:
    timeline = Timeline(Standing().now())
    return kind(
        name="clock",
        clock=Standing(),
        timeline=timeline,
        pace=Pace(timeline, block),
        work=Idle(),
        failed=failed.append,
    )


def test_no_sleep_is_longer_than_a_stop_may_wait() -> None:
    napping = thread(Napping, FAR_AHEAD, [])
    assert isinstance(napping, Napping)
    napping.naps = []
    napping.run()
    assert napping.naps == [NAP_MAX_S] * 3


def test_a_stop_is_noticed_in_the_midst_of_a_sleep() -> None:
    sleeping = thread(ClockThread, FAR_AHEAD, [])
    sleeping.start()
    sleeping.stop()
    sleeping.join(WAIT_S)
    assert not sleeping.is_alive()


def test_an_error_ends_the_clock_and_is_told() -> None:
    failed: list[BaseException] = []
    thread(ClockThread, 0, failed).run()
    assert [type(error) for error in failed] == [AssertionError]
