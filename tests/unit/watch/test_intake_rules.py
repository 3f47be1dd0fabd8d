"""A report is read within bounds, or refused with a sentence."""

import pytest

from rostra.watch.components import ID_CHARS_MAX
from rostra.watch.facts import FACTS_MAX, NUMBERS, kept
from rostra.watch.intake import (
    DEVICE_CHARS_MAX,
    PROOF_CHARS_MAX,
    REPORT_BYTES_MAX,
    ReportError,
    Submission,
    read,
    read_form,
)
from rostra.watch.kinds import PLACE_CHARS_MAX, Kind

KNOWN = {"stage", "x" * ID_CHARS_MAX}


def test_a_whole_report_is_read() -> None:
    body = (
        b'{"component":"stage","kind":"no_sound","place":" es-md ","device":"abc_1","source":'
        b'"listener","facts":{"transport":"HLS","latency_ms":812.34,"muted":false},"new":1}'
    )
    assert read(body, KNOWN) == Submission(
        "stage",
        Kind.NO_SOUND,
        "ES-MD",
        "abc_1",
        "",
        "listener",
        {"transport": "hls", "latency_ms": 812.3, "muted": False},
    )


def test_component_and_kind_are_enough() -> None:
    assert read(b'{"component":"stage","kind":"other"}', KNOWN).source == "api"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not as it should be"),
        (b'{"kind":"echo"}', "component"),
        (b'{"component":"stage"}', "kind"),
        (b'{"component":7,"kind":"echo"}', "component"),
        (b'{"component":"studio","kind":"echo"}', "no such component"),
        (b'{"component":"stage","kind":"fire"}', "no kind of trouble"),
        (b'{"component":"stage","kind":"echo","place":"Spain"}', "country"),
        (b'{"component":"stage","kind":"echo","device":"a b"}', "letters and digits"),
        (b'{"component":"stage","kind":"echo","source":"me"}', "source"),
        (b'{"component":"stage","kind":"echo","facts":[]}', "facts"),
        (b'{"component":"stage","kind":"echo","facts":{"stalls":[1]}}', "facts"),
    ],
)
def test_what_is_no_report_gets_a_sentence(body: bytes, says: str) -> None:
    with pytest.raises(ReportError, match=says) as caught:
        read(body, KNOWN)
    assert caught.value.status == 422


def test_words_fit_up_to_their_bounds() -> None:
    def one(**words: str) -> Submission:
        return read_form({"component": "stage", "kind": "echo", **words}, KNOWN)

    assert one(proof="p" * PROOF_CHARS_MAX).proof
    with pytest.raises(ReportError, match="new challenge"):
        one(proof="p" * (PROOF_CHARS_MAX + 1))
    with pytest.raises(ReportError, match="country"):
        one(place="E" * (PLACE_CHARS_MAX + 1))
    long = b'{"component":"stage","kind":"echo","device":"%s"}'
    assert read(long % (b"d" * DEVICE_CHARS_MAX), KNOWN).device
    with pytest.raises(ReportError, match="device"):
        read(long % (b"d" * (DEVICE_CHARS_MAX + 1)), KNOWN)


def test_a_report_with_everything_fits_its_body() -> None:
    facts = sum(len(name) + 24 for name in NUMBERS)
    assert PROOF_CHARS_MAX + DEVICE_CHARS_MAX + facts + ID_CHARS_MAX < REPORT_BYTES_MAX


def test_the_form_is_a_page_and_has_no_facts() -> None:
    sent = read_form({"component": "stage", "kind": "late", "place": "es", "facts": "x"}, KNOWN)
    assert (sent.source, sent.place, sent.facts, sent.device) == ("page", "ES", {}, "")
    with pytest.raises(ReportError, match="no such component"):
        read_form({}, KNOWN)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Ana"),
        ("user_agent", "Mozilla/5.0"),
        ("browser", "lynx"),
        ("transport", "a" * 25),
        ("transport", "two words"),
        ("latency_ms", -1),
        ("latency_ms", NUMBERS["latency_ms"] + 1),
        ("latency_ms", float("nan")),
        ("latency_ms", True),
        ("latency_ms", "12"),
        ("muted", 1),
        ("stalls", None),
    ],
)
def test_a_fact_off_the_list_or_out_of_bounds_is_left_out(name: str, value: object) -> None:
    assert kept({name: value, "stalls": 3} if name != "stalls" else {name: value}) in (
        {"stalls": 3},
        {},
    )


def test_no_more_facts_than_the_list_has_room_for_are_looked_at() -> None:
    odd = {f"odd{number}": 1 for number in range(FACTS_MAX)}
    assert kept({**odd, "stalls": 3}) == {}
    assert kept({"stalls": 3, **odd}) == {"stalls": 3}
