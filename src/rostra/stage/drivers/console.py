"""The mixing desk at work, on the clock's thread: decode, mix, meter, encode.

It is given the seats as an immutable tuple, and gives back what the event loop is to send.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.drivers.opus import Encoder
from rostra.stage.drivers.rnnoise import suppressor
from rostra.stage.drivers.seat import Seat
from rostra.stage.howl import HowlGuard
from rostra.stage.levels import LEVEL_MIN_DBFS, Block, dbfs
from rostra.stage.mixer import Mixed, Mixer
from rostra.stage.ports import Peer
from rostra.stage.seating import ON_STAGE_ALL, Seating
from rostra.stage.suppression import Slots
from rostra.wire import stagelink
from rostra.wire.stagelink import Levels

LEVELS_EVERY_BLOCKS: Final = 5
"""Levels ten times a second: the ring follows the voice."""

HOUSEKEEPING_EVERY_BLOCKS: Final = 50
"""Once a second: quality, lost connections, places that are free again."""

_TS_SPAN: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class StageBlock:
    """20 ms of a stage: the mix, float32[960], not limited; levels in dBFS (-90 to 0)."""

    mix: Block
    levels: dict[str, int]
    mix_level: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one block brings to the event loop.

    `packets` go out with `timestamp` (48 kHz, wraps at 2^32); `flips` are those who began or
    ceased to speak, `howls` those who began or ceased to howl; `levels` is packed, or empty;
    `housekeeping_us` is the time, or 0.
    """

    packets: tuple[tuple[Peer, bytes], ...]
    timestamp: int
    flips: tuple[tuple[str, bool], ...]
    levels: str
    housekeeping_us: int
    howls: tuple[tuple[str, bool], ...] = ()


class Console:
    """One stage's mixer, meters and the encoders that silent listeners of a group share."""

    def __init__(self) -> None:
        self._mixer = Mixer()
        self._shared = Encoder()
        self._behind = Encoder()
        self._slots = Slots()
        self._howl = HowlGuard()
        suppressor()  # its library is loaded when the stage opens, and not when somebody comes

    @property
    def unsuppressed_blocks(self) -> int:
        """Blocks of voices that kept their noise: too many spoke, or there is no RNNoise."""
        return self._slots.refused_blocks

    def turn(
        self,
        line: tuple[Seat, ...],
        muted: frozenset[str],
        block: int,
        now_us: int,
        seats: Seating = ON_STAGE_ALL,
    ) -> tuple[StageBlock, Delivery]:
        """Mix the 20 ms of `block`, counted from the run's epoch, at monotonic `now_us`."""
        mixed = self._mixer.mix(self._sounds(line, muted, now_us), muted, seats)
        self._howl.mixed(_everybody(mixed))
        levels, mix_level = _levels(line, mixed)
        flips = tuple(
            (seat.id, seat.meter.speaking) for seat in line if seat.meter.update(levels[seat.id])
        )
        told = block % LEVELS_EVERY_BLOCKS == 0
        delivery = Delivery(
            packets=self._encode(line, mixed, seats),
            timestamp=block * MIX_BLOCK_SAMPLES % _TS_SPAN,
            flips=flips,
            levels=stagelink.pack(Levels(l=levels, mix=mix_level)) if told else "",
            housekeeping_us=0 if block % HOUSEKEEPING_EVERY_BLOCKS else now_us,
            howls=self._howl.flips(),
        )
        return StageBlock(mix=mixed.mix, levels=levels, mix_level=mix_level), delivery

    def _sounds(
        self, line: tuple[Seat, ...], muted: frozenset[str], now_us: int
    ) -> dict[str, Block]:
        sounds: dict[str, Block] = {}
        self._slots.turn()
        self._howl.keep({seat.id for seat in line})
        for seat in line:
            wanted = seat.link is not None and self._mixer.wants(seat.id, muted=seat.id in muted)
            if not wanted:
                seat.chain.rest()
            if seat.link is not None:
                sound = seat.link.voice.block(now_us, wanted=wanted)
                sound = seat.treated(sound, self._slots) if wanted else sound
                # last, so that no automatic gain undoes what the guard takes away
                sounds[seat.id] = self._howl.heard(seat.id, sound)
        return sounds

    def _encode(
        self, line: tuple[Seat, ...], mixed: Mixed, seats: Seating
    ) -> tuple[tuple[Peer, bytes], ...]:
        """One packet for each who hears; those of a group who contribute nothing get the same."""
        packets: list[tuple[Peer, bytes]] = []
        shared: bytes | None = None
        behind: bytes | None = None
        for seat in line:
            peer = seat.link.peer if seat.link is not None else None
            if peer is None:
                continue
            own = mixed.minus.get(seat.id)
            if own is not None:
                packets.append((peer, seat.encoder.encode(own)))
            elif seat.id in seats.backstage and not seats.together:
                behind = behind or self._behind.encode(mixed.behind)
                packets.append((peer, behind))
            else:
                shared = shared or self._shared.encode(mixed.shared)
                packets.append((peer, shared))
        return tuple(packets)


def _everybody(mixed: Mixed) -> Block:
    """The sum of all voices, whoever hears it: a loop may go through any loudspeaker."""
    everybody = np.zeros(MIX_BLOCK_SAMPLES, dtype=np.float32)
    for voice in mixed.voices.values():
        everybody += voice
    return everybody


def _levels(line: tuple[Seat, ...], mixed: Mixed) -> tuple[dict[str, int], int]:
    mix_level, *own = dbfs(np.stack([mixed.mix, *mixed.voices.values()]))
    levels = dict.fromkeys((seat.id for seat in line), LEVEL_MIN_DBFS)
    levels.update(zip(mixed.voices, own, strict=True))
    return levels, mix_level
