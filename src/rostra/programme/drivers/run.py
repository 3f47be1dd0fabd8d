"""One run of a programme: the stage's mix goes in every 20 ms, messages on the grid come out."""

import threading
from typing import Any, Final

import numpy as np

from rostra.domain.errors import HouseError
from rostra.domain.grid import MESSAGE_SAMPLES, MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.domain.space import OVER, State
from rostra.programme.bed import Bed, Spoken
from rostra.programme.cutter import Cutter, Run
from rostra.programme.drivers.encode import AacEncoder, Mp3Encoder, OpusEncoder
from rostra.programme.hold import HoldRules, Source, loudness
from rostra.programme.limiter import (
    CROSSFADE_SAMPLES,
    LIMITER_DELAY_SAMPLES,
    Fader,
    Limiter,
    Sound,
)
from rostra.programme.pace import SKIP_BLOCKS, SKIP_MESSAGES
from rostra.wire.messages import ProgrammeMessage

LIVE_GRACE_SAMPLES: Final = SAMPLE_RATE_HZ
"""If the space is not live one second after the planned moment, hold audio comes back."""

HURRY: Final = 3.0
"""A voice after hold audio fades in three times as fast: 100 ms."""

_SILENCE: Final = np.zeros(MIX_BLOCK_SAMPLES, np.float32)


class ProgrammeRun:
    """A run from doors open to the end; one thread calls `step`, any thread `notice`.

    Args:
        space_id: The space.
        run_id: The run; a relaunch has another one.
        epoch_utc_us: When pts 0 was (`Timeline.epoch_utc_us`).
        hold_pcm: Hold audio, float32 mono at 48 kHz, a multiple of 46,080 samples; it lies on
            the run's grid from pts 0 on.
    """

    def __init__(self, space_id: str, run_id: str, epoch_utc_us: int, hold_pcm: Sound) -> None:
        self._run = Run(space_id, run_id, epoch_utc_us)
        self._bed = Bed(hold_pcm)
        self._aac, self._mp3, self._opus = AacEncoder(), Mp3Encoder(), OpusEncoder()
        self._limiter, self._rules = Limiter(), HoldRules()
        self._fader = Fader(on_stage=False)
        self._cutter: Cutter | None = None
        self._lock = threading.Lock()
        self._next = 0
        self._made = 0
        self._unfed = LIMITER_DELAY_SAMPLES
        self._live_pts: int | None = None
        self._hushed = False
        self.skipped_messages = 0
        """Messages that were left out because the studio fell behind."""

    @property
    def source(self) -> Source:
        """What listeners hear, or are being faded to."""
        return self._rules.source

    @property
    def notices_dropped(self) -> int:
        """Notices that found the queue full."""
        return self._cutter.notices_dropped if self._cutter else 0

    @property
    def unsaid(self) -> int:
        """Announcements that found no moment."""
        return self._bed.unsaid

    def hold_with(self, hold_pcm: Sound) -> None:
        """Go over to another loop; any thread may call. HouseError for one off the grid."""
        self._bed.play(hold_pcm)

    def say(self, spoken: Spoken) -> None:
        """Speak over the loop, with a `caption` at the first word; any thread may call."""
        self._bed.say(spoken)

    def live_at(self, pts_samples: int | None) -> None:
        """Plan the crossfade to the stage so that its middle lies at `pts_samples` (T0).

        To be called at least 150 ms before; None takes the plan back. A plan is for the lobby:
        the first block of any other state forgets it.
        """
        self._live_pts = pts_samples

    def notice(self, kind: str, body: dict[str, Any]) -> None:
        """Put an event into the stream at the sample that is mixed now; any thread may call.

        Raises HouseError for a body beyond NOTICE_BYTES_MAX or before the first `step`.
        """
        with self._lock:
            if self._cutter is None:
                sentence = f"The run of {self._run.space} has not begun; no notice can travel yet."
                raise HouseError(sentence)
            self._cutter.notice(kind, self._next * MIX_BLOCK_SAMPLES, body)

    def step(
        self, block: int, mix: Sound, *, anybody_here: bool, state: State
    ) -> list[ProgrammeMessage]:
        """Take the mix of 20 ms; return the messages that became complete, often none.

        Args:
            block: Number since the run's epoch, strictly increasing; what is left out is
                skipped by whole steps of 0.96 s, and the rest is filled.
            mix: 960 samples, float32 mono; it is not changed.
            anybody_here: Somebody is connected to the stage.
            state: The space's state now.
        """
        if mix.shape != (MIX_BLOCK_SAMPLES,) or block < self._next:
            sentence = f"Mix block {block} of {mix.shape} cannot follow block {self._next - 1}."
            raise HouseError(sentence)
        if state is not State.LOBBY:
            self._live_pts = None
        mix = self._hush(mix.astype(np.float32, copy=False), state)
        messages = self._begin(block) if self._cutter is None else self._skip(block)
        self._rules.decide(block, state, anybody_here=anybody_here, rms=loudness(mix))
        return messages + self._make(mix)

    def _hush(self, mix: Sound, state: State) -> Sound:
        """After the end nothing of the stage is heard; the last block fades."""
        if state not in OVER:
            return mix
        fade = 0.0 if self._hushed else np.linspace(1, 0, len(mix), dtype=np.float32)
        self._hushed = True
        return mix * fade if not isinstance(fade, float) else _SILENCE

    def _begin(self, block: int) -> list[ProgrammeMessage]:
        """Start on the grid: what lies between its last step and now primes the encoders."""
        step, late = divmod(block, SKIP_BLOCKS)
        heard_from = -(-block * MIX_BLOCK_SAMPLES // MESSAGE_SAMPLES)
        with self._lock:
            self._cutter = Cutter(self._run, step * SKIP_MESSAGES, heard_from)
            self._next = block - late
        return [message for _ in range(late) for message in self._make(_SILENCE)]

    def _skip(self, block: int) -> list[ProgrammeMessage]:
        steps, late = divmod(block - self._next, SKIP_BLOCKS)
        if steps and self._cutter is not None:
            self._cutter.skip(self._made, steps * SKIP_MESSAGES)
            self.skipped_messages += steps * SKIP_MESSAGES
            self._next += steps * SKIP_BLOCKS
        return [message for _ in range(late) for message in self._make(_SILENCE)]

    def _make(self, mix: Sound) -> list[ProgrammeMessage]:
        """Blend, limit, encode and cut the next block."""
        sound = self._placed(self._limiter(self._blend(mix)))
        aac, mp3, opus = self._aac.feed(sound), self._mp3.feed(sound), self._opus.feed(sound)
        with self._lock:
            self._next += 1
            self._made += MIX_BLOCK_SAMPLES
            return self._cutter.add(aac, mp3, opus) if self._cutter else []

    def _placed(self, limited: Sound) -> Sound:
        """What the limiter gives late, at the pts that it was made for: its first is left out."""
        dropped = min(self._unfed, len(limited))
        self._unfed -= dropped
        return limited[dropped:]

    def _blend(self, mix: Sound) -> Sound:
        """Move the fader, from the planned sample on if there is a plan."""
        pts = self._next * MIX_BLOCK_SAMPLES
        to_stage = self._rules.source is Source.STAGE
        hold, begun = self._bed.block(pts, t0_pts=self._live_pts, heard=not to_stage)
        if begun is not None:
            caption = {"text": begun.text, "lang": begun.language, "who": "house"}
            self.notice("caption", caption)
        speed = HURRY if to_stage and self._rules.hurry else 1.0
        turn = self._turn(pts)
        before = self._fader.blend(hold[:turn], mix[:turn], to_stage=to_stage, speed=speed)
        planned = to_stage or turn < MIX_BLOCK_SAMPLES
        after = self._fader.blend(hold[turn:], mix[turn:], to_stage=planned, speed=speed)
        return np.concatenate((before, after))

    def _turn(self, pts: int) -> int:
        """The sample of this block from which the planned crossfade runs; 960 if none does."""
        if self._live_pts is None or pts >= self._live_pts + LIVE_GRACE_SAMPLES:
            self._live_pts = None
            return MIX_BLOCK_SAMPLES
        begin = self._live_pts - CROSSFADE_SAMPLES // 2 - pts
        return max(0, min(MIX_BLOCK_SAMPLES, begin))
