"""How a talk of unequal, noisy voices sounds: loudness, true peaks, noise, and what that costs.

    python -m benchmarks.loudness [--quick] [--dry]

Two recorded voices 20 dB apart, each with a room's noise, take turns. They go through chain, mixer,
limiter and AAC as in the studio, and as they came beside it. pyloudnorm and FFmpeg's ebur128
measure; FFmpeg's own true peak is the second opinion.
"""

import time
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import pyloudnorm
from benchmarks import bench
from benchmarks.figures import Case
from numpy.typing import NDArray

from rostra.programme.drivers.encode import AAC_CONFIG, AacEncoder
from rostra.programme.limiter import LIMITER_DELAY_SAMPLES, Limiter, Sound
from rostra.programme.true_peak import true_peak_dbtp
from rostra.stage.chain import Chain
from rostra.stage.drivers.rnnoise import suppressor
from rostra.stage.drivers.soundfile import blocks
from rostra.stage.mixer import Mixer
from rostra.stage.suppression import Slots, Suppressor

RATE: Final = 48_000
BLOCK: Final = 960
DATA: Final = Path(__file__).parent.parent / "tests" / "data"
VOICES: Final = ("speech", "speech_b")
GAINS_DB: Final = (-6.0, -26.0)
ROOM_DBFS: Final = -60.0
ROOMS_DBFS: Final = (-70.0, -50.0, -40.0)
SPOKEN: Final = 0.02
"""A block with a peak above this is of a voice, in the recordings."""
METER: Final = pyloudnorm.Meter(RATE)
SHORT_TERM_S: Final = 3.0

Blocks = NDArray[np.float32]


def voice(name: str) -> Sound:
    """A recorded voice in whole seconds."""
    sound = np.concatenate(list(blocks(DATA / f"{name}.opus")))
    return sound[: len(sound) // RATE * RATE]


def noise(samples: int, dbfs: float, seed: int) -> Sound:
    """A room: noise that falls by 3 dB an octave, as fans and streets do."""
    chance = np.random.default_rng(seed)
    size = 1 << samples.bit_length()
    spectrum = np.fft.rfft(chance.normal(size=size)) / np.sqrt(np.arange(1, size // 2 + 2))
    sound = np.fft.irfft(spectrum)[:samples]
    sound *= 10.0 ** (dbfs / 20.0) / np.sqrt(np.mean(sound**2))
    return sound.astype(np.float32)


def microphones(turns: int) -> tuple[list[Sound], list[tuple[int, int, int]]]:
    """What each voice's microphone sends, and who has which samples for a turn."""
    sounds = [
        voice(name) * np.float32(10.0 ** (db / 20.0))
        for name, db in zip(VOICES, GAINS_DB, strict=True)
    ]
    total = sum(len(sounds[turn % 2]) for turn in range(turns))
    sent = [noise(total, ROOM_DBFS, seed) for seed in range(2)]
    had, at = [], 0
    for turn in range(turns):
        who = turn % 2
        end = at + len(sounds[who])
        sent[who][at:end] += sounds[who]
        had.append((who, at, end))
        at = end
    return sent, had


def programme(sent: list[Sound], *, treated: bool) -> Sound:
    """The talk as the programme has it, before it is encoded."""
    make = suppressor()
    chains, slots, mixer, limiter = [Chain(make) for _ in sent], Slots(), Mixer(), Limiter()
    out = []
    for start in range(0, len(sent[0]), BLOCK):
        now = [sound[start : start + BLOCK] for sound in sent]
        if treated:
            slots.turn()
            now = [chain(block, slots) for chain, block in zip(chains, now, strict=True)]
        mixed = mixer.mix({str(who): block for who, block in enumerate(now)}, frozenset())
        out.append(limiter(mixed.mix))
    out.append(limiter(np.zeros(LIMITER_DELAY_SAMPLES, np.float32)))
    return np.concatenate(out)[LIMITER_DELAY_SAMPLES:]


def through_aac(sound: Sound) -> Sound:
    """What a listener decodes."""
    encoder = AacEncoder()
    pieces = (sound[at : at + BLOCK] for at in range(0, len(sound), BLOCK))
    units = [unit for piece in pieces for unit in encoder.feed(piece)]
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = AAC_CONFIG
    frames = [frame for unit in units for frame in decoder.decode(av.Packet(unit))]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def by_ffmpeg(sound: Sound) -> tuple[float, float]:
    """Integrated loudness and true peak by FFmpeg's ebur128."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono", time_base=None)
    meter = graph.add("ebur128", "peak=true:metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    loudness = peak = float("nan")
    for at in range(0, len(sound), RATE):
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis, at : at + RATE], "flt", "mono")
        frame.sample_rate, frame.pts = RATE, at
        source.push(frame)
        while True:
            try:
                told = sink.pull().metadata
            except (av.BlockingIOError, av.EOFError):
                break
            loudness = float(told.get("lavfi.r128.I", loudness))
            peak = float(told.get("lavfi.r128.true_peaks_ch0", peak))
    return loudness, 20.0 * float(np.log10(max(peak, 1e-6)))


def lufs(sound: Sound) -> float:
    """Integrated loudness by pyloudnorm."""
    return round(float(METER.integrated_loudness(sound.astype(np.float64))), 2)


def short_term(sound: Sound) -> list[float]:
    """Loudness of each second's last 3 s, gated like the rest."""
    span = int(SHORT_TERM_S * RATE)
    ends = range(span, len(sound), RATE)
    return [round(max(lufs(sound[end - span : end]), -60.0), 1) for end in ends]


def talk(turns: int) -> Case:
    """The talk, as it came and as it is heard."""
    sent, had = microphones(turns)
    case: Case = {"turns": turns, "seconds": round(len(sent[0]) / RATE), "ways": []}
    for name, treated in (("as it came", False), ("as it is heard", True)):
        made = programme(sent, treated=treated)
        heard = through_aac(made)
        settled = had[2:]
        each = [
            lufs(np.concatenate([made[a:b] for w, a, b in settled if w == who])) for who in (0, 1)
        ]
        ffmpeg = by_ffmpeg(heard)
        case["ways"].append({
            "way": name,
            "lufs": lufs(made),
            "aac_lufs": lufs(heard),
            "aac_lufs_ffmpeg": round(ffmpeg[0], 2),
            "voices_lufs": each,
            "apart_lu": round(abs(each[0] - each[1]), 2),
            "peak_dbtp": round(true_peak_dbtp(made), 2),
            "aac_peak_dbtp": round(true_peak_dbtp(heard), 2),
            "aac_peak_dbtp_ffmpeg": round(ffmpeg[1], 2),
            "short_term": short_term(made),
        })  # fmt: skip
    return case


def likeness_db(heard: Sound, said: Sound) -> float:
    """Scale-invariant ratio of signal to distortion: what of `heard` is `said`, in dB."""
    scale = float(np.dot(heard, said)) / max(float(np.dot(said, said)), 1e-12)
    rest = heard - np.float32(scale) * said
    return 10.0 * float(np.log10(scale**2 * np.dot(said, said) / max(np.dot(rest, rest), 1e-12)))


def room(dbfs: float) -> Case:
    """One voice before a room's noise, through its chain at its own loudness."""
    clean = np.tile(voice("speech"), 2)
    hiss = noise(len(clean), dbfs, 7)
    chain, slots, out = Chain(suppressor()), Slots(), []
    for at in range(0, len(clean), BLOCK):
        slots.turn()
        out.append(chain((clean + hiss)[at : at + BLOCK], slots))
    late = chain.delay_samples
    half = len(clean) // 2
    heard = np.concatenate(out)[half + late :] * np.float32(10.0 ** (-chain.gain_db / 20.0))
    said, noisy = clean[half:][: len(heard)], (clean + hiss)[half:][: len(heard)]
    quiet = np.repeat((said.reshape(-1, 480) ** 2).mean(axis=1) < 1e-7, 480)
    before, after = (float(np.mean(sound[quiet] ** 2)) for sound in (noisy, heard))
    return {
        "noise_dbfs": dbfs,
        "delay_ms": late / 48,
        "noise_down_db": round(10.0 * np.log10(before / max(after, 1e-12)), 1),
        "likeness_db_before": round(likeness_db(noisy, said), 1),
        "likeness_db": round(likeness_db(heard, said), 1),
    }


def cost(sound: Sound, make: Any) -> float:  # noqa: ANN401 - a suppressor's maker, or None
    """CPU of one voice's chain in µs a block: the least of many blocks' means."""
    chain, slots, best = Chain(make), Slots(), float("inf")
    for start in range(0, len(sound) - 50 * BLOCK, 50 * BLOCK):
        begun = time.thread_time()
        for at in range(start, start + 50 * BLOCK, BLOCK):
            slots.turn()
            chain(sound[at : at + BLOCK], slots)
        if start > 4 * RATE:
            best = min(best, (time.thread_time() - begun) / 50)
    return round(best * 1e6, 1)


def costs() -> Case:
    """What a voice costs, speaking clean, speaking before noise, and silent; and the limiter."""
    speech = np.tile(voice("speech"), 3)
    rows = speech.reshape(-1, BLOCK)
    dense = rows[np.abs(rows).max(axis=1) > SPOKEN].ravel()
    limiter, times = Limiter(), []
    for block in dense.reshape(-1, BLOCK):
        begun = time.thread_time()
        limiter(2.0 * block)
        times.append(time.thread_time() - begun)
    return {
        "clean_us": cost(dense, suppressor()),
        "suppressed_us": cost(speech + noise(len(speech), -45.0, 3), suppressor()),
        "pause_us": cost(noise(20 * RATE, -55.0, 5), suppressor()),
        "limiter_us": round(1e6 * float(np.median(times)), 1),
        "rnnoise_us": rnnoise_us(),
    }


def rnnoise_us() -> float:
    """CPU of RNNoise alone, a block of 20 ms."""
    make = suppressor()
    if make is None:
        return 0.0
    model: Suppressor = make()
    block, best = noise(BLOCK, -40.0, 1), float("inf")
    for _ in range(200):
        begun = time.thread_time()
        model(block)
        best = min(best, time.thread_time() - begun)
    return round(best * 1e6, 1)


def measure(*, quick: bool) -> dict[str, Any]:
    """All of it."""
    return {
        "talk": talk(4 if quick else 10),
        "rooms": [room(dbfs) for dbfs in ROOMS_DBFS],
        "costs": costs(),
        "left_out": [],
    }


def main() -> None:
    """Measure, keep the line, write the page."""
    given = bench.options(__doc__).parse_args()
    bench.run("loudness", lambda _: measure(quick=given.quick), dry=given.dry)


if __name__ == "__main__":
    main()
