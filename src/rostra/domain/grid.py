"""The grid: how samples at 48 kHz become messages, parts, segments and ticks.

Every position in a programme is a count of samples since its run's epoch (`pts_samples`).
The sizes are chosen so that AAC (1,024), Opus (960) and MP3 (1,152) frames meet on common bounds:
a segment is a whole number of frames in each of the three.
"""

from typing import Final

SAMPLE_RATE_HZ: Final = 48_000

AAC_FRAME_SAMPLES: Final = 1_024
OPUS_FRAME_SAMPLES: Final = 960
MP3_FRAME_SAMPLES: Final = 1_152

MIX_BLOCK_SAMPLES: Final = 960
"""One turn of the stage's clock: 20 ms, an Opus frame."""

MESSAGE_SAMPLES: Final = 5_120
"""One message on the backbone: 106.7 ms, five AAC frames."""

PART_SAMPLES: Final = 15_360
"""One part of low-latency HLS: 320 ms, three messages."""

SEGMENT_SAMPLES: Final = 92_160
"""One HLS segment: 1.92 s, six parts, 90 AAC, 96 Opus or 80 MP3 frames."""

HOLD_LOOP_SAMPLES: Final = 46_080
"""A hold loop is a multiple of this long: whole frames in AAC (45), Opus (48) and MP3 (40)."""

AAC_FRAMES_PER_MESSAGE: Final = MESSAGE_SAMPLES // AAC_FRAME_SAMPLES
MESSAGES_PER_PART: Final = PART_SAMPLES // MESSAGE_SAMPLES
MESSAGES_PER_SEGMENT: Final = SEGMENT_SAMPLES // MESSAGE_SAMPLES
PARTS_PER_SEGMENT: Final = SEGMENT_SAMPLES // PART_SAMPLES

TICK_MESSAGES: Final = (1, 3, 9, 18)
"""How many messages an edge may gather before it writes to a listener."""

MICROSECONDS: Final = 1_000_000


def message_at(pts_samples: int) -> int:
    """The number of the message that holds the sample at `pts_samples`."""
    return pts_samples // MESSAGE_SAMPLES


def message_pts(number: int) -> int:
    """The first sample of message `number`."""
    return number * MESSAGE_SAMPLES


def mp3_frames_of(number: int) -> range:
    """Indices of the MP3 frames whose pts (index x 1,152) falls into message `number`.

    A message holds four or five of them; over a segment there are exactly 80.
    """
    first = -(-message_pts(number) // MP3_FRAME_SAMPLES)
    end = -(-message_pts(number + 1) // MP3_FRAME_SAMPLES)
    return range(first, end)


def opus_frames_of(number: int) -> range:
    """Indices of the Opus packets whose pts (index x 960) falls into message `number`.

    A message holds five or six of them, a part exactly 16, a segment 96.
    """
    first = -(-message_pts(number) // OPUS_FRAME_SAMPLES)
    end = -(-message_pts(number + 1) // OPUS_FRAME_SAMPLES)
    return range(first, end)


def samples_of_us(microseconds: int) -> int:
    """Samples that fit into a time, rounded down (also below zero)."""
    return microseconds * SAMPLE_RATE_HZ // MICROSECONDS


def us_of_samples(samples: int) -> int:
    """Microseconds that a count of samples lasts, rounded down."""
    return samples * MICROSECONDS // SAMPLE_RATE_HZ


def segment_of_message(number: int) -> int:
    """The HLS segment that message `number` belongs to."""
    return number // MESSAGES_PER_SEGMENT
