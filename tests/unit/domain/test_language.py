import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.language import LANGUAGES, RANGES_MAX, preferred


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-GB,en;q=0.9,es;q=0.8", "en"),
        ("fr,de;q=0.9,es;q=0.1", "es"),
        ("es;q=0, en;q=0.1", "en"),
        ("ES", "es"),
        ("estonian-is-not-spanish", "en"),
        ("es;q=high", "en"),
        ("es;level=1", "en"),
        ("fr, ja", "en"),
        ("*", "en"),
    ],
)
def test_the_heaviest_language_that_the_house_speaks(asked: str, language: str) -> None:
    assert preferred(asked) == language


def test_only_so_many_ranges_are_looked_at() -> None:
    assert preferred("fr," * (RANGES_MAX - 1) + "es") == "es"
    assert preferred("fr," * RANGES_MAX + "es") == "en"


@given(st.text(max_size=200))
def test_whatever_is_asked_there_is_a_language(asked: str) -> None:
    assert preferred(asked) in LANGUAGES
