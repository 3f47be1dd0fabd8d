"""Parts of files (RFC 9110, section 14): one range of what never changes; all else comes whole.

Safari asks for bytes 0 and 1 of whatever it plays, first of all. A file gives it those two; an
endless stream has no length and no byte 0 any more: it answers 200 with sound and says nothing
about ranges, and Safari plays on. A server may always ignore a range that it does not serve.
"""

import re
from typing import Final

from rostra.delivery.answers import FOREVER, Answer, sentence
from rostra.delivery.refusals import Code, RefusedError

PARTIAL: Final = 206
UNSATISFIABLE: Final = 416

DIGITS_MAX: Final = 15
"""A position of more digits is beyond every file; it is not read, and the file comes whole."""

_OK: Final = 200
_ONE: Final = re.compile(rf"bytes=([0-9]{{0,{DIGITS_MAX}}})-([0-9]{{0,{DIGITS_MAX}}})")


def part(answer: Answer, wanted: str, if_range: str = "", language: str = "en") -> Answer:
    """The part of `answer` that a Range header asks for, or the answer as it is.

    Whole come: everything but 200, what may change between two ranges, what is compressed (both
    forms share an entity tag), several ranges, what does not read, and another version than
    `if_range` (the header If-Range) names.
    """
    headers = answer.headers
    if answer.status != _OK or headers.get("Cache-Control") != FOREVER:
        return answer
    if "Content-Encoding" in headers or (if_range and if_range != headers.get("ETag")):
        return answer
    found = _ONE.fullmatch(wanted.strip())
    if found is None or found[0].endswith("=-"):
        return answer
    size = len(answer.body)
    first, last = _bounds(found[1], found[2], size)
    if found[1] and found[2] and int(found[1]) > int(found[2]):
        return answer
    if first > last:
        return _unsatisfiable(size, language)
    told = {"Content-Range": f"bytes {first}-{last}/{size}", "Accept-Ranges": "bytes"}
    return Answer(PARTIAL, answer.body[first : last + 1], {**headers, **told})


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """First and last position, both included; the first is beyond the last where there is none."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _unsatisfiable(size: int, language: str) -> Answer:
    error = RefusedError(Code.RANGE, bytes=size)
    headers = {"Content-Range": f"bytes */{size}", "Content-Language": language}
    return sentence(error.status, error.said(language), error.code, headers)
