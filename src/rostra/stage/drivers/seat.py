"""One participant at work: their connection, their voice, their meter, and what they are sent."""

from collections.abc import Callable
from typing import Final, Protocol

from rostra.stage.chain import Chain
from rostra.stage.drivers.opus import Encoder
from rostra.stage.drivers.rnnoise import suppressor
from rostra.stage.drivers.voice import Voice
from rostra.stage.jitter import Counters
from rostra.stage.levels import LEVEL_MIN_DBFS, Block, SpeakingMeter
from rostra.stage.ports import Peer
from rostra.stage.suppression import Slots

OFFERS_MAX: Final = 2
"""Offers of one participant being answered at once; a person has two tabs, a script thousands."""


class Owner(Protocol):
    """The room, as its connections see it."""

    def link_connected(self, link: "Link") -> None:
        """Sound can flow over this connection."""
        ...

    def link_opened(self, link: "Link") -> None:
        """Words can be sent over it."""
        ...

    def link_message(self, link: "Link", text: str | bytes) -> None:
        """A word came over it."""
        ...

    def link_closed(self, link: "Link") -> None:
        """It is gone."""
        ...


class Link:
    """One connection of a participant: the engine's sink, and the peer it belongs to."""

    def __init__(self, owner: Owner, participant: str, resume: str, language: str = "en") -> None:
        self._owner = owner
        self.participant = participant
        self.resume = resume
        self.language = language
        self.voice = Voice()
        self.peer: Peer | None = None
        self.is_closed = False
        self.packet: Callable[[int, int, bytes, int], None] = self.voice.feed

    def connected(self) -> None:
        """Sound can flow (see `ports.Sink`)."""
        self._owner.link_connected(self)

    def opened(self) -> None:
        """Words can be sent (see `ports.Sink`)."""
        self._owner.link_opened(self)

    def message(self, text: str | bytes) -> None:
        """A word came (see `ports.Sink`)."""
        self._owner.link_message(self, text)

    def closed(self) -> None:
        """The connection is gone (see `ports.Sink`)."""
        self.is_closed = True
        self._owner.link_closed(self)


class Seat:
    """One participant of a stage, over all their connections."""

    def __init__(self, participant: str) -> None:
        self.id = participant
        self.link: Link | None = None
        """The connection that is heard; None while it is lost."""
        self.pending: set[Link] = set()
        """Connections that are not connected yet."""
        self.encoder = Encoder()
        self.meter = SpeakingMeter()
        self.chain = Chain(suppressor())
        self.noise_dbfs = LEVEL_MIN_DBFS
        """The floor of what the microphone sends, for the hosts."""
        self.gain_db = 0.0
        """What the automatic gain adds, for the hosts."""
        self.howls = False
        """Whether the howl guard holds this one down."""
        self._told = Counters()

    def treated(self, sound: Block, slots: Slots) -> Block:
        """Their sound without its noise and at the stage's loudness; for the clock's thread."""
        sound = self.chain(sound, slots)
        self.noise_dbfs, self.gain_db = self.chain.noise_dbfs, self.chain.gain_db
        return sound

    def loss_pct(self) -> float:
        """Share of packets lost since this was asked last, 0 to 100."""
        if self.link is None:
            return 0.0
        now = self.link.voice.counters
        lost = now.lost - self._told.lost
        received = now.received - self._told.received
        self._told = Counters(received=now.received, lost=now.lost)
        return round(100.0 * lost / max(lost + received, 1), 1) if lost > 0 else 0.0
