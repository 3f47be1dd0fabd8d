"""Who is told of what, when a letter is tried again, and what letters say."""

import json
from typing import Any

import pytest
from tests.integration.watch.subscribe_kit import START, board, event

from rostra.domain.errors import PeerError
from rostra.watch import letters, letters_hook
from rostra.watch.asking import EMAIL_CHARS_MAX, LOCAL_CHARS_MAX, Body, checked_ask, checked_email
from rostra.watch.board import Board, IncidentView, MaintenanceView, ProbesView, UpdateView
from rostra.watch.components import COMPONENTS_MAX, Impact
from rostra.watch.events import What
from rostra.watch.letters import (
    BODY_CHARS_MAX,
    PUSH_BODY_CHARS_MAX,
    PUSH_BYTES_MAX,
    SUBJECT_CHARS_MAX,
)
from rostra.watch.outbox import (
    DELAY_FIRST_S,
    DELAY_S_MAX,
    EVENTS_IN_LETTER_MAX,
    TRIES_MAX,
    WAIT_ASKED_S_MAX,
    Batch,
    Kind,
    Outcome,
    Row,
    Ruling,
    State,
    Verdict,
    delay_s,
    due,
    ruling,
    settle,
    witnessed,
)
from rostra.watch.outside import PORT_MAX, URL_CHARS_MAX, checked_url, is_outside
from rostra.watch.subscribers import (
    FAILED_LETTERS_MAX,
    LIVES,
    SUBSCRIBERS_MAX,
    Channel,
    Life,
    Topic,
    Wish,
    checked_wish,
    may_become,
)

PAGE = letters.page_of(board())


@pytest.mark.parametrize(
    ("about", "told", "ruled"),
    [
        ({"automatic": True}, False, Ruling.HOLD),
        ({"automatic": True, "agreed": True}, False, Ruling.TELL),
        ({"automatic": False}, False, Ruling.TELL),
        ({"automatic": True, "what": What.RESOLVED}, True, Ruling.TELL),
        ({"automatic": False, "what": What.DISMISSED}, False, Ruling.HOLD),
        ({"automatic": False, "what": What.RESOLVED}, False, Ruling.HOLD),
        ({"automatic": False, "what": What.SCHEDULED}, False, Ruling.TELL),
    ],
)
def test_an_alarm_alone_wakes_nobody(about: dict[str, Any], told: bool, ruled: Ruling) -> None:  # noqa: FBT001 - a row of the table
    assert ruling(event(1, **about), told=told) is ruled


@pytest.mark.parametrize(
    ("probes", "agree"),
    [
        (ProbesView("failing"), True),
        (ProbesView("failing", one_place=True), False),
        (ProbesView("mixed"), False),
        (ProbesView("ok"), False),
    ],
)
def test_two_places_are_a_witness_and_one_is_none(probes: ProbesView, agree: bool) -> None:  # noqa: FBT001 - as above
    incident = IncidentView("inc1", "n", "investigating", Impact.MAJOR, 1, 1, 1, probes=probes)
    seen = Board("House", "https://x", START, incidents=(incident,))
    assert witnessed(event(1), seen) is agree
    assert not witnessed(event(1, subject="inc2"), seen)


def test_a_wish_is_for_components_and_topics() -> None:
    assert Wish().wants(event(1))
    assert Wish(("stage",)).wants(event(1, components=()))
    assert not Wish(("stage",)).wants(event(1))
    assert not Wish(topics=(Topic.INCIDENTS,)).wants(event(1, What.BEGUN))
    moved = event(1, What.UPDATED, impact=Impact.MAINTENANCE)
    assert Wish(topics=(Topic.MAINTENANCE,)).wants(moved)
    assert not Wish(topics=(Topic.INCIDENTS,)).wants(moved)
    assert not Wish(topics=(Topic.MAINTENANCE,)).wants(event(1, What.UPDATED))
    known = frozenset({"sound", "stage"})
    assert checked_wish(["stage", "sound"], ["incidents"], "en", known).components == ()
    for wrong in ((["x"], ["incidents"], "en"), ([], [], "en"), ([], ["incidents"], "fr")):
        with pytest.raises(PeerError):
            checked_wish(*wrong, known)


def test_what_has_ended_never_begins_again() -> None:
    assert not any(may_become(Life.ENDED, then) for then in Life)
    assert LIVES.keys() == set(Life)
    assert SUBSCRIBERS_MAX >= 10_000


def row(own: int, subject: str = "a", *, due_s: int = 0, who: str = "s", tries: int = 0) -> Row:
    return Row(own, who, Kind.NEWS, subject, State.WAITING, due_s, tries)


def test_a_burst_of_one_incident_is_one_letter_and_no_later_one_overtakes() -> None:
    rows = [row(1), row(2, "b"), row(3), row(4, who="t", due_s=9)]
    [batch] = due(rows, 0, 10)
    assert [one.id for one in batch.rows] == [1, 3]
    assert due([row(1, due_s=5), row(2, "b")], 0, 10) == []
    many = due([row(number) for number in range(EVENTS_IN_LETTER_MAX + 1)], 0, 10)
    assert len(many[0].rows) == EVENTS_IN_LETTER_MAX


def test_waits_grow_are_bounded_and_drawn_from_the_whole_window() -> None:
    assert delay_s(1, 1.0) == DELAY_FIRST_S
    assert delay_s(3, 0.5) == 2 * DELAY_FIRST_S
    assert delay_s(3, 0.0) == 0.0
    assert delay_s(TRIES_MAX * 100, 1.0) == DELAY_S_MAX


def test_tries_and_failures_are_bounded() -> None:
    later = Outcome(Verdict.LATER, after_s=10 * WAIT_ASKED_S_MAX)
    waits = settle(Batch((row(1),)), later, 0, 0, 0.5)
    assert waits.state is State.WAITING
    assert waits.due_utc_us == WAIT_ASKED_S_MAX * 1_000_000
    last = Batch((row(1, tries=TRIES_MAX - 1),))
    given_up = settle(last, later, 0, 0, 0.5)
    assert (given_up.state, given_up.ends, given_up.failed_letters) == (State.GIVEN_UP, False, 1)
    assert settle(last, later, FAILED_LETTERS_MAX - 1, 0, 0.5).ends
    assert settle(last, Outcome(Verdict.GONE), 0, 0, 0.5).ends
    assert settle(last, Outcome(Verdict.SENT), 2, 0, 0.5).failed_letters == 0


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.8.8.8", "0.0.0.0"),  # noqa: S104 - refused
        *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1"),
        *("ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
        *("2002:7f00:1::", "2001:0:4136:e378::", "fd00:ec2::254", "example.org", ""),
    ],
)
def test_no_inner_address_is_called(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_internet_is_called(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "https://", "https://a b.org/", ""),
        *("https://u:p@example.org/", "https://example.org/#a", "https://localhost/", "https://x/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"),
        *("https://127.1/", "https://metadata.google.internal/", "https://printer.local/"),
        *("https://example.org:22/", "https://example.org:99999/", "https://example.org\\@x.org/"),
        *("https://example.org/\r\nX: y", "//example.org/", "https://example.org.:443@x.org/"),
    ],
)
def test_an_address_that_could_lead_inside_is_refused(url: str) -> None:
    with pytest.raises(PeerError) as refusal:
        checked_url(url)
    assert refusal.value.status == 422


def test_an_address_of_the_internet_is_taken_up_to_its_length() -> None:
    longest = "https://example.org/".ljust(URL_CHARS_MAX, "x")
    assert checked_url(longest) == longest
    with pytest.raises(PeerError):
        checked_url(longest + "x")
    assert checked_url(f"https://example.org:{PORT_MAX}/a?b=c%20d")


def test_more_components_than_there_can_be_are_not_looked_at() -> None:
    many = Body(Channel.EMAIL, "a@b.org", components=("sound",) * (COMPONENTS_MAX + 1))
    with pytest.raises(PeerError, match="More components"):
        checked_ask(many, frozenset({"sound"}))


def test_mailboxes() -> None:
    assert checked_email(" Ana.B+x@Example.ORG ") == "Ana.B+x@example.org"
    assert checked_email("a@münchen.example") == "a@xn--mnchen-3ya.example"
    longest = "a" * LOCAL_CHARS_MAX + "@" + ".".join(["b" * 61] * 3) + "."
    longest = longest.ljust(EMAIL_CHARS_MAX, "c")
    assert checked_email(longest) == longest
    for wrong in (
        *("", "a", "@b.org", "a@b", "a@b.", "a@.b.org", "a@[10.0.0.1]", "a@10.0.0.1", "a b@c.org"),
        *("a@b.org\nBcc: c@d.org", "<a@b.org>", "a@b.org,c@d.org", "a..b@c.org", '"a"@b.org'),
        *("a" * (LOCAL_CHARS_MAX + 1) + "@b.org", longest + "c"),
    ):
        with pytest.raises(PeerError):
            checked_email(wrong)


def test_a_letter_says_what_in_the_readers_language_and_how_to_leave() -> None:
    wish = Wish(("sound",), language="es")
    story = (event(1, automatic=True), event(2, What.UPDATED, body="<b>Cable</b>"))
    letter = letters.news(PAGE, wish, "TOKEN", story)
    assert letter.subject == "[House] Novedad: No sound in Madrid"
    assert "Componentes: Sound" in letter.text
    assert "Impacto: grave" in letter.text
    assert "<b>Cable</b>" in letter.text
    assert "&lt;b&gt;Cable&lt;/b&gt;" in letter.html
    assert letter.text.index("Cable") < letter.text.index("Antes") < letter.text.index("20:04")
    assert letter.leave == "https://status.example.org/status/subscribe/end/TOKEN"
    assert "https://status.example.org/status/incidents/inc1" in letter.text
    alone = letters.news(PAGE, Wish(), "TOKEN", story[:1])
    assert "No person has confirmed it yet" in alone.text
    work = letters.news(PAGE, Wish(), "TOKEN", (event(1, What.SCHEDULED),))
    assert "Impact" not in work.text
    moved = event(2, What.UPDATED, impact=Impact.MAINTENANCE)
    assert "/incidents/" not in letters.news(PAGE, Wish(), "TOKEN", (moved,)).text
    assert letters.already(PAGE, Wish(), "TOKEN").leave


def test_automatic_lines_are_told_in_the_readers_language() -> None:
    line = UpdateView("u1", "investigating", event(1).body, START, body_es="Sin sonido.")
    incident = IncidentView(
        *("inc1", "n", "investigating", Impact.MAJOR, 1, 1, 1), updates=(line,), name_es="Madrid"
    )
    public = Board("House", "https://x", START, incidents=(incident,))
    told = letters.worded(public, event(1), "es")
    assert (told.name, told.body) == ("Madrid", "Sin sonido.")
    assert letters.worded(public, event(1), "en") == event(1)
    assert letters.worded(public, event(1, body="By hand."), "es").body == "By hand."
    assert letters.worded(board(), event(1), "es") == event(1)


def test_letters_are_bounded() -> None:
    long = event(1, name="n" * 1_000, body="ñ" * 100_000)
    letter = letters.news(PAGE, Wish(), "TOKEN", [long])
    assert len(letter.subject) == SUBJECT_CHARS_MAX
    assert len(letter.text) < BODY_CHARS_MAX + 2_000
    shown = letters.notification(PAGE, Wish(), [long])
    assert len(shown) <= PUSH_BYTES_MAX
    assert len(json.loads(shown)["body"]) == PUSH_BODY_CHARS_MAX


def test_a_program_reads_incident_and_work_as_statuspage_tells_them() -> None:
    update = UpdateView("u1", "resolved", "Over.", START)
    incident = IncidentView(
        *("inc1", "No sound", "resolved", Impact.MAJOR, START, START, START),
        resolved_utc_us=START,
        components=("sound",),
        updates=(update,),
    )
    work = MaintenanceView(
        *("work1", "Move", "completed", START, START, START, START), components=("stage",)
    )
    public = Board(
        **{name: getattr(board(), name) for name in ("name", "public_url", "utc_us", "components")},
        incidents=(incident,),
        maintenances=(work,),
    )
    told = json.loads(letters_hook.hook_news(PAGE, public, "TOKEN", [event(9, What.RESOLVED)]))
    one = told["incident"]
    assert one["status"] == "resolved"
    assert one["resolved_at"] == "2027-01-15T08:00:00.000Z"
    assert one["incident_updates"][0] | {"body": "Over."} == one["incident_updates"][0]
    assert one["components"][0]["status"] == "operational"
    assert told["meta"]["unsubscribe"].endswith("/subscribe/end/TOKEN")
    news = event(9, What.COMPLETED, subject="work1")
    told = json.loads(letters_hook.hook_news(PAGE, public, "TOKEN", [news]))
    assert told["incident"]["impact"] == "maintenance"
    assert told["incident"]["scheduled_for"] == "2027-01-15T08:00:00.000Z"
