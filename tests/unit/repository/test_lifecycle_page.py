"""The page of a space's life is drawn from the table, and says each state and reason."""

from scripts import lifecycle

from rostra.domain.space import Reason, State


def test_the_page_is_what_the_table_draws() -> None:
    text = lifecycle.PAGE.read_text()
    assert lifecycle.page(text) == text, "draw it anew: python -m scripts.lifecycle"
    assert text.count(lifecycle.diagram()) == text.count(lifecycle.table()) == 1


def test_the_drawing_has_every_state_and_reason() -> None:
    drawn = lifecycle.diagram() + lifecycle.table()
    assert all(f"`{state}`" in drawn for state in State)
    assert all(reason.value in drawn for reason in Reason)
