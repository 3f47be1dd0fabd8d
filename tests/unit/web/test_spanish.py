"""What the desk can tell a person on a page exists in Spanish, worded as the code words it."""

import ast
import string
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.web.languages import SENTENCE_CHARS_MAX, Catalogue, in_language
from rostra.web.limiter import ACCOUNT_RATE, LOGIN_RATE, OFFER_RATE, SPACE_RATE
from rostra.web.spanish import SENTENCES, TITLES, VALUES

SOURCE = Path(__file__).parents[3] / "src" / "rostra"
SPEAKERS = (
    "domain/accounts.py",
    "domain/schedule.py",
    "domain/space.py",
    "store/accounts.py",
    "web/api_accounts.py",
    "web/api_spaces.py",
    "web/api_stage.py",
    "web/api_uploads.py",
    "web/ports.py",
    "web/caller.py",
    "web/calls.py",
    "web/errors.py",
    "web/body.py",
    "web/guard.py",
    "web/limiter.py",
    "web/links.py",
    "web/pages.py",
    "web/times.py",
    "web/views.py",
    "web/watch_files.py",
    "web/watch_guard.py",
    "web/watch_reports.py",
    "web/workers.py",
    "watch/intake.py",
    "watch/receipts.py",
    "web/watch_place_door.py",
    "watch/telling.py",
    "watch/acts.py",
    "watch/fact_asking.py",
    "watch/incidents.py",
    "watch/maintenance.py",
    "watch/texts.py",
    "web/watch_acting.py",
    "web/watch_admin.py",
    "web/watch_admin_pages.py",
    "web/watch_forms.py",
    "web/watch_operators.py",
    "store/watch_incidents.py",
    "app/watch_charts.py",
    "wire/tickets.py",
    "watch/asking.py",
    "watch/outside.py",
    "watch/subscribers.py",
    "web/watch_subscribing.py",
    "web/watch_subscriptions.py",
    "store/watch_subscribers.py",
    "audience/asking.py",
    "audience/polling.py",
    "app/beginning.py",
    "app/lifecycle.py",
    "app/pictures.py",
    "app/studio_calls.py",
    "app/studio_doors.py",
    "stage/bans.py",
    "stage/commands.py",
    "app/uploads.py",
    "app/watch_intake.py",
    "programme/drivers/uploads.py",
    "stage/floor.py",
    "stage/invitations.py",
    "stage/places.py",
    "stage/queue.py",
    "stage/rights.py",
    "stage/drivers/closed.py",
    "stage/drivers/ice.py",
    "stage/drivers/room.py",
    "stage/drivers/webrtc.py",
)
FOR_PROGRAMS = (
    "Send your link's ticket with the picture",
    "The offer ",  # what a page sends is an offer
    "A request with a cookie must say its Origin",
    "The request's body is not JSON",
    "The request's body must be a JSON object",
    "The clock of {} failed",  # ends in the studio's log
    "Seconds ",
    # What the studio says on the stage's own channel, in nobody's language yet:
    "The space has ended.",
    "You are connected from elsewhere",
    "Your place was given up",
)


def template(node: ast.AST) -> str | None:
    """A text with `{}` where values stand, or None."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        pieces = (template(one) if isinstance(one, ast.Constant) else "{}" for one in node.values)
        return "".join(piece or "" for piece in pieces)
    return None


def said_in(path: Path) -> Iterator[str]:
    """Every sentence of a module that is no docstring."""
    tree = ast.parse(path.read_text())
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in inside | bare:
            text = template(node)
            if (
                text
                and " " in text
                and text.endswith(".")
                and (text[0].isupper() or text[0] == "{")
            ):
                yield text


ALL = sorted({(module, text) for module in SPEAKERS for text in said_in(SOURCE / module)})


def test_the_catalogue_has_nothing_that_nobody_says() -> None:
    said = [text for _, text in ALL]
    elsewhere = ("The desk's database", "{}: {}.", "{} holds no sound")
    unused = [
        key
        for key in SENTENCES
        if not any(key.startswith(text) or key.endswith(text) for text in said)
    ]
    assert [key for key in unused if not key.startswith(elsewhere)] == []


def test_there_is_something_to_hold_the_catalogue_to() -> None:
    assert len(ALL) > 50
    assert {module for module, _ in ALL} >= set(SPEAKERS) - {"web/guard.py"}


@pytest.mark.parametrize(("module", "text"), ALL)
def test_each_sentence_is_in_the_catalogue(module: str, text: str) -> None:
    known = text in SENTENCES or text.startswith(FOR_PROGRAMS)
    begins = any(key.startswith(text) for key in SENTENCES)  # joined from two in the code
    ends = any(key.endswith(text) for key in SENTENCES)
    assert known or begins or ends, f"{module} says it in English alone"


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_keeps_its_values(key: str) -> None:
    said = SENTENCES[key]
    assert key.count("{}") == sum(
        name is not None for _, name, _, _ in string.Formatter().parse(said)
    )
    values = [f"<{number}>" for number in range(key.count("{}"))]
    assert in_language(key.format(*values), "es") == said.format(*values)
    assert in_language(key.format(*values), "en") == key.format(*values)
    assert said.endswith(".")


def test_words_in_the_place_of_values_are_said_too() -> None:
    told = in_language("The host's name has 99 characters; at most 60 fit.", "es")
    assert told == "En el nombre de un anfitrión hay 99 caracteres; caben como mucho 60."
    rates = {rate.what for rate in (LOGIN_RATE, ACCOUNT_RATE, SPACE_RATE, OFFER_RATE)}
    assert rates <= VALUES.keys()


def test_the_nearest_wording_is_found_whatever_the_values_are() -> None:
    said = in_language("The name The space is live already. is taken. Choose another one.", "es")
    assert said == "El nombre The space is live already. ya existe. Elige otro."


def test_what_is_unknown_or_too_long_stays_as_it_is() -> None:
    catalogue = Catalogue({"{} is missing.": "Falta {}."}, {})
    longest = "x" * (SENTENCE_CHARS_MAX - len(" is missing.")) + " is missing."
    assert catalogue.say(longest) is not None
    assert catalogue.say("x" + longest) is None
    assert catalogue.say("Nothing of ours") is None
    assert in_language("Nothing of ours", "es") == "Nothing of ours"


@given(st.text(max_size=80))
def test_no_sentence_breaks_it(text: str) -> None:
    assert isinstance(in_language(text, "es"), str)
    assert in_language(text, "en") == text


def test_headings_are_those_of_real_statuses() -> None:
    assert all(HTTPStatus(status) for status in TITLES)
