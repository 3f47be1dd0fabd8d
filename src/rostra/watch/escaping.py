"""Text as it may stand in XML 1.0, HTML and calendars, whatever people have written into it."""

import re
from html import escape
from typing import Final

_NOT_TEXT: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold, not even as references (section 2.2)."""


def readable(text: str) -> str:
    """The text with each character that is no text (controls, lone surrogates) marked as lost."""
    return _NOT_TEXT.sub("\ufffd", text)


def xml(text: str) -> str:
    """For the content of an element and for an attribute in double quotes."""
    return escape(readable(text), quote=True)
