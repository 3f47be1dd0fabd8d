"""One connection's sound: packets come in on the event loop, blocks go out on the mixer's clock."""

from collections import deque
from typing import Final

import numpy as np

from rostra.domain.errors import MalformedError
from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.drivers.opus import Decoder
from rostra.stage.fade import Bridge, join
from rostra.stage.jitter import Action, Counters, JitterBuffer, Turn
from rostra.stage.levels import Block
from rostra.stage.toc import packet_blocks

INBOX_PACKETS_MAX: Final = 256
"""Packets between two blocks: a stall's burst of five seconds; the oldest are dropped."""

SILENCE: Final[Block] = np.zeros(MIX_BLOCK_SAMPLES, dtype=np.float32)
SILENCE.setflags(write=False)


class Voice:
    """Jitter buffer and decoder of one connection.

    `feed` belongs to the event loop's thread, everything else to the clock's; between them stands
    one bounded deque, whose operations are atomic.
    """

    def __init__(self) -> None:
        self._inbox: deque[tuple[int, int, bytes, int]] = deque(maxlen=INBOX_PACKETS_MAX)
        self._jitter = JitterBuffer()
        self._decoder = Decoder()
        self._rest: deque[Block] = deque()
        self._bridge = Bridge()
        self.fed_us = 0
        """When the last packet came; written by the loop, read by the clock."""
        self.malformed = 0

    @property
    def counters(self) -> Counters:
        """What happened to this connection's packets."""
        return self._jitter.counters

    @property
    def depth_ms(self) -> int:
        """How much sound waits here."""
        return self._jitter.depth_ms

    def feed(self, sequence: int, timestamp: int, payload: bytes, arrival_us: int) -> None:
        """Take one RTP packet; never waits."""
        self.fed_us = arrival_us
        self._inbox.append((sequence, timestamp, payload, arrival_us))

    def block(self, now_us: int, *, wanted: bool) -> Block:
        """The next 20 ms, float32[960]; silence, without decoding, if it is not wanted."""
        self._drain()
        turn = self._jitter.pull(now_us)
        if not wanted:
            self._rest.clear()
            self._bridge.silent()
            return SILENCE
        try:
            return self._sound(turn)
        except MalformedError:
            self.malformed += 1
            return self._decoder.conceal()

    def _drain(self) -> None:
        for _ in range(len(self._inbox)):
            sequence, timestamp, payload, arrival_us = self._inbox.popleft()
            try:
                blocks = packet_blocks(payload)
            except MalformedError:
                self.malformed += 1
                continue
            self._jitter.put(sequence, timestamp, payload, arrival_us, blocks)

    def _sound(self, turn: Turn) -> Block:
        match turn.action:
            case Action.PLAY:
                return self._bridge.heard(self._first(self._decoder.decode(turn.payload)))
            case Action.REST:
                return self._bridge.heard(self._rest.popleft() if self._rest else SILENCE)
            case Action.MERGE:
                before = self._first(self._decoder.decode(turn.payload))
                after = self._first(self._decoder.decode(turn.second))
                return self._bridge.heard(join(before, after))
            case Action.FEC:
                return self._bridge.heard(self._decoder.decode_fec(turn.payload))
            case Action.CONCEAL:
                return self._bridge.concealed(self._decoder.conceal())
            case Action.SILENCE:
                self._bridge.silent()
                return SILENCE

    def _first(self, samples: Block) -> Block:
        """The first block of a packet; the others wait for their turns."""
        self._rest.clear()
        for start in range(MIX_BLOCK_SAMPLES, len(samples), MIX_BLOCK_SAMPLES):
            self._rest.append(samples[start : start + MIX_BLOCK_SAMPLES])
        return samples[:MIX_BLOCK_SAMPLES]
