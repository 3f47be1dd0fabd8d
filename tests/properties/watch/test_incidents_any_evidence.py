"""Whatever is seen and typed: one open incident a component, steps by the table, bounded texts."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.watch_parts import NOON_US, US, Ids, component, level, probes

from rostra.domain.errors import PeerError
from rostra.watch import texts
from rostra.watch.acts import Act
from rostra.watch.affecting import Standing, Statuses, marked
from rostra.watch.attribution import attribute, related
from rostra.watch.incidents import TRANSITIONS, Cause, Incident, Phase
from rostra.watch.rounds import Look, look
from rostra.watch.sights import Sight
from rostra.watch.summing import evident
from rostra.web.watch_forms import read_form

PARTS = (component("a", "x"), component("b", "x"), component("c", "y", "a"), component("d", "z"))
STATES = st.tuples(
    st.sampled_from(["quiet", "unusual", "alarm"]),
    st.sampled_from(["ok", "failing", "mixed", "unknown", "none"]),
    st.booleans(),
    st.booleans(),
)
LOOKS = st.lists(
    st.tuples(st.sampled_from([5, 300, 901, 3_000]), st.tuples(*[STATES] * len(PARTS))),
    max_size=12,
)


def _seen(
    states: tuple[tuple[str, ...], ...],
    since: dict[str, tuple[int, str, int, str]],
    kin: dict[str, frozenset[str]],
    now: int,
) -> dict[str, Sight]:
    """The components as drawn; `since` carries when each state began."""
    sights = {}
    for one, (people, found, alone, busy) in zip(PARTS, states, strict=True):
        last = since.get(one.id, (now, people, now, found))
        people_us = last[0] if last[1] == people else now
        found_us = last[2] if last[3] == found else now
        since[one.id] = (people_us, people, found_us, found)
        seen = probes(found, found_us, alone=bool(alone))
        sights[one.id] = Sight(one, level(people, people_us), seen, worked_on=bool(busy))
    return {
        name: msgspec.structs.replace(one, attribution=attribute(one, sights, kin[name]))
        for name, one in sights.items()
    }


def _nobody_is_accused(
    sights: dict[str, Sight], known: dict[str, Incident], open_now: list[str]
) -> None:
    for name, sight in sights.items():
        if sight.signs_utc_us and sight.fails and not sight.worked_on:
            assert name in open_now or any(
                name in one.components and one.closed_utc_us >= max(sight.signs_utc_us)
                for one in known.values()
            )
        if not sight.fails and sight.probes.state != "mixed":
            assert evident(sight) == "operational"
        if sight.attribution.word == "internal":
            assert sight.places_agree


def _the_newest_line_is_true(before: Incident | None, after: Incident, now: Statuses) -> None:
    lines = () if before is None else before.updates
    for line in after.updates[: len(after.updates) - len(lines)]:
        assert all(one.old is not one.new is now[one.component] for one in line.affected)
    if len(after.updates) == len(lines) or (before is not None and not before.open):
        return
    said = {one.component: one.new for line in reversed(after.updates) for one in line.affected}
    assert all(now[name] is status for name, status in said.items())


@settings(max_examples=60, deadline=None)
@given(LOOKS)
def test_any_evidence_keeps_to_the_table(
    looks: list[tuple[int, tuple[tuple[str, ...], ...]]],
) -> None:
    kin, ids, now = related(PARTS), Ids(), NOON_US
    known: dict[str, Incident] = {}
    was: Statuses = {}
    events: list[str] = []
    since: dict[str, tuple[int, str, int, str]] = {}
    for seconds, states in looks:
        now += seconds * US
        sights = _seen(states, since, kin, now)
        changes = look(Look(sights, kin, now), tuple(known.values()), ids)
        standing = Standing(list(sights.values()), tuple(known.values()), ())
        statuses = standing.after(*(one.incident for one in changes)).statuses()
        for change in changes:
            before = known.get(change.incident.id)
            after = marked(change.incident, before, was, statuses)
            _the_newest_line_is_true(before, after, statuses)
            assert after.revision == (before.revision if before else 0) + 1
            if before and before.phase is not after.phase:
                assert TRANSITIONS[before.phase, after.phase] & {Cause.ALARM, Cause.CALM}
            if before is None:
                assert after.phase is Phase.DRAFT
            known[after.id] = after
            if change.event is not None:
                events.append(change.event.id)
                assert after.told
        was = statuses
        open_now = [
            one for incident in known.values() if incident.open for one in incident.components
        ]
        assert len(open_now) == len(set(open_now))
        assert len(events) == len(set(events))
        _nobody_is_accused(sights, known, open_now)


@given(st.text(max_size=300), st.integers(1, 200))
def test_texts_are_kept_in_one_form_or_refused(text: str, chars_max: int) -> None:
    try:
        kept = texts.paragraphs(text, "update", chars_max)
    except PeerError:
        return
    assert 0 < len(kept) <= chars_max
    assert "\n\n\n" not in kept
    assert texts.paragraphs(kept, "update", chars_max) == kept


@given(st.binary(max_size=200) | st.text("a=&%;+é1", max_size=60).map(str.encode))
def test_any_body_is_a_form_or_refused(body: bytes) -> None:
    try:
        form = read_form(body)
    except PeerError:
        return
    assert form.one("a") == (*form.all("a"), "")[0]


@given(st.binary(max_size=120))
def test_any_bytes_are_an_act_or_refused(body: bytes) -> None:
    try:
        act = msgspec.json.decode(body, type=Act)
    except msgspec.MsgspecError:
        return
    assert act.by is not None
