"""The howl guard in 200 seeded rooms that howl, and beside sound that has no loop.

    python -m benchmarks.howl [--quick] [--dry] [--rooms 200] [--clean 100]

A howl is *noticed* when a third-octave band of the mix is 6 dB above all that it had in the last
1.5 s in the same evening without a loop, and above -50 dBFS. It is *suppressed* when the source
was turned down at most 500 ms after the howl was noticed in the same room without a guard; when
from 1 s after that moment to the end the guarded mix is over that bound in at most 5 % of the time
(the trials included); and when the gain of what was found is below 1 from the first
blocks of the ducking on, for a second.
"""

import argparse
import functools
import multiprocessing
import os
import statistics
import time
from pathlib import Path

import numpy as np
from benchmarks import pages
from benchmarks.figures import Case, keep, line_of, percentile
from benchmarks.howl_clean import CLEAN_KINDS, clean
from benchmarks.howl_rooms import Gains, Room, Sound, howling, play

from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.programme.tune import tune
from rostra.stage.drivers.soundfile import blocks
from rostra.stage.howl import HowlGuard

ROOT = Path(__file__).parent.parent
PIECES = (
    "tests/data/speech.opus",
    "tests/data/speech_b.opus",
    "src/rostra/app/demo_data/voice_a.opus",
    "src/rostra/app/demo_data/voice_b.opus",
)
ROOM_S = 12
FIRST = 2_000
"""The method was chosen with seeds below 1,200: the figures are of others."""
WINDOW = SAMPLE_RATE_HZ // 10
HELD_WINDOWS = 15
NOTICED_DB = 6.0
NOTICED_DBFS = -50.0
DUCKED_WITHIN_S = 0.5
BLOCKS_A_SECOND = SAMPLE_RATE_HZ // MIX_BLOCK_SAMPLES


@functools.cache
def sounds(files: int = len(PIECES)) -> tuple[list[Sound], list[Sound]]:
    """Speech from so many files, and music; read once."""
    pieces = [np.concatenate(list(blocks(ROOT / name))) for name in PIECES[:files]]
    return pieces, [tune() * np.float32(3)]


def levels(sound: Sound) -> Gains:
    """Third octaves from 250 Hz to 10 kHz in dBFS, by 100 ms."""
    count = len(sound) // WINDOW
    windows = sound[: count * WINDOW].reshape(count, WINDOW) * np.hanning(WINDOW)
    power = np.square(np.abs(np.fft.rfft(windows))) * (16 / 3) / WINDOW**2
    hertz = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE_HZ)
    bands = []
    for third in range(-6, 11):
        middle = 1_000 * 2 ** (third / 3)
        inside = (hertz >= middle * 2 ** (-1 / 6)) & (hertz < middle * 2 ** (1 / 6))
        bands.append(power[:, inside].sum(axis=1))
    decibels: Gains = 10 * np.log10(np.array(bands).T + 1e-12)
    return decibels


def excess(sound: Sound, without: Sound) -> Gains:
    """By how many dB the worst band is above what it had in the last 1.5 s without a loop."""
    calm = levels(without)
    held = np.array([calm[max(0, n - HELD_WINDOWS) : n + 1].max(axis=0) for n in range(len(calm))])
    over: Gains = (levels(sound) - np.maximum(held, NOTICED_DBFS)).max(axis=1)
    return over


def judge(room: Room) -> Case:
    """One room: without a loop, without the guard, and with it."""
    calm = play(room, guarded=False, closed=False).mix
    noticed = excess(play(room, guarded=False).mix, calm) > NOTICED_DB
    guarded = play(room)
    noticed_s = float(np.argmax(noticed)) / 10 if noticed.any() else None
    first = min((where[0] for where in guarded.ducked.values()), default=None)
    ducked_s = None if first is None else first / BLOCKS_A_SECOND
    over = excess(guarded.mix, calm)
    after = over[round((noticed_s or 0.0) * 10) + 10 :] if noticed_s is not None else over
    late_s = None if noticed_s is None or ducked_s is None else ducked_s - noticed_s
    over_share = float((after > NOTICED_DB).mean()) if len(after) else 0.0
    begin = (first or 0) + 2
    stable = bool((guarded.open_gain[begin : begin + BLOCKS_A_SECOND] < 1).all())
    in_time = noticed_s is None or (late_s is not None and late_s <= DUCKED_WITHIN_S)
    return {
        "seed": room.seed,
        "kind": room.kind,
        "gain_db": round(max(loop.gain_db for loop in room.loops.values()), 1),
        "delay_ms": [loop.delay_samples // 48 for loop in room.loops.values()],
        "noticed_s": noticed_s,
        "ducked_s": ducked_s,
        "late_s": None if late_s is None else round(late_s, 2),
        "over_share": round(over_share, 3),
        "worst_db": round(float(after.max(initial=-60.0)), 1),
        "stable": stable,
        "suppressed": in_time and over_share <= 0.05 and (stable or noticed_s is None),
    }


def one_room(seed: int) -> Case:
    """A room by its seed, for a worker."""
    pieces, music = sounds()
    return judge(howling(seed, pieces, music, ROOM_S))


def one_clean(what: tuple[str, int]) -> tuple[str, bool]:
    """Whether a clean excerpt was turned down at all, for however short."""
    pieces, music = sounds()
    return what[0], bool(play(clean(what[1], what[0], pieces, music)).ducked)


def cost_us() -> tuple[float, float]:
    """Median and 99th percentile of a block's CPU for a source, in µs, two of them talking."""
    pieces, _ = sounds()
    guard, spent = HowlGuard(), []
    for start in range(0, 8 * SAMPLE_RATE_HZ, MIX_BLOCK_SAMPLES):
        first, second = (piece[start : start + MIX_BLOCK_SAMPLES] for piece in pieces[:2])
        begin = time.thread_time_ns()
        mix = guard.heard("one", first) + guard.heard("two", second)
        guard.mixed(mix)
        spent.append((time.thread_time_ns() - begin) / 2_000)
    return round(statistics.median(spent), 1), round(percentile(spent, 0.99), 1)


def measure(first: int, rooms: int, excerpts: int, workers: int) -> Case:
    """All rooms and all clean excerpts, from this seed on."""
    asked = [(kind, first + n) for kind in CLEAN_KINDS for n in range(excerpts)]
    with multiprocessing.get_context("spawn").Pool(workers, os.nice, (5,)) as pool:
        cases = pool.map(one_room, range(first, first + rooms), chunksize=4)
        heard = pool.map(one_clean, asked, chunksize=8)
    ducked = {kind: sum(bad for k, bad in heard if k == kind) for kind in CLEAN_KINDS}
    median_us, p99_us = cost_us()
    return {
        "first": first,
        "rooms": rooms,
        "suppressed": sum(case["suppressed"] for case in cases),
        "cases": cases,
        "excerpts": excerpts,
        "ducked": ducked,
        "cost_us": median_us,
        "cost_us_p99": p99_us,
    }


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="40 rooms, 10 excerpts of a kind")
    parser.add_argument("--dry", action="store_true", help="print, and keep no history")
    parser.add_argument("--first", type=int, default=FIRST, help="the first seed")
    parser.add_argument("--rooms", type=int, default=0)
    parser.add_argument("--clean", type=int, default=0, help="excerpts of each kind")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    found = measure(
        given.first,
        given.rooms or (40 if given.quick else 200),
        given.clean or (10 if given.quick else 100),
        given.workers,
    )
    for case in found["cases"]:
        if not case["suppressed"]:
            print("not suppressed:", case)
    print({key: value for key, value in found.items() if key != "cases"}, flush=True)
    if not given.dry:
        keep(line_of("howl", found))
        pages.write("howl")


if __name__ == "__main__":
    main()
