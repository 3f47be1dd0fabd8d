"""Makes a speaker's photograph of a file that they gave: small, square, without where and when.

`python -m rostra.app.pictures FROM TO` does it in a process of its own, with a bound on memory and
time: pictures are decoded by code that a hostile file may bring down.
"""

import hashlib
import io
import json
import resource
import sys
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from rostra.domain.errors import PeerError
from rostra.wire.photos import PHOTO_BYTES_MAX, photo_name

SIDE: Final = 256
"""Pixels: sharp in a grid of avatars on a phone, 10 to 20 kB."""

PIXELS_MAX: Final = 50_000_000
"""A phone's camera takes 12 to 48 million; more is a bomb or a poster."""

FORMATS: Final = ("JPEG", "PNG", "WEBP")

MEMORY_BYTES_MAX: Final = 2 * 1024 * 1024 * 1024
CPU_S_MAX: Final = 20

_QUALITIES: Final = (82, 65, 45)


def make(data: bytes) -> bytes:
    """The picture as a square JPEG; PeerError says what is wrong with it."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_MAX:
                sentence = "The picture has more than 50 million pixels. Give a smaller one."
                raise PeerError(sentence, status=413)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        sentence = "The file is no picture that can be read. Give a JPEG, PNG or WebP file."
        raise PeerError(sentence, status=415) from error
    square = ImageOps.fit(upright, (SIDE, SIDE))
    return next(one for one in (_jpeg(square, how) for how in _QUALITIES) if _fits(one))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _fits(data: bytes) -> bool:
    return len(data) <= PHOTO_BYTES_MAX


def main(arguments: list[str]) -> int:
    """Say the photograph's name, or what is wrong, as one line of JSON."""
    source, target = map(Path, arguments)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    try:
        data = make(source.read_bytes())
        target.write_bytes(data)
        said: dict[str, object] = {"name": photo_name(hashlib.sha256(data).hexdigest())}
    except PeerError as error:
        said = {"sentence": error.sentence, "status": error.status}
    sys.stdout.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
