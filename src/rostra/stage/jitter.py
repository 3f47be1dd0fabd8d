"""Turns packets that arrive as they please into exactly one decision every 20 ms.

The buffer waits for what is late, asks for forward error correction or concealment where a packet
is lost, jumps to the newest after a stall, and merges two packets into one when the sender's clock
runs ahead of ours. It never holds up the mixer: whatever the network does, `pull` answers.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rostra.domain.grid import MIX_BLOCK_SAMPLES

BLOCK_US: Final = 20_000

TARGET_BLOCKS: Final = 2
"""Packets gathered before sound starts: a browser's own jitter is below 20 ms."""

BURST_BLOCKS_MAX: Final = 12
"""Deeper than 240 ms is a stall's burst, not jitter: what is older than the target is dropped."""

CONCEAL_BLOCKS_MAX: Final = 8
"""160 ms without a packet, over which a concealed voice fades by 24 dB (`fade.FADE_DB`); after
that there is silence."""

MARGIN_US: Final = 5_000
"""How long before its turn the latest packet should be here, on a calm network."""

MARGIN_US_MAX: Final = 80_000
"""A network that needs more than this is heard with gaps; more delay would break conversation."""

REDUNDANCY_US: Final = BLOCK_US + MARGIN_US
"""The margin once packets are lost: the one after a lost one, which carries its redundancy, must
be here at the lost one's turn."""

MARGIN_STEP_US: Final = 10_000
"""Added whenever a packet came after its turn."""

MARGIN_EASE_US: Final = 1_000
"""Taken off after each window in which nothing came late."""

WINDOW_PLAYS: Final = 100
"""Packets (2 s) over which the latest of them decides whether the buffer is too deep."""

DEEP_US: Final = 4 * BLOCK_US
"""A margin exceeded by this much (a short stall's burst) is worked off faster."""

QUICK_PLAYS: Final = 25
"""Then two packets are merged every half second: four per cent faster speech."""

RESTART_BLOCKS: Final = 150
"""A packet 3 s in the past is no late one: the sender may have started over."""

RESTART_PACKETS: Final = 10
"""So many in order from the past make it certain."""

_SEQ_BITS: Final = 16
_TS_BITS: Final = 32


class Action(StrEnum):
    """What the decoder does for these 20 ms."""

    PLAY = "play"
    """Decode `payload`."""
    REST = "rest"
    """Give the next block of the packet decoded last: it was longer than 20 ms."""
    MERGE = "merge"
    """Decode `payload` and `second`, and fade from the one to the other: one block is saved."""
    FEC = "fec"
    """Decode the lost packet from the redundancy in `payload`, the packet after it."""
    CONCEAL = "conceal"
    """Let the decoder continue the sound without a packet."""
    SILENCE = "silence"
    """Nothing to hear; the decoder is not asked."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision."""

    action: Action
    payload: bytes = b""
    second: bytes = b""


@dataclass(slots=True)
class Counters:
    """What happened since the connection began, in packets or blocks."""

    received: int = 0
    late: int = 0
    """Came after their turn had passed."""
    lost: int = 0
    """Never came in time, by their sequence numbers; one that comes later is late as well."""
    duplicate: int = 0
    concealed: int = 0
    fec: int = 0
    skipped: int = 0
    """Dropped after a burst, or saved by merging."""
    stretched: int = 0
    """Blocks inserted while waiting for a packet that did come."""
    jumps: int = 0


@dataclass(frozen=True, slots=True)
class _Held:
    sequence: int
    payload: bytes
    blocks: int
    arrival_us: int


@dataclass(slots=True)
class _Unwrapper:
    """Extends a counter of `bits` bits to one that does not wrap (RFC 3550, appendix A.1)."""

    bits: int
    last: int = -1

    def extend(self, value: int) -> int:
        if self.last >= 0:
            span = 1 << self.bits
            value = self.last + (value - self.last + span // 2) % span - span // 2
        else:
            value += 1 << self.bits
        self.last = max(value, 0)
        return value


@dataclass(slots=True)
class JitterBuffer:
    """One speaker's packets between network and decoder.

    Times are microseconds of one clock that never steps; both `put` and `pull` take them. Memory
    is bounded by `BURST_BLOCKS_MAX` packets.
    """

    counters: Counters = field(default_factory=Counters)
    _held: dict[int, _Held] = field(default_factory=dict)
    _sequences: _Unwrapper = field(default_factory=lambda: _Unwrapper(_SEQ_BITS))
    _timestamps: _Unwrapper = field(default_factory=lambda: _Unwrapper(_TS_BITS))
    _next: int = -(1 << 62)
    _newest: int = -(1 << 62)
    _filling: bool = True
    _burst: bool = False
    _played: bool = False
    _last_sequence: int = -1
    _owed: int = 0
    _starved: int = 0
    _plays: int = 0
    _least_slack_us: int = MARGIN_US_MAX * 10
    _was_late: bool = False
    _margin_us: int = MARGIN_US
    _past_run: int = 0
    _past_slot: int = 0

    @property
    def depth_ms(self) -> int:
        """How much sound waits here."""
        return len(self._held) * BLOCK_US // 1_000

    @property
    def held(self) -> int:
        """Packets in memory, at most `BURST_BLOCKS_MAX`."""
        return len(self._held)

    def put(
        self, sequence: int, timestamp: int, payload: bytes, arrival_us: int, blocks: int = 1
    ) -> None:
        """Take one RTP packet (RFC 3550): 16-bit sequence, 32-bit timestamp at 48 kHz.

        `blocks` is how many 20 ms the payload decodes to.
        """
        self.counters.received += 1
        sequence = self._sequences.extend(sequence)
        slot = (self._timestamps.extend(timestamp) + MIX_BLOCK_SAMPLES // 2) // MIX_BLOCK_SAMPLES
        if slot < self._next:
            if not self._restarted(slot):
                self.counters.late += 1
                return
        elif slot in self._held:
            self.counters.duplicate += 1
            return
        self._past_run = 0
        self._held[slot] = _Held(sequence, payload, blocks, arrival_us)
        self._newest = max(self._newest, slot)
        if self._newest - self._first() >= BURST_BLOCKS_MAX:
            self._trim()
            self._burst = True

    def pull(self, now_us: int) -> Turn:
        """What to do for the 20 ms that begin now."""
        if self._owed:
            self._owed -= 1
            return Turn(Action.REST)
        if self._burst:
            self._trim()
            self._burst = False
        if not self._held or (self._filling and not self._filled(now_us)):
            return self._starve()
        self._resume()
        packet = self._held.pop(self._next, None)
        if packet is None:
            return self._gap()
        return self._play(packet, now_us)

    def _restarted(self, slot: int) -> bool:
        """Whether packets from the far past, in order, say that the sender started over."""
        far = self._next - slot > RESTART_BLOCKS
        in_order = self._past_run == 0 or slot > self._past_slot
        self._past_run = self._past_run + 1 if far and in_order else 0
        self._past_slot = slot
        if self._past_run < RESTART_PACKETS:
            return False
        self._held.clear()
        self._next = self._newest = slot
        self._filling = True
        self._last_sequence = -1
        return True

    def _first(self) -> int:
        """Where the sound begins that waits here."""
        return min(self._held) if self._filling else self._next

    def _trim(self) -> None:
        """Keep the newest, as many as the target, and go on from there."""
        wanted = self._newest - TARGET_BLOCKS + 1
        stale = [slot for slot in self._held if slot < wanted]
        for slot in stale:
            del self._held[slot]
        self.counters.skipped += len(stale)
        self.counters.jumps += bool(stale)
        self._next = min(self._held)
        self._last_sequence = self._held[self._next].sequence - 1
        self._starved = 0

    def _filled(self, now_us: int) -> bool:
        oldest = min(self._held)
        waited_us = now_us - self._held[oldest].arrival_us
        if self._newest - oldest + 1 < TARGET_BLOCKS and waited_us < TARGET_BLOCKS * BLOCK_US:
            return False
        self._filling = False
        self._next = oldest
        self._starved = 0
        self._plays = 0
        return True

    def _starve(self) -> Turn:
        """Nothing to play: hold the place in the stream, so that what comes now is still heard."""
        self._starved += 1
        if not self._played or self._filling or self._starved > CONCEAL_BLOCKS_MAX:
            self._filling = True
            return Turn(Action.SILENCE)
        self.counters.concealed += 1
        return Turn(Action.CONCEAL)

    def _resume(self) -> None:
        """After starving: what was concealed meanwhile need not be concealed again."""
        if not self._starved:
            return
        missing = min(self._held) - self._next
        passed = min(missing, self._starved)
        if missing and self._lost_before(self._held[self._next + missing]):
            passed -= self._want_redundancy()
        elif missing < self._starved:
            self._was_late = True
        self.counters.stretched += self._starved - passed
        self._next += passed
        self._starved = 0

    def _lost_before(self, packet: _Held) -> bool:
        """Whether packets before this one are missing, and were not just never sent (DTX)."""
        return self._last_sequence >= 0 and packet.sequence > self._last_sequence + 1

    def _want_redundancy(self) -> bool:
        """After a loss: keep the margin that FEC needs; True if the buffer must grow for it."""
        grow = self._margin_us < REDUNDANCY_US and self._least_slack_us < REDUNDANCY_US
        self._margin_us = max(self._margin_us, REDUNDANCY_US)
        return grow

    def _gap(self) -> Turn:
        """The packet of this turn is not here, but a later one is."""
        slot = min(self._held)
        following = self._held[slot]
        self._next += 1
        if not self._lost_before(following):
            return Turn(Action.SILENCE)
        self._want_redundancy()
        if slot == self._next:
            self.counters.fec += 1
            return Turn(Action.FEC, following.payload)
        self.counters.concealed += 1
        return Turn(Action.CONCEAL)

    def _play(self, packet: _Held, now_us: int) -> Turn:
        if self._lost_before(packet):
            self.counters.lost += packet.sequence - self._last_sequence - 1
        self._advance(packet)
        self._played = True
        self._plays += 1
        self._least_slack_us = min(self._least_slack_us, now_us - packet.arrival_us)
        quick = self._least_slack_us >= DEEP_US + self._margin_us
        if self._plays >= (QUICK_PLAYS if quick else WINDOW_PLAYS):
            deep = self._least_slack_us >= BLOCK_US + self._margin_us
            self._new_window()
            second = self._held.get(self._next)
            if deep and second is not None and packet.blocks == second.blocks == 1:
                del self._held[self._next]
                self._advance(second)
                self.counters.skipped += 1
                return Turn(Action.MERGE, packet.payload, second.payload)
        return Turn(Action.PLAY, packet.payload)

    def _advance(self, packet: _Held) -> None:
        self._next += packet.blocks
        self._owed = packet.blocks - 1
        self._last_sequence = packet.sequence

    def _new_window(self) -> None:
        if self._was_late:
            self._margin_us = min(self._margin_us + MARGIN_STEP_US, MARGIN_US_MAX)
        else:
            self._margin_us = max(self._margin_us - MARGIN_EASE_US, MARGIN_US)
        self._was_late = False
        self._plays = 0
        self._least_slack_us = MARGIN_US_MAX * 10
