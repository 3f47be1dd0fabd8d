"""The page of `loudness`."""

from collections.abc import Sequence

from benchmarks import plot
from benchmarks.figures import Case, Goal, Run
from benchmarks.tables import Page, paragraph, shown, table

TARGET_LUFS = -16.0
BLOCKS_PER_S = 50
FLOOR_LUFS = -60.0


def page(history: Sequence[Run]) -> Page:
    """A talk of unequal, noisy voices."""
    run = history[-1]
    came, heard = run["talk"]["ways"]
    words = paragraph(
        "Two recorded voices, 20 dB apart and each with noise of -60 dBFS behind it, take",
        f"{run['talk']['turns']} turns in {run['talk']['seconds']} s. Voices are measured from",
        "their second turn on, the whole from its first sample, by pyloudnorm; AAC is what a",
        "listener decodes, measured by FFmpeg's ebur128 too. The recordings are a synthesiser's,",
        "whose pulses make AAC overshoot by more than a person's voice does. Below: one voice",
        "before three rooms (noise falling by 3 dB an octave). Likeness is the scale-invariant",
        "ratio of signal to distortion against the voice alone, at the gain of its own.",
    )
    tables = [_ways(came, heard), _rooms(run["rooms"]), _costs(run["costs"])]
    return Page(
        "Loudness of a talk",
        words,
        "python -m benchmarks.loudness",
        _goals(run, heard),
        tables,
        _lines(came, heard),
    )


def _goals(run: Run, heard: Case) -> list[Goal]:
    off = round(abs(heard["aac_lufs"] - TARGET_LUFS), 2)
    noisy = [one["noise_down_db"] for one in run["rooms"] if one["delay_ms"]]
    most = max(one["delay_ms"] for one in run["rooms"])
    return [
        Goal("programme off -16 LUFS", off, 1.0, "LU"),
        Goal("voices apart, 20 dB before", heard["apart_lu"], 1.5, "LU"),
        Goal("true peak of the mix", heard["peak_dbtp"], -1.0, "dBTP"),
        Goal("true peak after AAC", heard["aac_peak_dbtp"], -1.0, "dBTP"),
        Goal("noise down in pauses, least", min(noisy, default=None), 12.0, "dB", at_least=True),
        Goal("delay that it costs a noisy voice", most, 20.0, "ms"),
    ]


def _ways(came: Case, heard: Case) -> str:
    rows = [
        (words, shown(came, key, ".2f"), shown(heard, key, ".2f"))
        for words, key in (
            ("programme, LUFS", "lufs"),
            ("after AAC, LUFS", "aac_lufs"),
            ("after AAC by FFmpeg, LUFS", "aac_lufs_ffmpeg"),
            ("voices apart, LU", "apart_lu"),
            ("true peak, dBTP", "peak_dbtp"),
            ("after AAC, dBTP", "aac_peak_dbtp"),
            ("after AAC by FFmpeg, dBTP", "aac_peak_dbtp_ffmpeg"),
        )
    ]
    return table(("talk", came["way"], heard["way"]), rows)


def _rooms(rooms: Sequence[Case]) -> str:
    heads = ("noise, dBFS", "delay, ms", "down in pauses, dB", "likeness before, dB", "after, dB")
    keys = ("delay_ms", "noise_down_db", "likeness_db_before", "likeness_db")
    return table(
        heads, [(f"{one['noise_dbfs']:g}", *(shown(one, key) for key in keys)) for one in rooms]
    )


def _costs(costs: Case) -> str:
    rows = [
        (words, shown(costs, key), f"{costs[key] * BLOCKS_PER_S / 1e4:.2f}")
        for words, key in (
            ("a clean voice", "clean_us"),
            ("a noisy voice, suppressed (pauses included)", "suppressed_us"),
            ("a noisy voice in a pause", "pause_us"),
            ("RNNoise alone", "rnnoise_us"),
            ("the programme's limiter", "limiter_us"),
        )
    ]
    return table(("CPU", "µs a block", "% of a core"), rows)


def _lines(came: Case, heard: Case) -> str:
    series = {
        case["way"]: [(float(at + 3), value) for at, value in enumerate(case["short_term"])]
        for case in (came, heard)
    }
    last = float(len(came["short_term"]) + 2)
    axes = plot.Axes(
        "Short-term loudness of the talk, LUFS",
        {3.0: "3 s", last: f"{last:.0f} s"},
        {-50.0: "-50", -40.0: "-40", -30.0: "-30"},
        {TARGET_LUFS: "-16", 0.0: "0"},
        low=FLOOR_LUFS,
    )
    return plot.lines(axes, series)
