"""`stage.ports.Engine` made of memory: no network, no codec."""

import asyncio
from collections.abc import Awaitable, Callable

from rostra.domain.errors import PeerError
from rostra.stage.ports import Sink
from rostra.wire import stagelink
from rostra.wire.stagelink import Down, Levels, Up


class MemoryPeer:
    """A participant who says and hears what the test wants."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.words: list[Down] = []
        self.packets: list[tuple[bytes, int]] = []
        self.is_closed = self.has_gone = False
        self.closes_s = 0.0
        """How long it takes to close."""

    def send_audio(self, payload: bytes, timestamp: int) -> None:
        self.packets.append((payload, timestamp))

    def send_text(self, text: str, *, droppable: bool = False) -> None:
        word = stagelink.read_down(text)
        assert droppable or not isinstance(word, Levels)
        self.words.append(word)

    async def close(self, last_word: str = "") -> None:
        if not self.is_closed:
            self.is_closed = True
            await asyncio.sleep(self.closes_s)
            if last_word:
                self.send_text(last_word)
            self.sink.closed()
            self.has_gone = True

    def say(self, command: Up) -> None:
        self.sink.message(stagelink.pack(command))

    def of(self, kind: type[Down]) -> list[Down]:
        return [word for word in self.words if isinstance(word, kind)]


class MemoryEngine:
    """Answers every offer but `broken`."""

    datagrams_dropped = offers_failed = peers_expelled = 0

    def __init__(self) -> None:
        self.peers: list[MemoryPeer] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        """What happens while an offer is answered."""

    async def answer(self, offer_sdp: str, sink: Sink) -> tuple[MemoryPeer, str]:
        if self.meanwhile is not None:
            await self.meanwhile()
        if offer_sdp == "broken":
            sentence = "The offer is broken."
            raise PeerError(sentence)
        peer = MemoryPeer(sink)
        self.peers.append(peer)
        return peer, "answer"

    async def close(self) -> None:
        for peer in self.peers:
            await peer.close()
