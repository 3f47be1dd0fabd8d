"""Notices as they travel in the stream: JSON in an ID3 PRIV frame of owner `rostra`."""

from typing import Any, Final

import msgspec

from rostra.domain.errors import MalformedError
from rostra.domain.limits import NOTICE_BYTES_MAX
from rostra.wire import id3
from rostra.wire.messages import Notice

OWNER: Final = "rostra"

PAYLOAD_BYTES_MAX: Final = NOTICE_BYTES_MAX + 512
"""A body at its limit, with kind, pts and the tag around it."""

_DECODER: Final = msgspec.json.Decoder(dict[str, Any])
_ENCODER: Final = msgspec.json.Encoder()


def payload(notice: Notice) -> bytes:
    """The tag for `mp4.emsg`: `{"kind": …, "pts": …}` and the fields of the body beside them."""
    fields = {**notice.body, "kind": notice.kind, "pts": notice.pts_samples}
    return id3.priv(OWNER, _ENCODER.encode(fields))


def read(payload: bytes) -> Notice:
    """The notice in a tag; MalformedError if it is too large, another owner's, or not ours."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        sentence = f"A notice of {len(payload)} bytes exceeds the limit of {PAYLOAD_BYTES_MAX}."
        raise MalformedError(sentence, status=413)
    owner, text = id3.read_priv(payload)
    if owner != OWNER:
        sentence = f"This event belongs to {owner[:40]!r}, not to {OWNER!r}."
        raise MalformedError(sentence)
    try:
        fields = _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"This notice is not JSON: {error}."
        raise MalformedError(sentence) from error
    kind, pts = fields.pop("kind", None), fields.pop("pts", None)
    if not isinstance(kind, str) or not isinstance(pts, int) or isinstance(pts, bool):
        sentence = "This notice lacks a kind (text) or a pts (whole samples)."
        raise MalformedError(sentence)
    return Notice(kind=kind, pts_samples=pts, body=fields)
