"""A seeded network for packets: loss single and in bursts, jitter, reordering, stalls.

The same faults serve packets in virtual time and the UDP proxy on loopback (`benchmarks.udp`).
"""

import random
from dataclasses import dataclass, field

BURST_PACKETS = 3.0
"""Mean length of a burst: 60 ms, as where Wi-Fi fades or a queue overflows."""


@dataclass(frozen=True)
class Faults:
    """What a network does to packets, all of it reproducible by a seed.

    `loss` is the share that never comes, each by chance, or `bursts` of three in the mean
    (Gilbert-Elliott: a state that loses all, one that loses none). Each packet is delayed by 0 to
    `jitter_ms`, evenly and of its own, so that more than 20 ms reorders; with `queue` none
    overtakes another. A share of `reorder` comes 30 ms after its time. What is sent within `stall`
    (seconds, from and to) comes at its end.
    """

    name: str
    loss: float = 0.0
    bursts: bool = False
    jitter_ms: float = 0.0
    queue: bool = False
    reorder: float = 0.0
    stall_s: tuple[float, float] = (0.0, 0.0)
    jitter_s: tuple[float, float] = (0.0, 1e9)
    """From and to when it jitters."""


REORDER_S = 0.030


@dataclass
class Link:
    """One direction of one connection; `arrival` is asked for each packet in order of sending."""

    faults: Faults
    seed: int
    _random: random.Random = field(init=False)
    _bad: bool = False
    _last_s: float = 0.0
    sent: int = 0
    lost: int = 0

    def __post_init__(self) -> None:
        """Begin in the good state."""
        self._random = random.Random(f"{self.faults.name} {self.seed}")  # noqa: S311 - reproducible

    def arrival(self, sent_s: float) -> float | None:
        """When a packet that is sent now arrives, on the sender's clock; None if it never does."""
        faults = self.faults
        self.sent += 1
        if self._loses():
            self.lost += 1
            return None
        at_s = sent_s
        if faults.stall_s[0] <= sent_s < faults.stall_s[1]:
            at_s = faults.stall_s[1]
        shaken = faults.jitter_s[0] <= sent_s < faults.jitter_s[1]
        at_s += self._random.random() * faults.jitter_ms / 1e3 * shaken
        if self._random.random() < faults.reorder:
            at_s += REORDER_S
        if faults.queue:
            at_s = self._last_s = max(at_s, self._last_s)
        return at_s

    def _loses(self) -> bool:
        chance = self._random.random()
        if not self.faults.bursts:
            return chance < self.faults.loss
        leave = 1 / BURST_PACKETS
        enter = leave * self.faults.loss / (1 - self.faults.loss)
        self._bad = chance >= leave if self._bad else chance < enter
        return self._bad
