"""A participant without a browser: speaks a file into a stage, and can tell what it heard."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final, Protocol, TypeVar

from aiortc import RTCPeerConnection, RTCSessionDescription

from rostra.domain.errors import HouseError, MalformedError, PeerError, RostraError
from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.drivers.ice import adopt, configuration
from rostra.stage.drivers.opus import Encoder
from rostra.stage.drivers.soundfile import packets
from rostra.stage.drivers.voice import SILENCE
from rostra.stage.drivers.webrtc import CHANNEL_LABEL, Outlet, take_packets
from rostra.stage.ports import IceOptions
from rostra.wire import stagelink
from rostra.wire.stagelink import Bye, Down, Leave, Up

BLOCK_S: Final = 0.020

LAG_S_MAX: Final = 0.2
"""A clock further behind than this starts anew instead of sending a burst."""

WORDS_MAX: Final = 256
"""Messages of the studio kept for who asks; levels alone come ten times a second."""

CONNECT_S_MAX: Final = 10.0
"""From the answer to the first word of the studio."""

QUIET_S_MAX: Final = 1.0
"""A studio sends 50 packets a second; after this long without one the connection is lost. A studio
that stands still for so long gets us anew, which costs it a handshake and the others 0.1 s of us;
a network that is gone costs them this second."""

LOOK_S: Final = 0.1
"""How often that is looked at."""

RETRY_S: Final = 0.5
"""Before another attempt to come back; the first one is made at once."""

RETRIES_MAX: Final = 120
"""A studio that is not back after a minute has ended for us."""

LEAVE_S_MAX: Final = 1.0
"""How long the studio has to let us go when the file has ended."""

SERVER_FAULT: Final = 500
"""HTTP statuses from here on are the house's fault (RFC 9110, 15.6) and worth another attempt."""

_DownT = TypeVar("_DownT", bound=Down)


class AnswerLike(Protocol):
    """What comes back for an offer: `wire.messages.Answer`, or the like."""

    @property
    def sdp(self) -> str:
        """The SDP answer."""
        ...


PostOffer = Callable[[str], Awaitable[AnswerLike]]
Hear = Callable[[int, int, bytes, int], None]


class Speaker:
    """One connection of a headless participant.

    Args:
        sound: Opus packets of 20 ms; when they end, silence follows.
        hear: called with sequence, timestamp, payload and arrival (µs) of each packet heard.
    """

    def __init__(self, sound: Iterator[bytes], hear: Hear | None = None) -> None:
        ice = IceOptions()
        self._pc = RTCPeerConnection(configuration(ice))
        self._outlet = Outlet()
        transceiver = self._pc.addTransceiver(self._outlet, direction="sendrecv")
        self._channel = self._pc.createDataChannel(CHANNEL_LABEL)
        adopt(transceiver.receiver.transport.transport._connection, ice)  # noqa: SLF001 - pinned
        take_packets(transceiver.receiver, self._heard)
        self._sound = sound
        self._hear = hear
        self._silence = Encoder()
        self._words: deque[Down] = deque(maxlen=WORDS_MAX)
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Task[None] | None = None
        self._heard_at = 0.0
        self.finished = asyncio.Event()
        """All of the sound has been sent."""
        self.gone = asyncio.Event()
        """The connection is closed, by either side."""
        self.failure: Exception | None = None
        """Why there is no more sound, if that is not its end."""
        self.bye = ""
        """The studio's last word, if it said goodbye."""
        self._channel.on("message", self._on_message)
        self._pc.on("connectionstatechange", self._on_state)

    async def connect(self, post_offer: PostOffer) -> None:
        """Offer, take the answer, and begin to speak.

        Raises what `post_offer` raises, and HouseError if no connection comes of it.
        """
        try:
            await self._pc.setLocalDescription(await self._pc.createOffer())
            answer = await post_offer(self._pc.localDescription.sdp)
            await self._pc.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
            async with asyncio.timeout(CONNECT_S_MAX):
                await self.word(stagelink.Hello)
        except TimeoutError as error:
            await self.close()
            sentence = (
                "The studio answered, but no connection came of it within "
                f"{CONNECT_S_MAX:.0f} s. Check that UDP reaches it (stage.udp_ports)."
            )
            raise HouseError(sentence) from error
        except BaseException:
            await self.close()
            raise
        self._heard_at = asyncio.get_running_loop().time()
        self._spawn(self._pace())

    def say(self, command: Up) -> None:
        """Send one command."""
        self._channel.send(stagelink.pack(command))

    def say_raw(self, text: str | bytes) -> None:
        """Send anything at all over the data channel."""
        self._channel.send(text)

    async def word(
        self, kind: type[_DownT], check: Callable[[_DownT], bool] = lambda _: True
    ) -> _DownT:
        """Wait for a message of the studio of this kind that passes the check."""
        async with self._news:
            while True:
                for word in tuple(self._words):
                    self._words.popleft()
                    if isinstance(word, kind) and check(word):
                        return word
                if self.gone.is_set():
                    sentence = f"The connection closed. {self.bye}".strip()
                    raise HouseError(sentence)
                await self._news.wait()

    @property
    def quiet_s(self) -> float:
        """Seconds since the studio's last packet."""
        return asyncio.get_running_loop().time() - self._heard_at

    async def leave(self) -> None:
        """Give the place up, if the studio still hears us, and wait for its goodbye."""
        if self._channel.readyState == "open" and not self.gone.is_set():
            self.say(Leave(n=1))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_S_MAX):
                    await self.gone.wait()

    async def close(self) -> None:
        """Close the connection; may be called twice."""
        await asyncio.shield(self.close_soon())

    def close_soon(self) -> asyncio.Task[None]:
        """Close in a task of its own: aiortc's close, once cancelled, is never done."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        return self._closing

    async def _close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        self._outlet.stop()
        await self._pc.close()
        self.gone.set()
        await self._tell()

    async def _pace(self) -> None:
        clock = asyncio.get_running_loop()
        start, count = clock.time(), 0
        while not self.gone.is_set():
            self._outlet.push(self._next(), count * MIX_BLOCK_SAMPLES)
            count += 1
            late = clock.time() - start - count * BLOCK_S
            if late < 0:
                await asyncio.sleep(-late)
            elif late > LAG_S_MAX:
                start += late

    def _next(self) -> bytes:
        """The next packet of the sound; silence when it has ended, or failed."""
        payload = None
        if not self.finished.is_set():
            try:
                payload = next(self._sound, None)
            except Exception as error:  # noqa: BLE001 - raised by whoever waits for the end
                self.failure = error
        if payload is None:
            self.finished.set()
            payload = self._silence.encode(SILENCE)
        return payload

    def _heard(self, sequence: int, timestamp: int, payload: bytes, arrival_us: int) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if self._hear is not None:
            self._hear(sequence, timestamp, payload, arrival_us)

    def _on_message(self, text: str | bytes) -> None:
        try:
            word = stagelink.read_down(text)
        except MalformedError:
            return
        self._words.append(word)
        if isinstance(word, Bye):
            self.bye = word.sentence
            self.close_soon()
        self._spawn(self._tell())

    def _on_state(self) -> None:
        if self._pc.connectionState in {"failed", "closed"}:
            self.gone.set()
            self._spawn(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def speak(
    post_offer: PostOffer,
    file: Path,
    *,
    loop: bool = False,
    hear: Hear | None = None,
    on_connected: Callable[[Speaker], None] | None = None,
) -> str:
    """Speak a file into a stage, in real time, and come back when the connection is lost.

    Args:
        post_offer: sends an SDP offer and returns the answer; called again to come back, when it
            should present the resume ticket of the answer before.
        file: anything that holds audio.
        loop: whether to begin again at its end.
        hear: as for `Speaker`.
        on_connected: called with each new connection.

    Returns:
        The studio's last word; empty if it said none before the file had ended.

    Raises:
        PeerError: the file is not audio, or the studio refuses.
        HouseError: the studio cannot be reached (again).
    """
    sound = packets(file, loop=loop)
    first = next(sound)
    sound = _chain(first, sound)
    lost = 0
    closing: set[asyncio.Task[None]] = set()
    try:
        while True:
            speaker = Speaker(sound, hear)
            try:
                await speaker.connect(post_offer)
                lost = 0
                if on_connected is not None:
                    on_connected(speaker)
                if await _until_lost(speaker):
                    return _last_word(speaker)
            except asyncio.CancelledError:
                await speaker.leave()
                raise
            except RostraError as error:
                if not lost or (isinstance(error, PeerError) and error.status < SERVER_FAULT):
                    raise
            finally:
                closing.add(speaker.close_soon())  # a dead network must not hold up a new one
            lost += 1
            if lost > RETRIES_MAX:
                sentence = f"The studio did not come back after {RETRIES_MAX} attempts."
                raise HouseError(sentence)
            if lost > 1:
                await asyncio.sleep(RETRY_S)
            closing = {task for task in closing if not task.done()}
    finally:
        await asyncio.gather(*closing)


def _last_word(speaker: Speaker) -> str:
    """The studio's; what was wrong with the sound is raised."""
    if speaker.failure is not None:
        raise speaker.failure
    return speaker.bye


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


async def _until_lost(speaker: Speaker) -> bool:
    """True when the file has ended or the studio said goodbye; False when the connection died."""
    while not (speaker.finished.is_set() or speaker.gone.is_set()):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await speaker.gone.wait()
        if speaker.quiet_s > QUIET_S_MAX and not speaker.bye:
            return False
    if speaker.finished.is_set():
        await speaker.leave()
    return speaker.finished.is_set() or bool(speaker.bye)
