"""What hosts alone are sent: the queue, the audience's questions, and everybody's connection."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from rostra.domain.ports import Moment
from rostra.stage.bans import Marks, mark_of
from rostra.stage.drivers.seat import Link, Seat
from rostra.stage.floor import Floor
from rostra.stage.queue import AskLike
from rostra.wire import stagelink
from rostra.wire.stagelink import AudienceView, Line, Lines

QUEUE_EVERY_US: Final = 500_000
"""The queue is sent at most twice a second: a crowd raises hands by the thousand."""


class HostsBoard:
    """What the hosts of one stage see beside it; belongs to the event loop's thread."""

    def __init__(self, floor: Floor, line: Callable[[], tuple[Seat, ...]]) -> None:
        self._floor = floor
        self._line = line
        self._shown = ""
        self._shown_us = -QUEUE_EVERY_US
        self._audience = ""
        self._knowing: set[str] = set()
        self._heard: tuple[object, ...] = ()

    def welcome(self, link: Link) -> None:
        """A new connection: a host's sees the queue at once."""
        self._knowing.discard(link.participant)
        self._show_newcomers()

    def _show_newcomers(self) -> None:
        """Show both to hosts who have not seen them: new connections, and who became one."""
        links = {seat.id: seat.link for seat in self._line() if self._is_host(seat.id)}
        for participant in links.keys() - self._knowing:
            link = links[participant]
            if link is not None and link.peer is not None:
                for shown in filter(None, (self._shown, self._audience)):
                    link.peer.send_text(shown)
        self._knowing = set(links)

    def hear(self, asks: Iterable[AskLike], now: Moment) -> tuple[dict[str, Any], ...]:
        """Take the hands that are up now, and show the queue where it changed.

        Returns the bodies of the notices about invitations that are due.
        """
        now_us = now.mono_us
        self._show_newcomers()
        self._hear(tuple(asks), now_us, now.utc_us)
        if now_us - self._shown_us >= QUEUE_EVERY_US:
            view = self._floor.queue.view(self._floor.invitations.until_utc_us)
            shown = stagelink.pack(view)
            if shown != self._shown and (view.total or self._shown):
                self._shown, self._shown_us = shown, now_us
                self._to_hosts(shown)
        return self._floor.invitations.due(now)

    def show_audience(self, view: AudienceView) -> None:
        """Questions and the poll, where they changed; `audience.forum` keeps the pace."""
        shown = stagelink.pack(view)
        if shown != self._audience:
            self._audience = shown
            self._to_hosts(shown)

    def _hear(self, asks: tuple[AskLike, ...], now_us: int, now_utc_us: int) -> None:
        """Only what is new: a thousand hands take 10 ms, and are looked at ten times a second."""
        queue = self._floor.queue
        heard = (asks, self._floor.bans.hashes)
        if heard != self._heard or queue.remembers:
            self._heard = heard
            queue.hear(asks, now_us, now_utc_us, self._banned)

    def show_lines(self, lost: Mapping[str, float]) -> None:
        """Everybody's connection, once a second; `lost` in per cent by id."""
        lines = {
            seat.id: Line(
                loss_pct=lost[seat.id],
                buffer_ms=seat.link.voice.depth_ms,
                noise_dbfs=seat.noise_dbfs,
                gain_db=seat.gain_db,
                howls=seat.howls,
            )
            for seat in self._line()
            if seat.link is not None and seat.id in lost
        }
        self._to_hosts(stagelink.pack(Lines(lines)), droppable=True)

    def _to_hosts(self, text: str, *, droppable: bool = False) -> None:
        for seat in self._line():
            link = seat.link
            if link is not None and link.peer is not None and self._is_host(seat.id):
                link.peer.send_text(text, droppable=droppable)

    def _is_host(self, participant: str) -> bool:
        return participant in self._floor and self._floor.place(participant).is_host

    def _banned(self, listener: str) -> bool:
        return self._floor.bans.banned(Marks(listener=mark_of("listener", listener)))
