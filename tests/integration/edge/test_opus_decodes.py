"""Ten seconds of `push-opus.mp4` from a real encoder, in FFmpeg's own demuxer and decoder."""

from fractions import Fraction
from io import BytesIO
from itertools import pairwise

import av
import numpy as np
from tests.integration.edge.edge_house import Client, house, until
from tests.integration.programme.test_programme_run import delay_of, show, speech_like

from rostra.domain.grid import MESSAGE_SAMPLES, OPUS_FRAME_SAMPLES, SAMPLE_RATE_HZ
from rostra.programme.limiter import Sound
from rostra.wire.messages import ProgrammeMessage
from rostra.wire.mp4_read import MediaFragment, Mp4Reader

SECONDS = 12.48
HEARD_SAMPLES = 10 * SAMPLE_RATE_HZ
BEHIND_MAX_SAMPLES = SAMPLE_RATE_HZ // 1_000


def programme(said: Sound) -> list[ProgrammeMessage]:
    evening = show()
    evening.feed(said)
    return evening.messages


def long_enough(client: Client) -> bool:
    boxes = Mp4Reader().feed(client.body()) if client.raw_body() else []
    parts = [box for box in boxes if isinstance(box, MediaFragment)]
    return bool(parts) and parts[-1].end_pts - parts[0].base_pts >= HEARD_SAMPLES


def test_ten_seconds_decode_without_an_error_or_a_step_of_the_clock() -> None:
    said = speech_like(SECONDS)
    spoken = programme(said)
    with house() as subject:
        subject.say()
        for message in spoken[:9]:
            subject.publish(message)
        until(lambda: subject.newest() >= spoken[8].number, "the first second")
        client = subject.get("/live/hall/push-opus.mp4")
        subject.listening(1)
        for message in spoken[9:]:
            subject.publish(message)
        body = client.read_until(long_enough, "ten seconds").body()
    before = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    try:
        with (
            av.logging.Capture(local=False) as complaints,
            av.open(BytesIO(body), "r") as container,
        ):
            assert container.streams.audio[0].codec_context.name in {"opus", "libopus"}
            frames = list(container.decode(audio=0))
    finally:
        av.logging.set_level(before)
    assert not complaints
    assert {frame.time_base for frame in frames} == {Fraction(1, SAMPLE_RATE_HZ)}
    assert {(b.pts or 0) - (a.pts or 0) for a, b in pairwise(frames)} == {OPUS_FRAME_SAMPLES}
    heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    assert len(heard) >= HEARD_SAMPLES
    begin = (frames[0].pts or 0) - spoken[0].number * MESSAGE_SAMPLES
    behind, likeness = delay_of(heard, said[begin:])
    assert abs(behind) <= BEHIND_MAX_SAMPLES
    assert likeness > 0.95
