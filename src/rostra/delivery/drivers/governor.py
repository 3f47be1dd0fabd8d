"""Watches how an edge keeps up, changes its tick before it falls behind, and says who may join."""

import random
from typing import Final

import structlog

from rostra.delivery.answers import Answer, sentence
from rostra.delivery.budgets import Over
from rostra.delivery.cutting import PUSH_FORMS
from rostra.delivery.drivers.gate import retry_s
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.drivers.stats import LATE_FROM, Stats
from rostra.delivery.elastic import Elastic, Load, Relief
from rostra.delivery.refusals import Code, RefusedError
from rostra.delivery.refusing import refusal
from rostra.delivery.service import Now
from rostra.delivery.streams import Join
from rostra.delivery.waiting import Waiting

NS_PER_S: Final = 1_000_000_000

_log = structlog.get_logger("edge")


class Governor:
    """One edge's ladder between a short tick and a waiting queue, moved by what it measures."""

    def __init__(self, hall: Hall, stats: Stats, elastic: Elastic, listeners_max: int) -> None:
        self.elastic = elastic
        self.load = Load(0.0)
        """What was measured last."""
        self._hall = hall
        self._stats = stats
        self._listeners_max = listeners_max
        self._waiting = Waiting()
        self._looked_ns = 0
        self._busy_s = 0.0
        self._late = (0, 0)

    @property
    def burst(self) -> bool:
        """Whether a joiner is given a second of sound at once."""
        return Relief.NO_BURST not in self.elastic.step.reliefs

    def look(self, listeners: int, now: Now) -> None:
        """Measure since the last look, and change what must change; about twice a second."""
        seconds = (now.mono_ns - self._looked_ns) / NS_PER_S
        first, self._looked_ns = not self._looked_ns, now.mono_ns
        load = self._measured(seconds, listeners)
        if first or seconds <= 0:
            return
        self.load = load
        change = self.elastic.judge(load, now.mono_ns)
        if change is None:
            return
        if change.step.tick != self._hall.tick:
            self._hall.retick(change.step.tick, change.lead_s)
        if Relief.WAIT in change.step.reliefs:
            self._waiting.close()
        _log.warning(
            "the edge changed its tick or what it gives to newcomers",
            tick_messages=change.step.tick,
            relief=sorted(change.step.reliefs),
            begins_in_s=round(change.lead_s, 1),
            busy=round(load.busy, 2),
            late=round(load.late, 2),
            owing=round(load.owing, 2),
            listeners=listeners,
        )

    def left(self, now: Now) -> None:
        """A listener left."""
        self._waiting.left(now.mono_ns)

    def refusal(self, join: Join, listeners: int, now: Now) -> Answer | None:
        """Why this newcomer cannot listen here and now, or None."""
        if listeners >= self._listeners_max:
            self._stats.refused_full += 1
            return refusal(Over.EDGE, retry_s(), join.language)
        reliefs = self.elastic.step.reliefs
        if Relief.WAIT in reliefs:
            # Who has waited for a place is given it, push or not.
            return None if self._waiting.admit() else self._wait(join.language, now)
        # A plain player of AAC or MP3 could not go there.
        if Relief.OFFER_HLS in reliefs and join.form in PUSH_FORMS:
            return self._hls(join)
        return None

    def _wait(self, language: str, now: Now) -> Answer:
        self._stats.refused_waiting += 1
        told = self._waiting.told(now.mono_ns, random.random())  # noqa: S311 - spreads a crowd
        waiting = RefusedError(Code.WAITING, place=told.place, seconds=told.wait_s)
        headers = {"Retry-After": str(told.retry_s)}
        return _answer(waiting, language, headers, {"place": told.place, "wait_s": told.wait_s})

    def _hls(self, join: Join) -> Answer:
        self._stats.refused_to_hls += 1
        more: dict[str, object] = {"hls": f"/live/{join.channel.space}/master.m3u8"}
        return _answer(RefusedError(Code.USE_HLS), join.language, {"Retry-After": "60"}, more)

    def _measured(self, seconds: float, listeners: int) -> Load:
        busy_s, counts = self._stats.busy_s, self._stats.late.counts
        late, messages = sum(counts[LATE_FROM:]), sum(counts)
        load = Load(
            busy=(busy_s - self._busy_s) / seconds if seconds > 0 else 0.0,
            late=(late - self._late[0]) / max(1, messages - self._late[1]),
            owing=self._hall.owing / max(1, listeners),
            listeners=listeners,
        )
        self._busy_s, self._late = busy_s, (late, messages)
        return load


def _answer(
    error: RefusedError, language: str, headers: dict[str, str], more: dict[str, object]
) -> Answer:
    headers = {**headers, "Content-Language": language}
    return sentence(error.status, error.said(language), error.code, headers, more)
