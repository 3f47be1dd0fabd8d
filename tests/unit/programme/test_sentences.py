from itertools import product

import pytest

from rostra.domain.language import LANGUAGES
from rostra.programme.drivers.espeak import TEXT_BYTES_MAX, VOICES
from rostra.programme.sentences import Saying, sentence, tongue


@pytest.mark.parametrize("saying", list(Saying))
def test_every_sentence_is_whole_in_every_language(saying: Saying) -> None:
    said = [sentence(saying, number, one) for one, number in product(LANGUAGES, (1, 7))]
    assert all(text.endswith(".") and "{" not in text for text in said)
    assert all(len(text.encode()) < TEXT_BYTES_MAX for text in said)
    assert len({sentence(saying, 7, one) for one in LANGUAGES}) == len(LANGUAGES)


def test_one_is_not_many() -> None:
    assert sentence(Saying.BEGINS, 1, "en").endswith("in one minute.")
    assert sentence(Saying.BEGINS, 2, "es").endswith("en 2 minutos.")


@pytest.mark.parametrize(
    ("asked", "spoken"), [("es-MX", "es"), ("ES", "es"), ("de", "en"), ("", "en"), ("en-GB", "en")]
)
def test_a_space_s_language_or_english(asked: str, spoken: str) -> None:
    assert tongue(asked) == spoken
    assert spoken in VOICES
