"""Draws the operators' pages: what is under way, one incident, announced work, their forms."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from rostra.domain.errors import PeerError
from rostra.domain.language import preferred
from rostra.watch import words
from rostra.watch.acts import ATTRIBUTIONS, IMPACTS
from rostra.watch.board import UpdateView
from rostra.watch.fact_asking import Told
from rostra.watch.incidents import CONFIRMED, TRANSITIONS, Cause, Incident, Phase
from rostra.watch.maintenance import OVER, Maintenance, Stage
from rostra.watch.pages.facts import facts
from rostra.web.languages import in_language
from rostra.web.times import iso
from rostra.web.watch_acting import Acting
from rostra.web.watch_admin_templates import CSP, draw
from rostra.web.watch_admin_words import labels
from rostra.web.watch_operators import Session
from rostra.web.watch_site import Site

OVER_SHOWN: Final = 20
"""Incidents that are over, on the list of a phone; the public history has all."""

MINUTE_CHARS: Final = len("2026-11-30T20:00")
"""What a browser's field for date and time gives: no zone, taken as UTC as its label says."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form that was refused had in it, so that nothing typed is lost."""

    action: str = ""
    name: str = ""
    body: str = ""
    reason: str = ""
    status: str = ""
    impact: str = ""
    begins: str = ""
    ends: str = ""
    components: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Shown:
    """What every page is drawn with."""

    request: Request
    site: Site
    session: Session | None = None
    typed: Typed = field(default_factory=Typed)
    problem: PeerError | None = None

    @property
    def language(self) -> str:
        """The reader's language."""
        return preferred(self.request.headers.get("accept-language", ""))

    def page(self, name: str, **values: Any) -> Response:  # noqa: ANN401 - what a template shows
        """The page as an answer, with the sentence of what was refused."""
        problem = self.problem
        body = draw(
            name,
            language=self.language,
            w=labels(self.language),
            page=self.site.board().name,
            session=self.session,
            typed=self.typed,
            error=in_language(problem.sentence, self.language) if problem else "",
            **values,
        )
        headers = {
            "Content-Security-Policy": CSP,
            "Cache-Control": "no-store",
            "Content-Language": self.language,
            "Vary": "Accept-Language, Cookie",
        }
        return HTMLResponse(body, problem.status if problem else 200, headers)

    def word(self, status: str) -> str:
        """A status or an impact in the reader's language."""
        return words.status(status, self.language)

    def pairs(self, values: Iterable[str]) -> list[tuple[str, str]]:
        """Choices of a list."""
        return [(str(one), self.word(str(one))) for one in values]

    def lines(self, updates: Iterable[UpdateView]) -> list[dict[str, str]]:
        """A timeline as it is shown."""
        return [
            {
                "status": self.word(one.status),
                "at": when(one.utc_us),
                "body": (self.language == "es" and one.body_es) or one.body,
            }
            for one in updates
        ]


def when(utc_us: int) -> str:
    """`2026-11-30 20:00 UTC`."""
    return f"{iso(utc_us)[:MINUTE_CHARS].replace('T', ' ')} UTC"


async def listed(shown: Shown, acting: Acting) -> Response:
    """What waits, what is under way, what is over, and announced work."""
    w = labels(shown.language)
    incidents = await acting.incidents()
    drafts = [one for one in incidents if not one.outcome]
    working = [one for one in incidents if one.open and one.outcome]
    over = [one for one in incidents if not one.open and one.outcome][:OVER_SHOWN]
    works = [_work_row(shown, one) for one in await acting.maintenances()]
    rows = [[_row(shown, one) for one in some] for some in (drafts, working, over)]
    heads = ("drafts", "under_way", "over", "work")
    lists = [
        (w[head], w[f"no_{head}"], some) for head, some in zip(heads, [*rows, works], strict=True)
    ]
    return shown.page("list", lists=lists, components=list(acting.components.items()))


def opening(shown: Shown, acting: Acting) -> Response:
    """The form for an incident that no alarm opened."""
    components = list(acting.components.items())
    return shown.page("open", impacts=shown.pairs(IMPACTS), components=components)


def incident(shown: Shown, acting: Acting, one: Incident) -> Response:
    """One incident: its evidence, a form for each action that it takes, its timeline."""
    language = shown.language
    return shown.page(
        "incident",
        one=_named(shown, one),
        status=shown.word(one.phase),
        impact=shown.word(one.impact),
        names=", ".join(acting.components.get(each, each) for each in one.components),
        evidence=words.evidence(one.level, one.probes, language, acting.now_utc_us),
        told=[(id_, acting.components[id_]) for id_ in one.components if id_ in acting.components],
        attribution=shown.word(one.attribution.word),
        reasons=[words.reason(each, language) for each in one.attribution.reasons],
        actions=actions_of(one.phase),
        statuses=shown.pairs(each for each in Phase if each in CONFIRMED),
        impacts=shown.pairs(IMPACTS),
        words=shown.pairs(ATTRIBUTIONS),
        components=list(acting.components.items()),
        updates=shown.lines(one.updates),
    )


def told(shown: Shown, found: Told) -> Response:
    """What reports of a component say."""
    body = facts(found, shown.language)
    return shown.page("told", one=found, body=body)


def work(shown: Shown, acting: Acting, one: Maintenance | None) -> Response:
    """Announced work, or the form that announces some."""
    return shown.page(
        "work",
        one=one,
        over=one is not None and one.stage in OVER,
        status="" if one is None else shown.word(one.stage),
        begins="" if one is None else iso(one.begins_utc_us)[:MINUTE_CHARS],
        ends="" if one is None else iso(one.ends_utc_us)[:MINUTE_CHARS],
        statuses=shown.pairs(each for each in Stage if each is not Stage.CANCELLED),
        components=list(acting.components.items()),
        updates=shown.lines(() if one is None else one.updates),
    )


def actions_of(phase: Phase) -> tuple[str, ...]:
    """What a person may do to an incident, as the table of its life says."""
    leads = {
        then
        for (now, then), causes in TRANSITIONS.items()
        if now is phase and Cause.PERSON in causes
    }
    found = []
    if phase in {Phase.DRAFT, Phase.SETTLED}:
        found.append("confirm")
    if phase in CONFIRMED:
        found.append("update")
    if Phase.RESOLVED in leads and phase in CONFIRMED:
        found.append("resolve")
    if Phase.DISMISSED in leads:
        found.append("dismiss")
    if Phase.POSTMORTEM in leads or phase is Phase.POSTMORTEM:
        found.append("postmortem")
    if Phase.INVESTIGATING in leads and phase not in {*CONFIRMED, Phase.DRAFT}:
        found.append("reopen")
    return tuple(found)


def _named(shown: Shown, one: Incident) -> dict[str, Any]:
    name = (shown.language == "es" and one.name_es) or one.name
    return {"id": one.id, "name": name, "plain_name": one.name, "components": one.components}


def _row(shown: Shown, one: Incident) -> dict[str, str]:
    return {
        "href": f"/status/admin/incidents/{one.id}",
        "name": _named(shown, one)["name"],
        "status": shown.word(one.phase),
        "impact": shown.word(one.impact),
        "at": when(one.started_utc_us),
    }


def _work_row(shown: Shown, one: Maintenance) -> dict[str, str]:
    return {
        "href": f"/status/admin/maintenance/{one.id}",
        "name": one.name,
        "status": shown.word(one.stage),
        "impact": shown.word("maintenance"),
        "at": f"{when(one.begins_utc_us)} / {when(one.ends_utc_us)}",
    }
