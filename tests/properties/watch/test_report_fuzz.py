"""Any bytes are a report within bounds, or a sentence; whatever counts, every report is counted."""

import json
import math
from collections import Counter
from collections.abc import Callable
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from rostra.watch.counting import Outcome, settle
from rostra.watch.facts import FACTS_MAX, kept
from rostra.watch.intake import (
    DEVICE_CHARS_MAX,
    PROOF_CHARS_MAX,
    ReportError,
    Submission,
    read,
    read_form,
)
from rostra.watch.kinds import PLACE_CHARS_MAX, Kind, Report
from rostra.watch.reporters import PREFIX_COUNTED_MAX

KNOWN = frozenset({"stage"})
TEXT = st.text("aE-_{}é\x00 \ud800", max_size=80)
ANY = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
OBJECTS = st.dictionaries(
    st.sampled_from(["component", "kind", "place", "device", "proof", "source", "facts", "x"]),
    st.sampled_from(["stage", *Kind, "ES", "api"]) | ANY | st.dictionaries(TEXT, ANY, max_size=3),
)


def fine(reading: Callable[[], Submission]) -> bool:
    try:
        sent = reading()
    except ReportError as error:
        return error.sentence.endswith(".")
    return (
        sent.component in KNOWN
        and len(sent.place) <= PLACE_CHARS_MAX
        and len(sent.device) <= DEVICE_CHARS_MAX
        and len(sent.proof) <= PROOF_CHARS_MAX
        and len(sent.facts) <= FACTS_MAX
    )


@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    assert fine(lambda: read(body, KNOWN))


@given(OBJECTS)
def test_nearly_reports(given_object: dict[str, object]) -> None:
    # This encoder writes NaN and halves of pairs, as no strict one would.
    assert fine(lambda: read(json.dumps(given_object).encode(), KNOWN))


@given(st.text("stagekind=&%41+;é", max_size=200))
def test_any_form(text: str) -> None:
    assert fine(lambda: read_form(dict(parse_qsl(text)), KNOWN))


@given(st.dictionaries(st.sampled_from(["stalls", "latency_ms", "muted", "codec"]) | TEXT, ANY))
def test_any_facts(facts: dict[str, object]) -> None:
    for value in kept(facts).values():
        assert not isinstance(value, float) or math.isfinite(value)
        assert not isinstance(value, str) or len(value) <= 24


@given(
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 2), st.booleans()), max_size=200),
    st.integers(0, 2_100),
)
def test_every_report_becomes_one_thing_and_bounds_hold(
    given_reports: list[tuple[int, int, bool]], taken: int
) -> None:
    reports = [
        Report("", "stage", Kind.ECHO, 0, str(who), proven=proven, network=str(net))
        for who, net, proven in given_reports
    ]
    found = settle(reports, {}, {}, {("stage", 0): taken})
    assert [one.report for one in found] == reports
    counted = [one.report for one in found if one.outcome is Outcome.COUNTED]
    assert len({one.reporter for one in counted}) == len(counted)
    assert all(one.proven for one in counted)
    assert max(Counter(one.network for one in counted).values(), default=0) <= PREFIX_COUNTED_MAX
