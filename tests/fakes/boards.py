"""Boards written by hand: calm, alarm, false alarm, maintenance, and one without components."""

import msgspec

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
from rostra.watch.components import Impact, Status
from rostra.watch.kinds import Kind

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_795_982_700 * SECOND
"""2026-11-29, 20:05 UTC."""
URL = "https://watch.example.org"


def _place(place: str, state: str = "ok", since: int = NOW - 5 * DAY, **more: object) -> PlaceView:
    view = PlaceView(place, state, since, NOW - 9 * SECOND, first_sound_ms=412.5)
    return msgspec.structs.replace(view, **more)


def probes_ok() -> ProbesView:
    """Two places hear it."""
    return ProbesView("ok", NOW - 5 * DAY, places=(_place("here"), _place("madrid")))


def probes_failing() -> ProbesView:
    """One place hears nothing since 20:01 UTC, and no other place probes."""
    why = "no sound within 10 s"
    place = _place("here", "failing", NOW - 4 * MINUTE, step="first_sound", why=why)
    return ProbesView("failing", NOW - 4 * MINUTE, True, "first_sound", why, (place,))


def unusual() -> Level:
    """Reports at 6.4 times the usual level."""
    return Level(
        reports=32,
        unproven=3,
        usual=5.0,
        upper=12.0,
        state="alarm",
        since_utc_us=NOW - 10 * MINUTE,
        kinds=((Kind.NO_SOUND, 25), (Kind.CANNOT_JOIN, 7)),
    )


def components(**changed: ComponentView) -> tuple[ComponentView, ...]:
    """Sound, and two of group "Site": all well, but for what is `changed`, by id."""
    rows = (
        ("sound", "Live sound", "What listeners hear.", ""),
        ("page", "Listener's page", "", "Site"),
        ("desk", "Hosts' desk", "Where spaces are made & kept <safe>.", "Site"),
    )
    calm = (
        ComponentView(
            id=id_,
            name=name,
            description=description,
            group=group,
            position=position,
            created_utc_us=NOW - 90 * DAY,
            updated_utc_us=NOW - 5 * DAY,
            status=Status.OPERATIONAL,
            level=Level(reports=1, usual=0.8, upper=5.0),
            probes=probes_ok(),
            listening=1_200,
        )
        for position, (id_, name, description, group) in enumerate(rows, start=1)
    )
    return tuple(changed.get(one.id, one) for one in calm)


def _component(id_: str, **more: object) -> ComponentView:
    one = next(one for one in components() if one.id == id_)
    return msgspec.structs.replace(one, **more)


def resolved() -> IncidentView:
    """Yesterday's, confirmed by a person, with a post-mortem."""
    begun = NOW - DAY
    return IncidentView(
        id="in-yesterday",
        name="No sound in large spaces",
        status="postmortem",
        impact=Impact.MAJOR,
        started_utc_us=begun,
        created_utc_us=begun + MINUTE,
        updated_utc_us=begun + 3 * HOUR,
        resolved_utc_us=begun + HOUR,
        outcome="confirmed",
        components=("sound",),
        updates=(
            UpdateView("up-y4", "postmortem", "What happened & why.", begun + 3 * HOUR),
            UpdateView("up-y3", "resolved", "Sound is back.", begun + HOUR),
            UpdateView("up-y2", "monitoring", "A new edge carries it.", begun + 30 * MINUTE),
            UpdateView("up-y1", "investigating", "We look at it.", begun + MINUTE),
        ),
        attribution=Attribution("internal", ("places_agree",)),
        level=unusual(),
        probes=probes_failing(),
        postmortem="What happened & why.",
    )


def false_alarm_incident() -> IncidentView:
    """Reports rose, the probes were fine, and a person dismissed it with the reason."""
    begun = NOW - 2 * HOUR
    return IncidentView(
        id="in-false",
        name="Reports of Live sound are unusual",
        status="resolved",
        impact=Impact.NONE,
        started_utc_us=begun,
        created_utc_us=begun,
        updated_utc_us=begun + HOUR,
        resolved_utc_us=begun + HOUR,
        automatic=True,
        outcome="false_alarm",
        reason="A carrier in Spain had an outage of its own.",
        components=("sound",),
        updates=(
            UpdateView("up-f2", "resolved", "A carrier in Spain had an outage.", begun + HOUR),
            UpdateView("up-f1", "investigating", "Reports rise.", begun, automatic=True),
        ),
        attribution=Attribution("external", ("neighbours_rise",), ("page",)),
        level=unusual(),
        probes=probes_ok(),
    )


def open_incident() -> IncidentView:
    """Opened by an alarm ten minutes ago and confirmed: the one place hears nothing."""
    begun = NOW - 10 * MINUTE
    return IncidentView(
        id="in-open",
        name='Silence in "Live sound"',
        status="identified",
        impact=Impact.MAJOR,
        started_utc_us=begun,
        created_utc_us=begun + MINUTE,
        updated_utc_us=NOW - 2 * MINUTE,
        automatic=False,
        outcome="confirmed",
        components=("sound",),
        updates=(
            UpdateView(
                "up-o2", "identified", "An edge is out of <memory> & swaps.", NOW - 2 * MINUTE
            ),
            UpdateView(
                "up-o1",
                "investigating",
                "Reports rise.",
                begun + MINUTE,
                automatic=True,
                affected=(Affected("sound", Status.OPERATIONAL, Status.PARTIAL),),
            ),
        ),
        attribution=Attribution("undetermined", ("one_place_only",)),
        level=unusual(),
        probes=probes_failing(),
    )


def maintenances() -> tuple[MaintenanceView, ...]:
    """One that is under way, one announced, one that is over."""
    return (
        MaintenanceView(
            id="mw-next",
            name="New disks; the desk rests",
            status="scheduled",
            begins_utc_us=NOW + 2 * DAY,
            ends_utc_us=NOW + 2 * DAY + HOUR,
            created_utc_us=NOW - DAY,
            updated_utc_us=NOW - DAY,
            components=("desk",),
            updates=(
                UpdateView("up-n1", "scheduled", "Desks are read-only, one hour.", NOW - DAY),
            ),
        ),
        MaintenanceView(
            id="mw-now",
            name="Database moves",
            status="in_progress",
            begins_utc_us=NOW - 5 * MINUTE,
            ends_utc_us=NOW + 55 * MINUTE,
            created_utc_us=NOW - 3 * DAY,
            updated_utc_us=NOW - 5 * MINUTE,
            components=("desk", "page"),
            updates=(
                UpdateView("up-m2", "in_progress", "It has begun.", NOW - 5 * MINUTE),
                UpdateView("up-m1", "scheduled", "We move the database.", NOW - 3 * DAY),
            ),
        ),
        MaintenanceView(
            id="mw-past",
            name="New certificates",
            status="completed",
            begins_utc_us=NOW - 9 * DAY,
            ends_utc_us=NOW - 9 * DAY + HOUR,
            created_utc_us=NOW - 12 * DAY,
            updated_utc_us=NOW - 9 * DAY + HOUR,
            components=("page",),
            updates=(UpdateView("up-p1", "completed", "Done.", NOW - 9 * DAY + HOUR),),
        ),
    )


def calm() -> Board:
    """All is well; yesterday it was not."""
    return Board(
        name="Rostra & friends",
        public_url=URL,
        utc_us=NOW,
        components=components(),
        incidents=(resolved(),),
        accuracy=Accuracy(alarms=3, confirmed=1, false_alarms=1, open=1, missed=1),
    )


def alarm() -> Board:
    """Live sound fails from the one place that probes, and people report it."""
    sound = _component(
        "sound",
        status=Status.PARTIAL,
        updated_utc_us=NOW - 4 * MINUTE,
        level=unusual(),
        probes=probes_failing(),
        attribution=Attribution("undetermined", ("one_place_only",)),
    )
    return msgspec.structs.replace(
        calm(),
        impact=Impact.MAJOR,
        description="Partial System Outage",
        components=components(sound=sound),
        incidents=(open_incident(), resolved()),
    )


def false_alarm() -> Board:
    """A flood of reports while two places hear the sound: still green, with the reason."""
    sound = _component(
        "sound",
        level=unusual(),
        attribution=Attribution("external", ("neighbours_rise",), ("page",)),
    )
    draft = msgspec.structs.replace(
        false_alarm_incident(),
        id="in-draft",
        status="investigating",
        outcome="",
        reason="",
        resolved_utc_us=0,
        started_utc_us=NOW - 10 * MINUTE,
        created_utc_us=NOW - 10 * MINUTE,
        updated_utc_us=NOW - 10 * MINUTE,
        updates=(UpdateView("up-d1", "investigating", "Reports rise.", NOW - 10 * MINUTE, True),),
    )
    return msgspec.structs.replace(
        calm(),
        components=components(sound=sound),
        incidents=(draft, false_alarm_incident(), resolved()),
        flood=True,
    )


def maintenance() -> Board:
    """Announced work is under way, and more is announced."""
    resting = {
        id_: _component(id_, status=Status.MAINTENANCE, updated_utc_us=NOW - 5 * MINUTE)
        for id_ in ("desk", "page")
    }
    return msgspec.structs.replace(
        calm(),
        impact=Impact.MAINTENANCE,
        description="Service Under Maintenance",
        components=components(**resting),
        maintenances=maintenances(),
    )


def no_components() -> Board:
    """A watch that watches nothing yet."""
    return Board(name="Empty", public_url=URL, utc_us=NOW)


ALL = {
    "calm": calm,
    "alarm": alarm,
    "false_alarm": false_alarm,
    "maintenance": maintenance,
    "no_components": no_components,
}
"""Every board by its name, for tests that go through them all."""
