"""The page of an incident's life is drawn from the tables, and says each state and reason."""

from scripts import incident_life

from rostra.watch import acts, rounds, words
from rostra.watch.incidents import Cause, Phase
from rostra.watch.maintenance import Mover, Stage


def test_the_page_is_what_the_tables_draw() -> None:
    text = incident_life.PAGE.read_text()
    assert incident_life.page(text) == text, "draw it anew: python -m scripts.incident_life"
    for what in (incident_life.INCIDENT, incident_life.WORK):
        assert text.count(incident_life.drawn(what)) == 1


def test_the_page_has_every_state_cause_and_reason() -> None:
    text = incident_life.PAGE.read_text()
    assert all(f"`{state}`" in text for state in (*Phase, *Stage))
    assert all(f"**{cause}**" in text for cause in (*Cause, *Mover))
    assert all(f"| `{reason}` |" in text for reason in words.REASONS)
    assert all(f"`{word}`" in text for word in acts.ATTRIBUTIONS)


def test_the_page_has_the_times_by_their_figures() -> None:
    text = incident_life.PAGE.read_text()
    for seconds in (rounds.GATHER_S, rounds.CALM_S, rounds.REOPEN_S):
        assert f"{seconds // 60} minutes" in text
