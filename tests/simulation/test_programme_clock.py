"""An hour of programme on a virtual clock: drift, steps, late wake-ups and stalls."""

import random
from dataclasses import dataclass, field

import pytest

from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ, us_of_samples
from rostra.domain.ports import Moment
from rostra.programme.pace import SKIP_MESSAGES, Pace
from rostra.programme.timeline import ClockStep, Timeline

HOUR_S = 3_600
EPOCH = 1_723_500_000_000_000
OFF_US_MAX = 50_000
"""What the programme promises against UTC."""


@dataclass
class World:
    """One machine: a monotonic clock off by `drift_ppm` against UTC, and a UTC clock that steps."""

    drift_ppm: int
    steps: dict[int, int] = field(default_factory=dict)
    mono_ns: int = 77_000_000_000
    began_ns: int = 77_000_000_000

    def pass_ns(self, duration_ns: int) -> None:
        self.mono_ns += duration_ns

    @property
    def true_utc_us(self) -> int:
        """The world's time without the steps of this machine's clock."""
        passed_ns = self.mono_ns - self.began_ns
        return EPOCH + (passed_ns + passed_ns * self.drift_ppm // 1_000_000) // 1_000

    def now(self) -> Moment:
        second = (self.mono_ns - self.began_ns) // 1_000_000_000
        stepped = sum(step for at_s, step in self.steps.items() if second >= at_s)
        return Moment(self.mono_ns, self.true_utc_us + stepped)


@dataclass
class Outcome:
    worst_off_us: int = 0
    worst_late_ns: int = 0
    blocks: list[int] = field(default_factory=list)
    steps: list[ClockStep] = field(default_factory=list)
    skipped_messages: int = 0


def evening(world: World, seed: int, stalls: dict[int, float] | None = None) -> Outcome:
    """Run an hour; `stalls` are seconds at which the studio stands still, and for how long."""
    chance = random.Random(seed)
    line = Timeline(world.now())
    pace = Pace(line, 0)
    outcome = Outcome()
    waiting = dict(stalls or {})
    looked_ns = world.mono_ns
    while world.mono_ns - world.began_ns < HOUR_S * 1_000_000_000:
        if world.mono_ns - looked_ns >= 1_000_000_000:
            looked_ns = world.mono_ns
            if (step := line.observe(world.now())) is not None:
                outcome.steps.append(step)
            pts_us = us_of_samples(line.pts_at(world.mono_ns))
            off_us = abs(EPOCH + pts_us - world.true_utc_us)
            outcome.worst_off_us = max(outcome.worst_off_us, off_us)
        second = (world.mono_ns - world.began_ns) // 1_000_000_000
        if second in waiting:
            world.pass_ns(int(waiting.pop(second) * 1_000_000_000))
        turn = pace.turn(world.mono_ns)
        if turn.wait_ns:
            world.pass_ns(turn.wait_ns + chance.randrange(2_000_000))
            continue
        due_ns = line.due_mono_ns(turn.block * MIX_BLOCK_SAMPLES)
        outcome.worst_late_ns = max(outcome.worst_late_ns, world.mono_ns - due_ns)
        outcome.blocks.append(turn.block)
        world.pass_ns(800_000 + chance.randrange(400_000))
        pace.made()
    outcome.skipped_messages = pace.skipped_messages
    return outcome


@pytest.mark.parametrize("drift_ppm", [-200, 0, 200])
def test_an_hour_with_drift_stays_within_50_ms_of_utc(drift_ppm: int) -> None:
    outcome = evening(World(drift_ppm), seed=drift_ppm)
    assert outcome.worst_off_us <= OFF_US_MAX / 5
    assert outcome.steps == []
    assert outcome.skipped_messages == 0
    assert outcome.blocks == list(range(len(outcome.blocks)))
    made_s = len(outcome.blocks) * MIX_BLOCK_SAMPLES / SAMPLE_RATE_HZ
    assert abs(made_s - HOUR_S * (1 + drift_ppm / 1_000_000)) < 0.05


@pytest.mark.parametrize("drift_ppm", [-200, 200])
def test_steps_of_the_clock_are_told_and_move_nothing(drift_ppm: int) -> None:
    steps = {600: 3_000_000, 1_200: -45_000_000, 1_900: 150_000, 2_800: 3_600_000_000}
    outcome = evening(World(drift_ppm, steps), seed=5)
    assert outcome.worst_off_us <= OFF_US_MAX
    told = [step.delta_us for step in outcome.steps]
    assert len(told) == len(steps)
    for delta_us, real_us in zip(told, steps.values(), strict=True):
        assert abs(delta_us - real_us) <= OFF_US_MAX / 5
    assert outcome.blocks == list(range(len(outcome.blocks)))


def test_a_stalled_studio_catches_up_or_skips_to_the_grid() -> None:
    stalls = {300: 0.4, 900: 0.9, 1_500: 5.3, 2_400: 61.0}
    outcome = evening(World(100), seed=9, stalls=stalls)
    assert outcome.worst_off_us <= OFF_US_MAX
    gaps = [
        b - a - 1 for a, b in zip(outcome.blocks, outcome.blocks[1:], strict=False) if b - a > 1
    ]
    assert [gap // 48 for gap in gaps] == [5, 63]
    assert all(gap % 48 == 0 for gap in gaps)
    assert outcome.skipped_messages == (5 + 63) * SKIP_MESSAGES
    assert outcome.worst_late_ns < 970_000_000
