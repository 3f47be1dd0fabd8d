"""ID3v2.4 tags with one PRIV frame: how a notice looks to players (id3.org, 4.27 Private frame)."""

from typing import Final

from rostra.domain.errors import MalformedError

_HEAD_BYTES: Final = 10
"""Of a tag, and of a frame."""
_TAG: Final = b"ID3\x04\x00\x00"
_FRAME: Final = b"PRIV"


def _synchsafe(size: int) -> bytes:
    """Four times seven bits, so that no byte looks like an MPEG sync word."""
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))


def _size(data: bytes) -> int:
    if any(byte & 0x80 for byte in data):
        sentence = "This ID3 tag has a size that is not synchsafe."
        raise MalformedError(sentence)
    return data[0] << 21 | data[1] << 14 | data[2] << 7 | data[3]


def priv(owner: str, payload: bytes) -> bytes:
    """A tag that holds `payload` for `owner` (Latin-1 without a zero byte)."""
    body = owner.encode("latin-1") + b"\0" + payload
    frame = _FRAME + _synchsafe(len(body)) + b"\0\0" + body
    return _TAG + _synchsafe(len(frame)) + frame


def read_priv(tag: bytes) -> tuple[str, bytes]:
    """Owner and payload of a tag that `priv` wrote; MalformedError for anything else."""
    if len(tag) < 2 * _HEAD_BYTES or tag[:6] != _TAG or tag[10:14] != _FRAME:
        sentence = "This is no ID3v2.4 tag with a PRIV frame."
        raise MalformedError(sentence)
    body = tag[2 * _HEAD_BYTES :]
    inside = (_size(tag[6:10]), _size(tag[14:18]))
    if inside != (len(body) + _HEAD_BYTES, len(body)) or tag[18:20] != b"\0\0":
        sentence = f"This ID3 tag says {inside[0]} bytes and holds {len(tag) - _HEAD_BYTES}."
        raise MalformedError(sentence)
    owner, end, payload = body.partition(b"\0")
    if not end:
        sentence = "This PRIV frame names no owner."
        raise MalformedError(sentence)
    return owner.decode("latin-1"), payload
