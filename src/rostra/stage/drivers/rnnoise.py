"""Noise suppression by RNNoise (Valin, 2018), as the wheel of `pyrnnoise` ships its library.

The package itself is not imported: it asks for what its command line needs. Calls go through cffi
in ABI mode, as those of libopus. The model's own delay is 960 samples at 48 kHz: half a window of
overlap and a frame that it looks ahead.
"""

from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import cffi
import numpy as np
import structlog

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.levels import Block
from rostra.stage.suppression import Suppressor

FRAME_SAMPLES: Final = 480
"""10 ms at 48 kHz: what the model takes at once."""

_SCALE: Final = np.float32(32_768.0)
"""It was trained on 16-bit samples."""

_NOISE: Final = np.random.default_rng(1).normal(0.0, 0.01, MIX_BLOCK_SAMPLES).astype(np.float32)

_LOG = structlog.get_logger(__name__)

_FFI: Final = cffi.FFI()
_FFI.cdef(
    """
typedef struct DenoiseState DenoiseState;
DenoiseState *rnnoise_create(void *model);
void rnnoise_destroy(DenoiseState *st);
int rnnoise_get_frame_size(void);
float rnnoise_process_frame(DenoiseState *st, float *out, const float *in);
"""
)


@cache
def _library() -> Any | None:  # noqa: ANN401 - cffi gives untyped libraries
    """The library; None, and one line in the log, where there is none that we can use."""
    spec = find_spec("pyrnnoise")
    folders = (spec.submodule_search_locations or ()) if spec is not None else ()
    for path in (found for folder in folders for found in sorted(Path(folder).glob("*rnnoise.*"))):
        if path.suffix not in {".so", ".dylib", ".dll"}:
            continue
        try:
            library = _FFI.dlopen(str(path))
            if library.rnnoise_get_frame_size() == FRAME_SAMPLES:
                RnNoise(library)(_NOISE)  # reads 14 MB of weights: not on a clock's thread
                return library
        except (OSError, AttributeError) as error:
            _LOG.warning("RNNoise does not load", path=str(path), error=str(error))
    _LOG.warning("no RNNoise: voices keep their noise", remedy="pip install pyrnnoise")
    return None


def suppressor() -> Callable[[], Suppressor] | None:
    """What makes a suppressor for a voice; None on a machine without RNNoise."""
    library = _library()
    return None if library is None else partial(RnNoise, library)


class RnNoise:
    """One voice's suppressor (see `stage.suppression`); used by one thread at a time."""

    def __init__(self, library: Any) -> None:  # noqa: ANN401 - see _library
        self._lib = library
        self._state = _FFI.gc(self._lib.rnnoise_create(_FFI.NULL), self._lib.rnnoise_destroy)

    def __call__(self, block: Block) -> tuple[Block, float]:
        """Take float32[960]; return the 960 samples before, without noise, and if it is voice."""
        scaled = np.clip(block, -1.0, 1.0, dtype=np.float32) * _SCALE
        clean = np.empty(MIX_BLOCK_SAMPLES, dtype=np.float32)
        source = _FFI.from_buffer("float[]", scaled)
        target = _FFI.from_buffer("float[]", clean, require_writable=True)
        voice = [
            float(self._lib.rnnoise_process_frame(self._state, target + start, source + start))
            for start in range(0, MIX_BLOCK_SAMPLES, FRAME_SAMPLES)
        ]
        return clean / _SCALE, sum(voice) / len(voice)
