"""Single arguments of a request target's query, read without building anything for the others."""

from typing import Final

ARGUMENT_CHARS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
"""What our own arguments are made of; none of it needs a percent sign (RFC 3986, section 2.3)."""


def argument(target: bytes, name: bytes) -> str:
    """The value of the first argument `name` in the query of `target`, or an empty string.

    A value with any other sign than `ARGUMENT_CHARS` counts as empty. The work grows with the
    target's length alone, and that is limited: a million arguments cost what one long one does.
    """
    query = b"&" + target.partition(b"?")[2].partition(b"#")[0] + b"&"
    mark = b"&" + name + b"="
    at = query.find(mark)
    if at < 0:
        return ""
    value = query[at + len(mark) : query.index(b"&", at + 1)]
    return "" if value.translate(None, ARGUMENT_CHARS) else value.decode("ascii")
