"""Titles inside an MP3 stream, as SHOUTcast put them there (`Icy-MetaData: 1`, `icy-metaint`)."""

from typing import Final

METAINT: Final = 9_600
"""Bytes of sound between two blocks: 50 frames at 64 kbit/s, so that none is cut."""

BLOCK_BYTES_MAX: Final = 255 * 16
"""A block's length is one byte that counts sixteens."""

EMPTY_BLOCK: Final = b"\0"
"""Nothing new."""

_BEFORE: Final = b"StreamTitle='"
_AFTER: Final = b"';"
_APOSTROPHE: Final = "\u2019"


def metadata_block(title: str) -> bytes:
    """One block, its length byte first: at most 1 + 4,080 bytes, cut on a character.

    The format has no escape: apostrophes become typographic ones, control characters spaces.
    """
    clean = "".join(sign if sign.isprintable() else " " for sign in title.replace("'", _APOSTROPHE))
    room = BLOCK_BYTES_MAX - len(_BEFORE) - len(_AFTER)
    cut = clean.encode("utf-8", "replace")[:room].decode("utf-8", "ignore").encode()
    text = _BEFORE + cut + _AFTER
    sixteens = -(-len(text) // 16)
    return bytes([sixteens]) + text.ljust(16 * sixteens, b"\0")


class IcyReader:
    """Takes sound and titles apart again, however the stream is chunked.

    Holds at most one block; any bytes are a valid stream.
    """

    def __init__(self, metaint: int = METAINT) -> None:
        self._metaint = metaint
        self._sound_left = metaint
        self._block = bytearray()

    def feed(self, data: bytes) -> tuple[bytes, list[str]]:
        """Return the sound in `data` and the titles that it completes."""
        sound, titles, at = bytearray(), [], 0
        while at < len(data):
            if self._sound_left:
                piece = data[at : at + self._sound_left]
                sound += piece
                self._sound_left -= len(piece)
            else:
                piece = data[at : at + self._block_left()]
                self._block += piece
                titles += self._finished()
            at += len(piece)
        return bytes(sound), titles

    def _block_left(self) -> int:
        return 1 + 16 * self._block[0] - len(self._block) if self._block else 1

    def _finished(self) -> list[str]:
        if self._block_left():
            return []
        text = bytes(self._block[1:]).rstrip(b"\0")
        self._block.clear()
        self._sound_left = self._metaint
        _, found, rest = text.partition(_BEFORE)
        return [rest.partition(_AFTER)[0].decode("utf-8", "replace")] if found else []
