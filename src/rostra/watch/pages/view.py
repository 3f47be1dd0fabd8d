"""What the templates ask for: words, moments, shapes and drawings of one board in one language."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec
from markupsafe import Markup

from rostra.watch.board import (
    Attribution,
    Board,
    Chart,
    ComponentView,
    IncidentView,
    MaintenanceView,
    UpdateView,
)
from rostra.watch.components import Impact, Status
from rostra.watch.moments import US_PER_S
from rostra.watch.pages import moments
from rostra.watch.pages.countries import country
from rostra.watch.pages.links import Links
from rostra.watch.pages.sentences import Teller, is_open, shape_of
from rostra.watch.pages.svg import Drawing, draw
from rostra.watch.pages.wording import number, wording
from rostra.watch.pages.world_map import Step, WorldMap
from rostra.watch.words import reason

LATELY_DAYS: Final = 14
"""Past incidents on the first page; older ones are in the history."""

DAY_US: Final = 86_400 * US_PER_S

_MARKS: Final = {
    Impact.NONE: "unusual_alone",
    Impact.MINOR: str(Status.DEGRADED),
    Impact.MAJOR: str(Status.PARTIAL),
    Impact.CRITICAL: str(Status.MAJOR),
    Impact.MAINTENANCE: str(Status.MAINTENANCE),
}


class Row(msgspec.Struct, frozen=True):
    """One row of a chart's table, in words."""

    when: str
    reports: str
    usual: str
    upper: str
    probes: str
    failed: str
    unproven: str
    above: bool


class View:
    """A board as the templates see it."""

    def __init__(self, board: Board, language: str, links: Links) -> None:
        self.board = board
        self.language = language
        self.links = links
        self.t = wording(language)
        self.tell = Teller(board, language)

    @property
    def open(self) -> list[IncidentView]:
        """What nobody has ended, what matters most first."""
        order = list(Impact)
        found = [one for one in self.board.incidents if is_open(one)]
        return sorted(found, key=lambda one: -order.index(one.impact))

    @property
    def lately(self) -> list[IncidentView]:
        """What is over, of the last `LATELY_DAYS`."""
        since = self.board.utc_us - LATELY_DAYS * DAY_US
        past = (one for one in self.board.incidents if not is_open(one))
        return [one for one in past if one.started_utc_us >= since]

    @property
    def works(self) -> list[MaintenanceView]:
        """Announced work that is not over, the nearest first."""
        coming = (one for one in self.board.maintenances if one.status != "completed")
        return sorted(coming, key=lambda one: one.begins_utc_us)

    @property
    def groups(self) -> list[tuple[str, list[ComponentView]]]:
        """Components by group, in the order of the configuration."""
        found: defaultdict[str, list[ComponentView]] = defaultdict(list)
        for one in sorted(self.board.components, key=lambda one: one.position):
            found[one.group].append(one)
        return list(found.items())

    @property
    def judged(self) -> list[tuple[int, str]]:
        """Counts of the page's accuracy with their words; none where there is nothing to judge."""
        it = self.board.accuracy
        if not it.alarms and not it.missed:
            return []
        return [
            (it.alarms, "accuracy_alarms"),
            (it.confirmed, "accuracy_confirmed"),
            (it.false_alarms, "accuracy_false"),
            (it.open, "accuracy_open"),
            (it.missed, "accuracy_missed"),
        ]

    def shape(self, component: ComponentView) -> str:
        """As `sentences.shape_of`."""
        return shape_of(component)

    def is_calm(self, component: ComponentView) -> bool:
        """Nothing of it wants more words than its sentence."""
        return component.status is Status.OPERATIONAL and component.level.state == "quiet"

    def mark(self, incident: IncidentView) -> str:
        """The shape of an incident."""
        if incident.outcome == "false_alarm":
            return "false_alarm"
        if is_open(incident):
            return "draft" if self._is_draft(incident) else _MARKS[incident.impact]
        return "operational"

    def standing(self, incident: IncidentView) -> Markup:
        """Where it stands, in words."""
        if incident.outcome == "false_alarm":
            return self.t("outcome_false_alarm")
        if self._is_draft(incident):
            return self.t("outcome_open")
        said = self.t(f"incident_{incident.status}")
        if incident.outcome == "confirmed" and is_open(incident):
            return Markup("{} · {}").format(said, self.t("outcome_confirmed"))
        return said

    def name(self, incident: IncidentView) -> str:
        """As `Teller.incident`."""
        return self.tell.incident(incident)

    def body(self, update: UpdateView) -> str:
        """What an update says, in the reader's language where the watch wrote it."""
        return update.body_es if self.language == "es" and update.body_es else update.body

    def changes(self, update: UpdateView) -> list[Markup]:
        """What an update says anew of components; those that changed alike are one line."""
        alike: defaultdict[tuple[Status, Status], list[str]] = defaultdict(list)
        for one in update.affected:
            alike[one.old, one.new].append(one.component)
        return [
            self.t(
                "changed",
                names=self.tell.named(ids),
                old=self.t(f"status_{old}"),
                new=self.t(f"status_{new}"),
            )
            for (old, new), ids in alike.items()
        ]

    def span(self, incident: IncidentView) -> Markup:
        """How long it lasted, or lasts."""
        until = incident.resolved_utc_us or self.board.utc_us
        key = "lasted" if incident.resolved_utc_us else "lasts"
        return self.t(key, n=moments.lasted(incident.started_utc_us, until))

    def reasons(self, attribution: Attribution) -> Markup:
        """Why it is attributed so."""
        said = [reason(one, self.language) for one in attribution.reasons]
        if attribution.neighbours:
            said.append(self.t("neighbours", names=self.tell.named(attribution.neighbours)))
        return Markup(" ").join(said)

    def report_link(self, component: str) -> str:
        """The form, with this component chosen."""
        form = self.links.answer("report")
        if not component:
            return form
        return f"{form}{'&' if '?' in form else '?'}component={component}"

    def drawing(self, chart: Chart) -> Drawing | None:
        """The chart's shapes."""
        return draw(chart)

    def chart_in_words(self, chart: Chart, it: Drawing) -> Markup:
        """What somebody who does not see the chart is told."""
        t = self.t
        if not it.probes:
            probes = t("chart_probes_none")
        elif it.failed:
            counts = {"failed": self.number(it.failed), "n": self.number(it.probes)}
            probes = t("chart_probes_failed", **counts)
        else:
            probes = t("chart_probes_ok", n=self.number(it.probes))
        return t(
            "chart_desc",
            total=self.number(it.total),
            most=self.number(it.most.reports),
            slot=t(f"slot_{chart.slot_s}"),
            when=self._slot(chart, it.most.utc_s),
            above=self.number(it.above),
            probes=probes,
        )

    def world_in_words(self, it: WorldMap) -> Markup:
        """What somebody who does not see the map is told: of how many, and where the most."""
        key = "map_one" if it.countries == 1 else "map_many"
        first = country(it.first, self.language)
        return self.t(key, n=self.number(it.countries), first=first)

    def step_in_words(self, step: Step) -> Markup:
        """What one kind of tile means."""
        least, most = self.number(step.least), self.number(step.most)
        return self.t("map_step" if step.most else "map_step_last", least=least, most=most)

    def axis(self, chart: Chart) -> list[Markup]:
        """Words below a chart, from its left end to its right."""
        days = chart.range == "90d"
        key = "axis_days" if days else "axis_hours"
        steps = (90, 60, 30) if days else (24, 18, 12, 6)
        return [*(self.t(key, n=step) for step in steps), self.t("axis_now")]

    def rows(self, chart: Chart) -> Iterable[Row]:
        """The chart as a table, newest first, without slots in which nothing was."""
        for one in reversed(chart.points):
            if one.reports or one.failed or one.unproven:
                yield Row(
                    self._slot(chart, one.utc_s),
                    self.number(one.reports),
                    number(one.usual, self.language, 1),
                    number(one.upper, self.language, 1),
                    self.number(one.probes),
                    self.number(one.failed),
                    self.number(one.unproven),
                    one.reports > one.upper > 0,
                )

    def number(self, value: float) -> str:
        """A whole number as the language writes it."""
        return number(value, self.language)

    def full(self, utc_us: int) -> Markup:
        """A moment with its day."""
        return moments.full(utc_us, self.language)

    def work_span(self, work: MaintenanceView) -> Markup:
        """When work begins and ends; the end with its day where that is another one."""
        begins, ends = work.begins_utc_us, work.ends_utc_us
        same_day = moments.at(begins).date() == moments.at(ends).date()
        until = moments.clock(ends, begins, self.language)
        key = "work_until" if same_day else "work_when"
        return self.t(key, begins=self.full(begins), ends=until)

    def exact(self, utc_us: int) -> Markup:
        """A moment with its day and second."""
        return moments.exact(utc_us, self.language)

    def _slot(self, chart: Chart, utc_s: int) -> str:
        moment = moments.at(utc_s * US_PER_S)
        day = moments.day(moment, self.language)
        return day if chart.range == "90d" else f"{day}, {moment:%H:%M}"

    def _is_draft(self, incident: IncidentView) -> bool:
        return incident.automatic and not incident.outcome and is_open(incident)
