"""Any board that the engine could make, and some that it should not."""

import re

from hypothesis import strategies as st

from rostra.watch.board import (
    Accuracy,
    Affected,
    Attribution,
    Board,
    ComponentView,
    IncidentView,
    Level,
    MaintenanceView,
    PlaceView,
    ProbesView,
    UpdateView,
)
from rostra.watch.components import ID_PATTERN, Impact, Status
from rostra.watch.kinds import Kind

IDS = st.from_regex(re.compile(ID_PATTERN, re.ASCII), fullmatch=True)
TEXT = st.text(max_size=30)
MOMENTS = st.integers(0, 4_000_000_000_000_000)
COUNTS = st.integers(0, 10_000)
RATES = st.floats(0, 1e6, allow_nan=False)

levels = st.builds(
    Level,
    reports=COUNTS,
    unproven=COUNTS,
    usual=RATES,
    upper=RATES,
    state=st.sampled_from(["quiet", "unusual", "alarm"]),
    since_utc_us=MOMENTS,
    learning=st.booleans(),
    kinds=st.lists(st.tuples(st.sampled_from(Kind), COUNTS), max_size=3).map(tuple),
)
places = st.builds(
    PlaceView,
    place=TEXT,
    state=st.sampled_from(["ok", "failing", "noisy", "own_trouble", "silent"]),
    since_utc_us=MOMENTS,
    last_utc_us=MOMENTS,
    step=TEXT,
    why=TEXT,
    first_sound_ms=RATES,
)
probes = st.builds(
    ProbesView,
    state=st.sampled_from(["ok", "failing", "mixed", "unknown", "none"]),
    since_utc_us=MOMENTS,
    one_place=st.booleans(),
    step=TEXT,
    why=TEXT,
    places=st.lists(places, max_size=2).map(tuple),
)
attributions = st.builds(
    Attribution,
    word=st.sampled_from(["internal", "external", "undetermined"]),
    reasons=st.lists(TEXT, max_size=2).map(tuple),
    neighbours=st.lists(IDS, max_size=2).map(tuple),
)

COMPONENTS = ("sound", "page", "d-1")
"""Fixed ids, so that no strategy is made anew for each board; `gone` is watched no longer."""
affected_ids = st.lists(st.sampled_from([*COMPONENTS, "gone"]), max_size=3, unique=True).map(tuple)


def _component(id_: str) -> st.SearchStrategy[ComponentView]:
    return st.builds(
        ComponentView,
        id=st.just(id_),
        name=TEXT,
        description=TEXT,
        group=st.sampled_from(["", "Site", "Ω <&>"]),
        position=st.integers(-1, 5),
        created_utc_us=MOMENTS,
        updated_utc_us=MOMENTS,
        status=st.sampled_from(Status),
        level=levels,
        probes=probes,
        attribution=attributions,
        listening=st.integers(-1, 1_000_000),
    )


def _updates(statuses: list[str]) -> st.SearchStrategy[tuple[UpdateView, ...]]:
    affected = st.builds(
        Affected,
        component=st.sampled_from([*COMPONENTS, "gone"]),
        old=st.sampled_from(Status),
        new=st.sampled_from(Status),
    )
    one = st.builds(
        UpdateView,
        id=IDS,
        status=st.sampled_from(statuses),
        body=TEXT,
        utc_us=MOMENTS,
        automatic=st.booleans(),
        affected=st.lists(affected, max_size=2).map(tuple),
    )
    return st.lists(one, max_size=3).map(tuple)


_PHASES = ["investigating", "identified", "monitoring", "resolved", "postmortem"]
_STAGES = ["scheduled", "in_progress", "verifying", "completed"]
incidents = st.builds(
    IncidentView,
    id=IDS,
    name=TEXT,
    status=st.sampled_from(_PHASES),
    impact=st.sampled_from([one for one in Impact if one is not Impact.MAINTENANCE]),
    started_utc_us=MOMENTS,
    created_utc_us=MOMENTS,
    updated_utc_us=MOMENTS,
    resolved_utc_us=MOMENTS,
    automatic=st.booleans(),
    outcome=st.sampled_from(["", "confirmed", "false_alarm"]),
    reason=TEXT,
    components=affected_ids,
    updates=_updates(_PHASES),
    attribution=attributions,
    level=levels,
    probes=probes,
    postmortem=TEXT,
    name_es=TEXT,
)
maintenances = st.builds(
    MaintenanceView,
    id=IDS,
    name=TEXT,
    status=st.sampled_from(_STAGES),
    begins_utc_us=MOMENTS,
    ends_utc_us=MOMENTS,
    created_utc_us=MOMENTS,
    updated_utc_us=MOMENTS,
    components=affected_ids,
    updates=_updates(_STAGES),
    cancelled=st.booleans(),
)
boards = st.builds(
    Board,
    name=TEXT,
    public_url=st.sampled_from(
        ["", "https://w.example", "http://[::1]:8/x", "https://ñ.example/a&b"]
    ),
    utc_us=MOMENTS,
    impact=st.sampled_from(Impact),
    description=TEXT,
    components=st.tuples(*map(_component, COMPONENTS)).flatmap(
        lambda all_: st.integers(0, len(all_)).map(lambda count: all_[:count])
    ),
    incidents=st.lists(incidents, max_size=2, unique_by=lambda one: one.id).map(tuple),
    maintenances=st.lists(maintenances, max_size=2, unique_by=lambda one: one.id).map(tuple),
    accuracy=st.builds(Accuracy, alarms=COUNTS, confirmed=COUNTS, missed=COUNTS),
    flood=st.booleans(),
)
"""A board with up to three components, two incidents and two works."""
