"""The quality score: ViSQOL in its speech mode (Chinen et al., 2020), 1 to 5."""

import importlib
from functools import cache
from typing import Any

import numpy as np
from benchmarks.listening import RATE, Samples
from benchmarks.speech import speech

SCORED_S = 10
"""Of each tape: ViSQOL is made for sentences of 5 to 10 s."""
SPEECH_RATE = 16_000


@cache
def _visqol() -> Any:  # noqa: ANN401 - installed only for benchmarks, and so without types
    api = importlib.import_module("visqol").VisqolApi()
    api.create(mode="speech")
    return api


def score(tape: Samples) -> float:
    """Of the beginning of the talk as heard, aligned."""
    said = speech(SCORED_S)
    heard = np.pad(tape, (0, max(0, len(said) - len(tape))))[: len(said)]
    return float(_visqol().measure_from_arrays(_slow(said), _slow(heard), SPEECH_RATE).moslqo)


def _slow(sound: Samples) -> Any:  # noqa: ANN401 - as above
    signal = importlib.import_module("scipy.signal")
    return signal.resample_poly(sound.astype(np.float64), SPEECH_RATE, RATE)
