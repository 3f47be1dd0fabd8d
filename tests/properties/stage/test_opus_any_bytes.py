"""Whatever bytes come as Opus, the stage keeps its clock and its number of samples."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError
from rostra.stage.drivers.opus import Decoder
from rostra.stage.drivers.voice import Voice
from rostra.stage.toc import PACKET_SAMPLES_MAX, packet_samples


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=1_500))
def test_the_reader_of_times_agrees_with_libopus(payload: bytes) -> None:
    try:
        decoded = len(Decoder().decode(payload)) if payload else 0
    except MalformedError:
        return
    if decoded and len(payload) <= 1_275:
        assert packet_samples(payload) == decoded <= PACKET_SAMPLES_MAX


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=30))
def test_a_voice_gives_a_block_each_time_whatever_comes(payloads: list[bytes]) -> None:
    voice = Voice()
    for number, payload in enumerate(payloads):
        voice.feed(number, number * 960, payload, number * 20_000)
        block = voice.block(number * 20_000, wanted=True)
        assert block.shape == (960,)
        assert block.dtype == np.float32
        assert np.isfinite(block).all()
