"""Says the desk's sentences in the language of who asks; a sentence unknown here stays English."""

import re
from collections.abc import Mapping
from typing import Final

from rostra.web.spanish import SENTENCES, VALUES

VALUE: Final = "{}"
"""Where a value stands in a sentence of the catalogue."""

SENTENCE_CHARS_MAX: Final = 600
"""The longest sentence that is looked up; ours have under 200, their values included."""


class Catalogue:
    """Sentences with values, found by the words around the values."""

    def __init__(self, sentences: Mapping[str, str], values: Mapping[str, str]) -> None:
        self._plain = {key: said for key, said in sentences.items() if VALUE not in key}
        # More words first: what is nearly all value would take every sentence.
        with_values = sorted((key for key in sentences if VALUE in key), key=_words, reverse=True)
        self._patterns = [(_pattern(key), sentences[key]) for key in with_values]
        self._values = values

    def say(self, sentence: str) -> str | None:
        """The sentence in the catalogue's language, or None."""
        if sentence in self._plain:
            return self._plain[sentence]
        if len(sentence) > SENTENCE_CHARS_MAX:
            return None
        for pattern, said in self._patterns:
            found = pattern.fullmatch(sentence)
            if found:
                return said.format(*(self._values.get(one, one) for one in found.groups()))
        return None


def _words(key: str) -> int:
    return len(key.replace(VALUE, ""))


def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, key.split(VALUE))), re.DOTALL)


_SPANISH: Final = Catalogue(SENTENCES, VALUES)


def in_language(sentence: str, language: str) -> str:
    """A sentence of the desk in `en` or `es`."""
    return (_SPANISH.say(sentence) if language == "es" else None) or sentence
