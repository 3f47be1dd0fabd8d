"""How far the estimate of unique listeners is off, and what an audience costs edge and studio.

`python -m benchmarks.audience` prints JSON lines; it takes about a minute.
"""

import json
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from rostra.audience.polling import VOTERS_MAX, Polling
from rostra.delivery.crowd import Caller, Crowd
from rostra.delivery.hands import Source
from rostra.delivery.voices import Voices
from rostra.domain.space import State
from rostra.domain.voices import HASHES_PER_TALLY_MAX
from rostra.wire.messages import EdgeTally, SpaceTally, pack
from rostra.wire.sketch import Sketch
from rostra.wire.states import Poll, SpaceState

SEEDS: Final = 20
SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
MANY: Final = 60_000
"""Listeners of the costs: more than one edge holds."""

S: Final = 1_000_000_000
HALL: Final = SpaceState(
    "hall", "Hall", State.LIVE, 0, poll=Poll("p", "Tea?", ("Yes", "No"), (0, 0))
)


def error(count: int) -> dict[str, float]:
    """Three edges whose listeners overlap, merged, against the true number; in per cent."""
    off = []
    for seed in range(SEEDS):
        ids = np.random.default_rng(seed).integers(-(2**63), 2**63, count).tolist()
        whole = Sketch()
        for part in (ids[: 2 * count // 3], ids[count // 3 :], ids[::2]):
            edge = Sketch()
            for one in part:
                edge.add(one)
            whole.merge(edge.registers())
        off.append(100 * (whole.estimate() / count - 1))
    rms = float(np.sqrt(np.mean(np.square(off))))
    return {"rms_pct": round(rms, 2), "worst_pct": round(max(map(abs, off)), 2)}


def us_each(do: Callable[[int], object]) -> float:
    """CPU microseconds of one call."""
    began = time.process_time()
    for index in range(MANY):
        do(index)
    return round((time.process_time() - began) / MANY * 1e6, 2)


def costs() -> dict[str, float]:
    """Of each thing that a listener does, in microseconds of CPU."""
    crowd, voices = Crowd(b"k" * 32, lambda: "0" * 16), Voices()
    callers = [
        Caller(f"/live/hall/push.mp4?l={index:032x}".encode(), f"10.{index >> 8}.{index & 255}.1")
        for index in range(MANY)
    ]
    votes = [
        f'{{"poll":"p","choice":1,"listener":"{index:032x}"}}'.encode() for index in range(MANY)
    ]
    bodies = [f'{{"reaction":"clap","listener":"{index:032x}"}}'.encode() for index in range(MANY)]

    def read(index: int) -> None:
        crowd.read("hall", "run", callers[index], S, playlist=True)

    polls = Voices()
    found = {
        "join": us_each(lambda index: crowd.joined("hall", "run", callers[index])),
        "new_session": us_each(read),
        "known_session": us_each(read),
        "reaction": us_each(
            lambda index: voices.take(
                HALL, "reactions", bodies[index], Source(index % 9_999, 0), index * S
            )
        ),
    }
    found["vote"] = us_each(
        lambda index: (
            polls.take(HALL, "votes", votes[index], Source(index % 9_999, index % 999), index * S),
            index % HASHES_PER_TALLY_MAX or polls.tallied(SpaceTally("hall")),
        )
    )
    row = [SpaceTally("hall", push=1)]
    found["tally_with_sketch"] = us_each(lambda index: crowd.tallied(row, index * 11 * S))
    return found


def million() -> dict[str, float]:
    """What a studio pays for the votes of a million, told by edges in full tallies; then again."""
    hashes = np.random.default_rng(1).integers(0, 2**64, VOTERS_MAX, np.uint64).tolist()
    full = range(0, VOTERS_MAX, HASHES_PER_TALLY_MAX)
    poll, worst_ms = Polling(), 0.0
    poll.open("p", "Tea?", ("Yes", "No"))
    began = time.process_time()
    for choice in (0, 1):
        for first in full:
            before = time.process_time()
            poll.take({"p": {choice: tuple(hashes[first : first + HASHES_PER_TALLY_MAX])}})
            worst_ms = max(worst_ms, 1e3 * (time.process_time() - before))
    spent_s = time.process_time() - began
    return {
        "votes": float(sum(poll.poll.votes)) if poll.poll else 0.0,
        "us_a_vote": round(1e6 * spent_s / (2 * VOTERS_MAX), 2),
        "worst_tally_ms": round(worst_ms, 1),
    }


def main() -> None:
    """Print every figure."""
    for count in SIZES:
        print(json.dumps({"what": "unique", "listeners": count, "seeds": SEEDS, **error(count)}))
    print(json.dumps({"what": "cost_us", **costs()}))
    print(json.dumps({"what": "poll_of_a_million", **million()}))
    row = SpaceTally("hall", run="r" * 16, unique=Sketch().registers())
    print(json.dumps({"what": "tally_bytes", "space": len(pack(EdgeTally("e", "x", 1, (row,))))}))


if __name__ == "__main__":
    main()
