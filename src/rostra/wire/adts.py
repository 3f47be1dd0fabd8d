"""AAC units in ADTS headers (ISO/IEC 14496-3, 1.A.2.2): what plain players and PyAV take."""

from typing import Final

from rostra.domain.errors import MalformedError

HEADER_BYTES: Final = 7
FRAME_BYTES_MAX: Final = 0x1FFF
"""A frame's length has 13 bits, header included."""

_HEADER: Final = 0xFFF1_4C40_001F_FC
"""Sync word, MPEG-4, no CRC; AAC-LC, 48 kHz, one channel; buffer fullness 'variable rate'."""
_LENGTH_BIT: Final = 13
"""The length ends this many bits before the header does."""
_LENGTH_MASK: Final = FRAME_BYTES_MAX << _LENGTH_BIT


def frame(unit: bytes) -> bytes:
    """One access unit of AAC-LC 48 kHz mono behind its seven-byte header.

    `unit` is at most 8,184 bytes; the encoder's are below `limits.AAC_UNIT_BYTES_MAX`.
    """
    length = HEADER_BYTES + len(unit)
    return (_HEADER | length << _LENGTH_BIT).to_bytes(HEADER_BYTES, "big") + unit


class AdtsReader:
    """Cuts a byte stream that starts on a frame into access units, however it is chunked."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take some bytes and return the units that they complete.

        Raises MalformedError where a frame of AAC-LC 48 kHz mono should start and does not.
        """
        self._pending += data
        units, at = [], 0
        while len(self._pending) - at >= HEADER_BYTES:
            end = at + self._frame_bytes(at)
            if end > len(self._pending):
                break
            units.append(bytes(self._pending[at + HEADER_BYTES : end]))
            at = end
        del self._pending[:at]
        return units

    def _frame_bytes(self, at: int) -> int:
        header = int.from_bytes(self._pending[at : at + HEADER_BYTES], "big")
        length = (header & _LENGTH_MASK) >> _LENGTH_BIT
        if header & ~_LENGTH_MASK != _HEADER or length < HEADER_BYTES:
            sentence = f"This is no ADTS frame of AAC-LC 48 kHz mono: its head is {header:014x}."
            raise MalformedError(sentence)
        return length
