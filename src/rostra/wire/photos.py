"""Photographs of speakers in the object store: small JPEGs, named by their content."""

import re
from typing import Final

PHOTO_BYTES_MAX: Final = 64 * 1024
"""256 x 256 pixels take 10 to 20 kB; a hundred of them are a few megabytes at an edge."""

PHOTO: Final = re.compile(r"photo-[0-9a-f]{64}")
"""What a photograph's object is called, and the last part of its address."""

_JPEG: Final = b"\xff\xd8\xff"


def photo_name(sha256_hex: str) -> str:
    """The object's name of a photograph whose bytes have this SHA-256."""
    return f"photo-{sha256_hex}"


def is_photo(data: bytes) -> bool:
    """Whether an object may be shown as a photograph."""
    return len(data) <= PHOTO_BYTES_MAX and data.startswith(_JPEG)
