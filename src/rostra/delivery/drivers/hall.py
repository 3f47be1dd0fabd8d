"""The spaces of one edge: feeds messages to channels, writes what they let out, ends them."""

from dataclasses import dataclass
from typing import Final

import structlog

from rostra.delivery.channel import Channel
from rostra.delivery.cutting import TICK, Form, Unit
from rostra.delivery.drivers.fanout import Events, Fan
from rostra.delivery.drivers.stats import Stats
from rostra.delivery.moving import Moving
from rostra.delivery.service import Now
from rostra.delivery.spaces import Directory
from rostra.delivery.window import Step
from rostra.domain.media import Codec
from rostra.domain.space import DOORS_OPEN
from rostra.wire.hold import HoldLoop, fill_message
from rostra.wire.messages import ProgrammeMessage, SpaceTally

CHANNELS_MAX: Final = 256
"""Spaces whose programme one edge keeps: each holds its last minute, about 1.7 MB."""

_log = structlog.get_logger("edge")


@dataclass
class _Place:
    channel: Channel
    fan: Fan


class Hall:
    """All channels with their listeners.

    `loop` is the hold loop to fill with, or None where there is none.
    """

    def __init__(
        self,
        directory: Directory,
        loop: HoldLoop | None,
        stats: Stats,
        events: Events,
        tick: int = TICK,
    ) -> None:
        self.channels: dict[str, Channel] = {}
        self.tick = tick
        """Messages a write: of spaces that begin, and announced to those that are there."""
        self.unplaced = 0
        """Messages of spaces beyond `CHANNELS_MAX`."""
        self.version = 0
        """Another number whenever something went out, was learned, ended or was forgotten."""
        self.moving = Moving()
        self._filled_before = 0
        self._late_before = 0
        self._directory = directory
        self._loop = loop
        self._own: dict[str, HoldLoop] = {}
        self._stats = stats
        self._events = events
        self._places: dict[str, _Place] = {}

    def learn(self, bucket: str, key: str, value: bytes | None, now: Now) -> None:
        """An entry of a bucket came; channels of its space hear of it."""
        self.version += 1
        state = self._directory.apply(bucket, key, value)
        if state is not None and state.state in DOORS_OPEN:
            self._place(key, now)
        place = self._places.get(key)
        if place is None:
            return
        place.channel.learn(state, now.mono_ns, now.utc_us)
        self.tend(key, now)

    def fill_with(self, space: str, loop: HoldLoop | None) -> None:
        """Fill a space with a loop of its own from now on; None is the house's again."""
        if loop is None:
            self._own.pop(space, None)
        else:
            self._own[space] = loop
        if space in self.channels:
            self.channels[space].line.fill = self._filler(space)

    def take(self, message: ProgrammeMessage, now: Now) -> None:
        """A message came: write whatever goes out because of it."""
        place = self._place(message.space, now)
        if place is None:
            self.unplaced += 1
            return
        self._out(place, place.channel.take(message, now.mono_ns), now)

    def tend(self, space: str, now: Now) -> None:
        """Let time pass for one space: hold audio that is due, the end of its streams."""
        place = self._places[space]
        self._out(place, place.channel.due(now.mono_ns), now)
        if place.channel.ends(now.mono_ns):
            self.version += 1
            _log.info("streams closed", space=space, run=place.channel.window.run)
            place.fan.end(lambda form, at: self._farewell(place.channel, form, at), now.mono_ns)

    def tend_all(self, now: Now) -> None:
        """`tend` every space; forget those that have been over for long enough."""
        for space, place in list(self._places.items()):
            try:
                self.tend(space, now)
            except Exception:  # noqa: BLE001 - logged and counted; the other spaces go on
                self._stats.turn_errors += 1
                _log.exception("a space was begun anew because of a mistake of ours", space=space)
                self._abandon(space)
                continue
            if place.channel.past(now.mono_ns):
                self._forget(space)

    def part(self, now: Now) -> None:
        """End every stream here, and none of the spaces: what is due, and the last chunk."""
        for place in self._places.values():
            place.fan.end(place.channel.cutter.rest, now.mono_ns)

    def retick(self, tick: int, lead_s: float) -> None:
        """Announce another tick to all listeners: a longer one `lead_s` before it begins."""
        longer, self.tick = tick > self.tick, tick
        for place in self._places.values():
            newest = place.channel.window.newest
            place.channel.ticks.announce(tick, newest, lead_s, longer=longer)
            place.channel.cutter.coming_messages = tick

    @property
    def owing(self) -> int:
        """Listeners that have not taken all that was written to them."""
        return sum(place.fan.owing for place in self._places.values())

    def wake_ns(self) -> int | None:
        """When the next `tend_all` may have something to do."""
        wakes = (place.channel.wake_ns() for place in self._places.values())
        return min((wake for wake in wakes if wake is not None), default=None)

    def fan(self, channel: Channel) -> Fan:
        """The listeners of a channel."""
        return self._places[channel.space].fan

    @property
    def filled(self) -> int:
        """Messages filled from the hold loop, in all spaces since the start."""
        return self._filled_before + sum(one.line.filled for one in list(self.channels.values()))

    @property
    def late(self) -> int:
        """Messages whose place was filled already, in all spaces since the start."""
        return self._late_before + sum(one.line.late for one in list(self.channels.values()))

    def tally(self, space: str) -> SpaceTally:
        """Open connections of one space; HLS is added by who knows it."""
        place = self._places.get(space)
        if place is None:
            return SpaceTally(space)
        count = place.fan.open
        return SpaceTally(
            space,
            push=count[Form.PUSH] + count[Form.OPUS],
            aac=count[Form.AAC],
            mp3=count[Form.MP3] + count[Form.ICY],
        )

    def _place(self, space: str, now: Now) -> _Place | None:
        place = self._places.get(space)
        if place is None and (len(self._places) < CHANNELS_MAX or self._make_room()):
            channel = Channel(space, self._directory.me.id, self._filler(space), self.tick)
            channel.cutter.asides.append(self.moving.notices)
            channel.learn(self._directory.space(space), now.mono_ns, now.utc_us)
            place = _Place(channel, Fan(channel.cutter, self._stats, self._events))
            self._places[space] = place
            self.channels[space] = channel
        return place

    def _make_room(self) -> bool:
        """Forget one space whose streams have ended, before its time."""
        over = next((s for s, place in self._places.items() if place.channel.over), None)
        if over is None:
            return False
        self._forget(over)
        return True

    def _abandon(self, space: str) -> None:
        """Close a space's streams as a lost connection would; who comes back finds it anew."""
        self._places[space].fan.close()
        self._forget(space)

    def _forget(self, space: str) -> None:
        self.version += 1
        line = self.channels[space].line
        del self._places[space], self.channels[space]
        self._filled_before += line.filled
        self._late_before += line.late

    def _filler(self, space: str) -> "_Fill | None":
        loop = self._own.get(space, self._loop)
        return None if loop is None else _Fill(loop, space)

    def _out(self, place: _Place, steps: list[Step], now: Now) -> None:
        self.version += len(steps)
        for step in steps:
            number, window = step.message.number, place.channel.window
            before = window.newest + 1
            new_run = bool(before) and step.message.run != window.run
            if before and (new_run or number != before):
                place.fan.leap(before, number, now.mono_ns, new_run=new_run)
            tick = place.channel.ticks.begins(number, new_run=new_run)
            if tick is not None:
                place.fan.retick(tick)
            place.channel.out(step)
            place.fan.cut(number, now.mono_ns)
            if place.fan.open[Form.OPUS] and Codec.OPUS not in window.codecs():
                # Its notices would go on without a sound, and no player would miss anything.
                place.fan.finish(Form.OPUS, now.mono_ns)

    @staticmethod
    def _farewell(channel: Channel, form: Form, at: int) -> Unit:
        return channel.cutter.rest(form, at, channel.farewell())


@dataclass(frozen=True, slots=True)
class _Fill:
    loop: HoldLoop
    space: str

    def __call__(self, run: str, epoch_utc_us: int, number: int) -> ProgrammeMessage:
        return fill_message(self.loop, self.space, run, epoch_utc_us, number)
