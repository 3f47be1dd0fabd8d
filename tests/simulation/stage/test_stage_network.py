"""A speaker's network over minutes of virtual time: drift, jitter, loss, stalls."""

import random
from dataclasses import dataclass, field

import pytest

from rostra.stage.jitter import BURST_BLOCKS_MAX, TARGET_BLOCKS, Action, JitterBuffer, Turn

BLOCK_US = 20_000


@dataclass
class Outcome:
    jitter: JitterBuffer
    turns: list[Turn] = field(default_factory=list)
    waits_us: list[int] = field(default_factory=list)

    def count(self, action: Action) -> int:
        return sum(turn.action is action for turn in self.turns)


def run(  # noqa: PLR0913 - each is one trouble of a network
    seconds: int,
    *,
    ppm: float = 0.0,
    jitter_ms: float = 0.0,
    loss: float = 0.0,
    stall: tuple[float, float] = (0.0, 0.0),
    seed: int = 1,
) -> Outcome:
    """Packets over a network, pulled every 20 ms of the studio's clock.

    The sender's clock runs `ppm` fast; each packet is delayed by up to `jitter_ms`, lost with
    probability `loss`, and held back to the end of `stall` (from, to, in seconds).
    """
    rng = random.Random(seed)
    outcome = Outcome(JitterBuffer())
    arrivals: list[tuple[int, int]] = []
    for number in range(seconds * 50):
        sent_us = 7_000 + number * BLOCK_US / (1 + ppm / 1e6)
        if stall[0] <= sent_us / 1e6 < stall[1]:
            sent_us = stall[1] * 1e6
        if rng.random() >= loss:
            arrivals.append((int(sent_us + rng.random() * jitter_ms * 1_000), number))
    arrivals.sort()
    arrived = {number: at_us for at_us, number in arrivals}
    position = 0
    for block in range(seconds * 50):
        now_us = block * BLOCK_US
        while position < len(arrivals) and arrivals[position][0] <= now_us:
            at_us, number = arrivals[position]
            payload = b"%d" % number
            outcome.jitter.put(number & 0xFFFF, number * 960 & 0xFFFFFFFF, payload, at_us)
            position += 1
        turn = outcome.jitter.pull(now_us)
        outcome.turns.append(turn)
        if turn.action is Action.PLAY:
            outcome.waits_us.append(now_us - arrived[int(turn.payload)])
    return outcome


@pytest.mark.parametrize("ppm", [200.0, -200.0])
def test_drift_is_taken_up_a_frame_at_a_time(ppm: float) -> None:
    outcome = run(600, ppm=ppm)
    counted = outcome.jitter.counters
    frames_of_drift = 600 * 200e-6 / 0.020
    repaired = counted.skipped if ppm > 0 else counted.stretched
    assert repaired == pytest.approx(frames_of_drift, abs=2)
    assert max(outcome.waits_us) < 60_000
    assert counted.lost == counted.late == 0
    assert counted.jumps <= 1


def test_a_calm_network_is_heard_whole_with_little_delay() -> None:
    outcome = run(120, jitter_ms=5)
    assert outcome.count(Action.PLAY) >= 120 * 50 - 10
    assert sorted(outcome.waits_us)[len(outcome.waits_us) // 2] < 30_000


def test_jitter_above_a_frame_is_learnt() -> None:
    outcome = run(120, jitter_ms=50)
    last_minute = outcome.turns[60 * 50 :]
    disturbed = sum(turn.action is Action.CONCEAL for turn in last_minute)
    assert disturbed <= 30
    assert max(outcome.waits_us) < 200_000


def test_most_single_losses_are_recovered_from_redundancy() -> None:
    outcome = run(120, loss=0.05, jitter_ms=5)
    counted = outcome.jitter.counters
    assert counted.lost > 200
    assert counted.fec / counted.lost > 0.85
    assert sorted(outcome.waits_us)[len(outcome.waits_us) // 2] < 60_000


def test_after_a_stall_of_two_seconds_the_newest_is_heard() -> None:
    outcome = run(20, stall=(8.0, 10.0))
    resumed = next(
        index
        for index, turn in enumerate(outcome.turns)
        if index >= 10 * 50 and turn.action is Action.PLAY
    )
    assert resumed <= 10 * 50 + TARGET_BLOCKS + 1
    behind = resumed - int(outcome.turns[resumed].payload)
    assert behind <= BURST_BLOCKS_MAX
    later = int(outcome.turns[11 * 50].payload)
    assert 11 * 50 - later <= TARGET_BLOCKS + 1
    assert outcome.jitter.counters.skipped >= 90


def test_a_short_stall_is_worked_off_in_seconds() -> None:
    outcome = run(30, stall=(8.0, 8.18))
    assert max(outcome.waits_us) > 100_000
    assert max(outcome.waits_us[16 * 50 :]) < 60_000
    assert outcome.jitter.counters.jumps == 0
