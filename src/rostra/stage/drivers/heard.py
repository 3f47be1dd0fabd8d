"""What became of the packets of one stage, over all connections that it has and had."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from rostra.stage.drivers.voice import Voice
from rostra.stage.jitter import Counters


@dataclass(slots=True)
class Heard:
    """Sums of `jitter.Counters`, and the packets that were no Opus."""

    jitter: Counters = field(default_factory=Counters)
    malformed: int = 0

    def add(self, voice: Voice) -> None:
        """Add one connection's."""
        for one in fields(Counters):
            so_far = getattr(self.jitter, one.name)
            setattr(self.jitter, one.name, so_far + getattr(voice.counters, one.name))
        self.malformed += voice.malformed

    def and_of(self, voices: Iterable[Voice]) -> "Heard":
        """These and those of connections that go on."""
        values = {one.name: getattr(self.jitter, one.name) for one in fields(Counters)}
        total = Heard(Counters(**values), self.malformed)
        for voice in voices:
            total.add(voice)
        return total
