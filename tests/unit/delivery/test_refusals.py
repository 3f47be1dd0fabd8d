import string

import pytest

from rostra.delivery import refusals
from rostra.delivery.refusals import Code, RefusedError, title_of
from rostra.domain.language import LANGUAGES

SAYABLE = sorted(set(Code) - {Code.BAD_REQUEST})


@pytest.mark.parametrize("code", SAYABLE)
def test_each_refusal_exists_in_every_language_with_the_same_values(code: Code) -> None:
    saying = refusals._SAYINGS[code]
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in (saying.en, saying.es)
    ]
    assert fields[0] == fields[1]
    error = RefusedError(code, **dict.fromkeys(fields[0], "{value}"))
    said = {language: error.said(language) for language in LANGUAGES}
    assert said["en"] == error.sentence
    assert len(set(said.values())) == len(LANGUAGES)
    assert all(text.endswith(".") for text in said.values())
    assert all(title_of(error.status, language) for language in LANGUAGES)
