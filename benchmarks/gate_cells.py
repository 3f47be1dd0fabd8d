"""The networks of the gate, and our path through them in virtual time: minutes in a second."""

from dataclasses import dataclass

import numpy as np
from benchmarks.figures import Case
from benchmarks.links import Faults, Link
from benchmarks.listening import RATE, Samples, compare, recovery_ms

from rostra.stage.drivers.voice import Voice
from rostra.stage.jitter import Counters

BLOCK_US = 20_000
TAIL_BLOCKS = 60
STALL_S = (8.0, 10.0)

VIRTUAL = (
    Faults("clean"),
    Faults("loss 1 %", 0.01),
    Faults("loss 5 %", 0.05),
    Faults("loss 10 %", 0.10),
    Faults("bursts 1 %", 0.01, bursts=True),
    Faults("bursts 5 %", 0.05, bursts=True),
    Faults("bursts 10 %", 0.10, bursts=True),
    Faults("jitter 20 ms", jitter_ms=20),
    Faults("jitter 40 ms", jitter_ms=40),
    Faults("jitter 80 ms", jitter_ms=80),
    Faults("queue 80 ms", jitter_ms=80, queue=True),
    Faults("reordering 5 %", reorder=0.05),
    Faults("loss 5 %, jitter 40 ms", 0.05, jitter_ms=40),
    Faults("bursts 5 %, jitter 40 ms", 0.05, bursts=True, jitter_ms=40),
    Faults("stall of 2 s", stall_s=STALL_S),
)
REAL = tuple(
    one
    for one in VIRTUAL
    if one.name
    in {
        "clean",
        "loss 5 %",
        "bursts 5 %",
        "jitter 40 ms",
        "bursts 5 %, jitter 40 ms",
        "stall of 2 s",
    }
)
CHANGE = Faults("jitter 60 ms for 20 s", jitter_ms=60, jitter_s=(20.0, 40.0))


@dataclass(frozen=True)
class Played:
    """What a stage's listener hears of a voice, and what its buffer did."""

    tape: Samples
    counters: Counters
    depths_ms: tuple[int, ...]


def play(packets: list[bytes], faults: Faults, seed: int) -> Played:
    """Packets over a link into jitter buffer and decoder, pulled by a clock of another phase."""
    link = Link(faults, seed)
    sent = ((number, link.arrival((number + 1) * 0.020)) for number in range(len(packets)))
    arrivals = sorted((round(at_s * 1e6), number) for number, at_s in sent if at_s is not None)
    phase_us = seed * 3_517 % BLOCK_US
    voice, blocks, depths, position = Voice(), [], [], 0
    for block in range(len(packets) + TAIL_BLOCKS):
        now_us = phase_us + block * BLOCK_US
        while position < len(arrivals) and arrivals[position][0] <= now_us:
            at_us, number = arrivals[position]
            voice.feed(number & 0xFFFF, number * 960, packets[number], at_us)
            position += 1
        blocks.append(voice.block(now_us, wanted=True))
        depths.append(voice.depth_ms)
    early = np.zeros(phase_us * RATE // 1_000_000, dtype=np.float32)
    return Played(np.concatenate([early, *blocks]), voice.counters, tuple(depths))


def judged(said: Samples, tape: Samples, faults: Faults) -> Case:
    """Dropouts a minute, latency, and recovery where there was a stall."""
    heard = compare(said, tape)
    case: Case = {
        "drops": round(heard.per_minute, 2),
        "latency_ms": round(float(np.nanmedian(heard.delays_ms)), 1),
        "latency_p95_ms": round(float(np.nanpercentile(heard.delays_ms, 95)), 1),
    }
    if faults.stall_s[1]:
        before_ms = float(np.nanmedian(heard.delays_ms[: int(faults.stall_s[0] * 10)]))
        back_ms = recovery_ms(said, tape, faults.stall_s[1], before_ms)
        rest_ms = len(said) / RATE * 1e3 - faults.stall_s[1] * 1e3
        case["recovery_ms"] = round(rest_ms if np.isnan(back_ms) else back_ms, 1)
    return case


def virtual(said: Samples, packets: list[bytes], faults: Faults, seed: int) -> Case:
    """One cell, one seed."""
    played = play(packets, faults, seed)
    counted = played.counters
    return {
        **judged(said, played.tape, faults),
        "lost": counted.lost,
        "fec": counted.fec,
        "depth_ms": round(float(np.mean(played.depths_ms)), 1),
    }


def adaptation(said: Samples, packets: list[bytes], seed: int) -> Case:
    """The delay before, in and after 20 s of jitter, in the last 8 s of each."""
    delays = compare(said, play(packets, CHANGE, seed).tape).delays_ms
    thirds = {"before": 12, "within": 32, "after": 52}
    return {
        key: round(float(np.nanmedian(delays[start * 10 : start * 10 + 80])), 1)
        for key, start in thirds.items()
    }
