"""Reads how long an Opus packet sounds, without decoding it (RFC 6716, section 3.1)."""

from typing import Final

from rostra.domain.errors import MalformedError
from rostra.domain.grid import MIX_BLOCK_SAMPLES

PACKET_SAMPLES_MAX: Final = 5_760
"""An Opus packet lasts at most 120 ms (RFC 6716, R5)."""

PACKET_BYTES_MAX: Final = 1_275
"""The largest Opus frame, and more than 20 ms of speech ever take (RFC 6716, section 3.4)."""

_SILK: Final = (480, 960, 1_920, 2_880)
_HYBRID: Final = (480, 960)
_CELT: Final = (120, 240, 480, 960)
_FIRST_HYBRID: Final = 12
_FIRST_CELT: Final = 16
_CODE_ARBITRARY: Final = 3


def packet_samples(payload: bytes) -> int:
    """Samples at 48 kHz that the packet decodes to; MalformedError if it is no Opus packet."""
    if not payload or len(payload) > PACKET_BYTES_MAX:
        sentence = f"An Opus packet of {len(payload)} bytes; 1 to {PACKET_BYTES_MAX} are allowed."
        raise MalformedError(sentence)
    samples = _frame_samples(payload[0] >> 3) * _frames(payload)
    if not 0 < samples <= PACKET_SAMPLES_MAX:
        sentence = f"An Opus packet claims {samples} samples; at most 120 ms are allowed."
        raise MalformedError(sentence)
    return samples


def packet_blocks(payload: bytes) -> int:
    """Blocks of 20 ms in the packet; MalformedError for any other packet time."""
    blocks, rest = divmod(packet_samples(payload), MIX_BLOCK_SAMPLES)
    if rest:
        sentence = "The stage takes Opus packets of 20, 40 or 60 ms; set the encoder to 20 ms."
        raise MalformedError(sentence)
    return blocks


def _frame_samples(config: int) -> int:
    if config < _FIRST_HYBRID:
        return _SILK[config & 3]
    if config < _FIRST_CELT:
        return _HYBRID[config & 1]
    return _CELT[config & 3]


def _frames(payload: bytes) -> int:
    code = payload[0] & 3
    if code != _CODE_ARBITRARY:
        return 1 if code == 0 else 2
    return payload[1] & 0x3F if len(payload) > 1 else 0
