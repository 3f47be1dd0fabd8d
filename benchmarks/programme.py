"""What a space's programme costs the studio, beside its encoders alone.

`python -m benchmarks.programme` prints JSON and takes about fifteen seconds: CPU of one thread for
a second of sound, as a share of a core, the least of `ROUNDS`. The floor is each encoder fed with
the same blocks, in turn with the run in every round.
"""

import json
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from benchmarks.listening import Samples
from benchmarks.speech import BLOCK, speech

from rostra.domain.grid import HOLD_LOOP_SAMPLES, SAMPLE_RATE_HZ
from rostra.domain.space import State
from rostra.programme.drivers.encode import AacEncoder, Mp3Encoder, OpusEncoder
from rostra.programme.drivers.run import ProgrammeRun

ROUNDS: Final = 8
SECONDS: Final = 12

Feed = Callable[[Samples], object]


def live() -> Feed:
    """A run with its loop beneath and somebody on stage."""
    run = ProgrammeRun("hall", "run1", 0, np.zeros(HOLD_LOOP_SAMPLES, np.float32))
    blocks = iter(range(1 << 30))
    return lambda mix: run.step(next(blocks), mix, anybody_here=True, state=State.LIVE)


def share(feed: Feed, blocks: Samples) -> float:
    """CPU of this thread for a second of sound, as a share of a core."""
    began = time.thread_time()
    for block in blocks:
        feed(block)
    return (time.thread_time() - began) * SAMPLE_RATE_HZ / blocks.size


def measure() -> dict[str, float]:
    """The shares, and the run beside the sum of its encoders."""
    feeds: dict[str, Feed] = {
        "run": live(),
        "aac": AacEncoder().feed,
        "mp3": Mp3Encoder().feed,
        "opus": OpusEncoder().feed,
    }
    blocks = speech(SECONDS).reshape(-1, BLOCK)
    best = dict.fromkeys(feeds, float("inf"))
    for _ in range(ROUNDS):
        for name, feed in feeds.items():
            best[name] = min(best[name], share(feed, blocks))
    encoders = sum(best[name] for name in ("aac", "mp3", "opus"))
    figures = {name: round(cores, 4) for name, cores in best.items()}
    return figures | {
        "encoders": round(encoders, 4),
        "run_to_encoders": round(best["run"] / encoders, 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
