"""The sentences that a board comes to: one for the page, one for each component."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from rostra.watch.board import Board, ComponentView, IncidentView, Level, PlaceView, ProbesView
from rostra.watch.components import Impact, Status
from rostra.watch.pages import moments
from rostra.watch.pages.wording import Wording, number, wording

NAMES_MAX: Final = 3
"""Components named in the page's sentence; more make it no sentence. The rest are counted."""


def is_open(incident: IncidentView) -> bool:
    """Nobody has ended or dismissed it."""
    return incident.resolved_utc_us == 0 and incident.status not in {"resolved", "postmortem"}


def unusual(component: ComponentView) -> bool:
    """People report more than usual, and by evidence it works."""
    return component.level.state == "alarm" and component.status is Status.OPERATIONAL


def shape_of(component: ComponentView) -> str:
    """The word that a component's shape and colour go by."""
    if not unusual(component):
        return str(component.status)
    return "unusual" if component.probes.state == "ok" else "unusual_alone"


class Teller:
    """Says what a board shows, in one language."""

    def __init__(self, board: Board, language: str) -> None:
        self._board = board
        self._language = language
        self._t: Wording = wording(language)

    def headline(self) -> Markup:
        """The one sentence that the page begins with; evidence by probe and person comes first."""
        board, t = self._board, self._t
        if not board.components:
            return t("one_nothing")
        if self.sole is not None:
            return t("one_incident", name=self.incident(self.sole))
        if self._real:
            return t("one_incidents", n=len(self._real))
        return self._of_components() or self._calm()

    @property
    def sole(self) -> IncidentView | None:
        """The one open incident with an impact, which the page's sentence names."""
        return self._real[0] if len(self._real) == 1 else None

    @property
    def _real(self) -> list[IncidentView]:
        every = self._board.incidents
        return [one for one in every if is_open(one) and one.impact is not Impact.NONE]

    def _of_components(self) -> Markup | None:
        components, t = self._board.components, self._t
        failing = [one for one in components if one.probes.state == "failing"]
        if failing:
            alone = all(one.probes.one_place for one in failing)
            key = "one_failing_place" if alone else "one_failing"
            return t(key, names=self.names(failing))
        worse = [
            one for one in components if one.status not in {Status.OPERATIONAL, Status.MAINTENANCE}
        ]
        if worse:
            word = str(t(f"status_{worse[0].status}"))
            return t("one_status", names=self.names(worse), word=word[0].lower() + word[1:])
        loud = [one for one in components if unusual(one)]
        if loud:
            heard = all(one.probes.state == "ok" for one in loud)
            key = "one_unusual" if heard else "one_unusual_alone"
            return t(key, names=self.names(loud))
        return None

    def _calm(self) -> Markup:
        board = self._board
        if any(one.status == "in_progress" for one in board.maintenances):
            return self._t("one_maintenance")
        probed = [one for one in board.components if one.probes.state != "none"]
        if not any(one.probes.state == "ok" for one in probed):
            return self._t("one_calm_reports")
        silent = [one for one in probed if one.probes.state != "ok"]
        return self._t("one_calm_part", names=self.names(silent)) if silent else self._t("one_calm")

    def incident(self, incident: IncidentView) -> str:
        """Its name in the reader's language, where the watch gave it."""
        return incident.name_es if self._language == "es" and incident.name_es else incident.name

    def names(self, components: Iterable[ComponentView]) -> str:
        """`A, B and 4 more`."""
        names = [one.name for one in components]
        if len(names) > NAMES_MAX:
            rest = len(names) - NAMES_MAX + 1
            names = [*names[: NAMES_MAX - 1], str(self._t("more_names", n=rest))]
        if len(names) < 2:  # noqa: PLR2004 - nothing to join
            return "".join(names)
        return f"{', '.join(names[:-1])} {self._t('and')} {names[-1]}"

    def named(self, ids: Iterable[str]) -> str:
        """Names of components by their ids; one that is configured no more keeps its id."""
        names = {one.id: one.name for one in self._board.components}
        return ", ".join(names.get(one, one) for one in ids)

    def component(self, level: Level, probes: ProbesView) -> Markup:
        """Reports beside usual, and probes: the one sentence that every component has."""
        return Markup("{}; {}.").format(self.reports(level), self.probes(probes))

    def reports(self, level: Level) -> Markup:
        """Reports beside the usual level; a few beside next to none are usual."""
        if level.state == "quiet" and level.reports <= max(level.upper, level.usual):
            return self._t("reports_usual")
        return self._t("reports_times", n=number(level.times, self._language, 1))

    def probes(self, probes: ProbesView) -> Markup:
        """What the probes find, and since when."""
        since = self.since(probes.since_utc_us)
        said = self._t(f"probes_{probes.state}", since=since)
        if probes.one_place and probes.state != "none":
            said = Markup("{} ({})").format(said, self._t("one_place_only"))
        return self._t("our_probes", said=said)

    def counted(self, level: Level) -> list[Markup]:
        """The numbers behind the sentence."""
        t, language = self._t, self._language
        said = [
            t(
                "level_one" if level.reports == 1 else "level",
                n=number(level.reports, language),
                minutes=level.window_s // 60,
                usual=number(level.usual, language, 1),
                upper=number(level.upper, language),
            )
        ]
        if level.kinds and level.state != "quiet":
            kinds = (f"{t(f'kind_{kind}')} ({number(n, language)})" for kind, n in level.kinds[:3])
            said.append(t("mostly", kinds=", ".join(kinds)))
        if level.unproven:
            said.append(t("level_unproven", n=number(level.unproven, language)))
        if level.learning:
            said.append(t("level_learning"))
        return said

    def place(self, place: PlaceView) -> Markup:
        """What one place finds, with the step and the reason where it fails."""
        t = self._t
        since = place.since_utc_us if place.state != "silent" else place.last_utc_us
        said = t(f"place_{place.state}", since=self.since(since))
        if place.state == "failing" and place.step:
            step = t(f"step_{place.step}")
            said = Markup("{}, {}").format(said, t("at_step", step=step, why=place.why))
        return said

    def since(self, utc_us: int) -> Markup:
        """A moment as `since …` wants it: Spanish says `desde las 20:04 UTC`."""
        said = self.when(utc_us)
        if self._language != "es":
            return said
        same_day = moments.at(utc_us).date() == moments.at(self._board.utc_us).date()
        return Markup("{} {}").format("las" if same_day else "el", said)

    def when(self, utc_us: int) -> Markup:
        """A moment beside the board's own."""
        return moments.clock(utc_us, self._board.utc_us, self._language)
