"""Carries out what operators ask for: reads, applies the rules, writes with the log, tells."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from rostra.domain.errors import NotFoundError, PeerError
from rostra.domain.ports import Clock
from rostra.watch import acts, maintenance, texts
from rostra.watch.acts import Act
from rostra.watch.affecting import Standing, by_step
from rostra.watch.board import Board
from rostra.watch.fact_asking import Asked, Tally, Told
from rostra.watch.fact_sums import SUMMED_MAX, summed
from rostra.watch.incidents import Change, Incident
from rostra.watch.kinds import Kind
from rostra.watch.maintenance import Maintenance, Mover, Stage, Work
from rostra.watch.moments import US_PER_S
from rostra.watch.ports import Action, DetailBook, IncidentBook
from rostra.web.times import parse_at

LOG_SHOWN: Final = 100
"""Lines of the log that one answer holds."""

RECENT_US: Final = 90 * 86_400_000_000
"""How far back the operators' lists go."""

LISTED_MAX: Final = 100
"""Incidents that one list holds."""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Announced work as an operator asks for it; empty fields leave what is there.

    Times are ISO 8601 with an offset, or `now`.
    """

    by: str
    name: str = ""
    body: str = ""
    begins: str = ""
    ends: str = ""
    components: tuple[str, ...] = ()
    status: str = ""


class Books(Protocol):
    """What operators write and read: the watch's store."""

    @property
    def incidents(self) -> IncidentBook:
        """Incidents, announced work and the log."""
        ...

    @property
    def reports(self) -> DetailBook:
        """What people report."""
        ...


class Acting:
    """Every action of an operator; `changed` is called after each, so that the page follows."""

    def __init__(
        self,
        books: Books,
        clock: Clock,
        board: Callable[[], Board],
        fresh_id: Callable[[], str],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._book, self._reports = books.incidents, books.reports
        self._clock = clock
        self._board = board
        self._fresh_id = fresh_id
        self._changed = changed

    @property
    def components(self) -> Mapping[str, str]:
        """Names by id."""
        return {one.id: one.name for one in self._board().components}

    @property
    def now_utc_us(self) -> int:
        """Microseconds since 1970, UTC."""
        return self._clock.now().utc_us

    @property
    def now_mono_ns(self) -> int:
        """The monotonic clock, for sessions and rates."""
        return self._clock.now().mono_ns

    async def incidents(self) -> list[Incident]:
        """The open ones first, then the newest."""
        found = await asyncio.to_thread(self._book.newest, LISTED_MAX)
        known = {one.id for one in found}
        late = await asyncio.to_thread(self._book.open_or_recent, self.now_utc_us)
        found += [one for one in late if one.id not in known]
        return sorted(found, key=lambda one: (not one.open, -one.created_utc_us))

    async def incident(self, incident_id: str) -> Incident:
        """One incident; NotFoundError (404)."""
        found = await asyncio.to_thread(self._book.incident, incident_id)
        if found is None:
            sentence = f"There is no incident {incident_id[:40]!r}. See the list."
            raise NotFoundError(sentence)
        return found

    async def open(self, act: Act) -> Incident:
        """Open an incident by hand."""
        by = _operator(act.by)
        incidents = await self.incidents()
        change = acts.open_by_hand(
            act, incidents, self.components, self._fresh_id(), self.now_utc_us
        )
        return await self._keep(change, None, self._action(by, "open", change.incident.id, act))

    async def do(self, name: str, incident_id: str, act: Act) -> Incident:
        """One action on an incident, by its name in the path; PeerError says what is wrong."""
        by = _operator(act.by)
        before = await self.incident(incident_id)
        change = self._changes(name, before, act)
        return await self._keep(change, before, self._action(by, name, incident_id, act))

    def _changes(self, name: str, before: Incident, act: Act) -> Change:
        now = self.now_utc_us
        if name == "confirm":
            return acts.confirm(before, act, self.components, now)
        if name == "dismiss":
            return acts.dismiss(before, act, now)
        if name == "update":
            return acts.update(before, act, self.components, now)
        if name == "resolve":
            return acts.resolve(before, act, now)
        if name == "reopen":
            return acts.reopen(before, act, self.components, now)
        if name == "postmortem":
            return acts.postmortem(before, act, now)
        sentence = f"There is no action {name[:40]!r} on an incident."
        raise NotFoundError(sentence)

    async def maintenances(self) -> list[Maintenance]:
        """Work that is not over, and that of the last 90 days."""
        return await asyncio.to_thread(self._book.maintenances, self.now_utc_us - RECENT_US)

    async def maintenance(self, maintenance_id: str) -> Maintenance:
        """One piece of announced work; NotFoundError (404)."""
        found = await asyncio.to_thread(self._book.maintenance, maintenance_id)
        if found is None:
            sentence = f"There is no announced work {maintenance_id[:40]!r}. See the list."
            raise NotFoundError(sentence)
        return found

    async def schedule(self, plan: Plan) -> Maintenance:
        """Announce work."""
        by, now = _operator(plan.by), self.now_utc_us
        begins, ends = parse_at(plan.begins, now), parse_at(plan.ends, now)
        maintenance.check_times(begins, ends, now)
        body = texts.paragraphs(plan.body, "description", texts.BODY_CHARS_MAX)
        work = maintenance.schedule(
            Maintenance(
                id=self._fresh_id(),
                name=texts.line(plan.name, "name", texts.NAME_CHARS_MAX),
                stage=Stage.SCHEDULED,
                begins_utc_us=begins,
                ends_utc_us=ends,
                created_utc_us=now,
                updated_utc_us=now,
                components=texts.components(plan.components, self.components),
                updates=(maintenance.note_of(None, Stage.SCHEDULED, body, now),),
            )
        )
        action = self._action(by, "schedule", work.maintenance.id, plan)
        return await self._keep_work(work, None, action)

    async def edit(self, maintenance_id: str, plan: Plan) -> Maintenance:
        """Change announced work, or move it on with `status`; a line says what."""
        by = _operator(plan.by)
        before = await self.maintenance(maintenance_id)
        work = self._edited(before, plan)
        return await self._keep_work(work, before, self._action(by, "edit", maintenance_id, plan))

    async def cancel(self, maintenance_id: str, plan: Plan) -> Maintenance:
        """Call announced work off."""
        by, now = _operator(plan.by), self.now_utc_us
        before = await self.maintenance(maintenance_id)
        body = texts.paragraphs(plan.body, "reason", texts.BODY_CHARS_MAX)
        note = maintenance.note_of(before, Stage.CANCELLED, body, now)
        work = maintenance.step(before, Stage.CANCELLED, Mover.PERSON, note)
        action = self._action(by, "cancel", maintenance_id, plan)
        return await self._keep_work(work, before, action)

    async def reports(self, component: str, asked: Asked) -> Told:
        """What reports of a component say; NotFoundError (404)."""
        if component not in self.components:
            sentence = f"There is no component {component[:40]!r}. See the page for their ids."
            raise NotFoundError(sentence)
        return await asyncio.to_thread(self._told, component, asked)

    async def log(self) -> list[Action]:
        """What operators did, newest first."""
        return await asyncio.to_thread(self._book.log, LOG_SHOWN)

    async def note(self, by: str, action: str) -> None:
        """Write into the log what changes nothing: somebody came or went."""
        line = Action(self.now_utc_us, _operator(by), action, "")
        await asyncio.to_thread(self._book.note, line)

    def _told(self, component: str, asked: Asked) -> Told:
        now = self.now_utc_us
        since_s = asked.since_utc_s(now)
        details = self._reports.details(
            component, since_s * US_PER_S, SUMMED_MAX, asked.kinds, asked.outcomes
        )
        tallies = self._reports.tallies(component, since_s)
        return Told(
            component=component,
            name=self.components[component],
            asked=asked,
            since_utc_s=since_s,
            until_utc_us=now,
            tallies=tuple(Tally(kind, **tallies[kind]) for kind in Kind if kind in tallies),
            sum=summed(details),
        )

    def _edited(self, before: Maintenance, plan: Plan) -> Work:
        if before.stage in maintenance.OVER:
            sentence = "This work is over. Announce new work."
            raise PeerError(sentence, status=409)
        now = self.now_utc_us
        fields: dict[str, object] = {}
        if plan.name.strip():
            fields["name"] = texts.line(plan.name, "name", texts.NAME_CHARS_MAX)
        if plan.components:
            known = {*self.components, *before.components}
            fields["components"] = texts.components(plan.components, known)
        begins = parse_at(plan.begins, now) if plan.begins.strip() else before.begins_utc_us
        ends = parse_at(plan.ends, now) if plan.ends.strip() else before.ends_utc_us
        if (begins, ends) != (before.begins_utc_us, before.ends_utc_us):
            maintenance.check_times(begins, ends, now)
            fields |= {"begins_utc_us": begins, "ends_utc_us": ends}
        then = _stage(plan.status) if plan.status else before.stage
        body = texts.paragraphs(plan.body, "update", texts.BODY_CHARS_MAX)
        note = maintenance.note_of(before, then, body, now)
        if then is before.stage:
            return maintenance.edited(before, note, fields=fields)
        return maintenance.step(before, then, Mover.PERSON, note, fields)

    async def _keep(self, change: Change, before: Incident | None, action: Action) -> Incident:
        standing = await asyncio.to_thread(self._standing)
        kept = by_step(change.incident, before, standing)
        await asyncio.to_thread(self._book.keep, Change(kept, change.event), action)
        self._changed()
        return kept

    async def _keep_work(
        self, work: Work, before: Maintenance | None, action: Action
    ) -> Maintenance:
        standing = await asyncio.to_thread(self._standing)
        kept = by_step(work.maintenance, before, standing)
        await asyncio.to_thread(self._book.keep, Work(kept, work.event), action)
        self._changed()
        return kept

    def _standing(self) -> Standing:
        """What components' statuses follow from at this moment; it reads, and blocks."""
        now = self.now_utc_us
        works = self._book.maintenances(now)
        return Standing(self._board().components, self._book.open_or_recent(now), works)

    def _action(self, by: str, name: str, subject: str, asked: Act | Plan) -> Action:
        return Action(self.now_utc_us, by, name, subject, msgspec.json.encode(asked).decode())


def _operator(name: str) -> str:
    return texts.line(name, "operator's name (by)", texts.OPERATOR_CHARS_MAX)


def _stage(word: str) -> Stage:
    known = [one.value for one in Stage if one is not Stage.CANCELLED]
    if word not in known:
        sentence = f"There is no status {word[:40]!r} to set; there are {', '.join(known)}."
        raise PeerError(sentence, status=422)
    return Stage(word)
