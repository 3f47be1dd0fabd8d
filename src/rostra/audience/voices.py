"""Merges what listeners said at all edges: reactions for one notice a second, and raised hands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rostra.domain.voices import HAND_S, REACTIONS

TELL_EVERY_NS: Final = 1_000_000_000
"""One notice of reactions a second at most."""

GATHER_NS: Final = 150_000_000
"""Edges tell at the same moment of each second; this long the slowest of them may take."""

STALE_NS: Final = 5_000_000_000
"""Reactions that could not be told for so long, while another studio had the space, are about
another moment."""

HAND_NS: Final = HAND_S * 1_000_000_000

HANDS_MAX: Final = 1_000
"""Raised hands of one space that are kept in order; a host has called nobody beyond them."""


NO_ASKS: Final[Mapping[str, tuple[str, str, str]]] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """A raised hand that can be invited: whose, its claim, and what goes with it."""

    listener: str
    claim: str
    name: str = ""
    note: str = ""


@dataclass(slots=True)
class _Said:
    reactions: dict[str, int] = field(default_factory=dict)
    since_ns: int = 0
    told_ns: int = -TELL_EVERY_NS
    hands: dict[str, int] = field(default_factory=dict)
    """Until when each is up unless it is raised again, in the order of raising."""
    asks: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Claim, name and note of those that gave any."""


class Voices:
    """What was said in each space; times are readings of the monotonic clock."""

    def __init__(self) -> None:
        self._spaces: dict[str, _Said] = {}
        self.hands_refused = 0
        """Hands beyond `HANDS_MAX`."""

    def take(
        self,
        space: str,
        reactions: Mapping[str, int],
        hands: Mapping[str, bool],
        now_ns: int,
        asks: Mapping[str, tuple[str, str, str]] = NO_ASKS,
    ) -> None:
        """What one edge heard in one second; reactions that are not known are left out."""
        if not reactions and not hands:
            return
        said = self._spaces.setdefault(space, _Said())
        counts = {kind: reactions[kind] for kind in REACTIONS if reactions.get(kind)}
        if counts:
            _outdate(said, now_ns)
        if counts and not said.reactions:
            said.since_ns = now_ns
        for kind, count in counts.items():
            said.reactions[kind] = said.reactions.get(kind, 0) + count
        if hands:
            _expire(said, now_ns)
        for listener, up in hands.items():
            self._hand(said, listener, now_ns, up=up)
            if listener in said.hands and listener in asks:
                said.asks[listener] = asks[listener]

    def due(self, space: str, now_ns: int) -> dict[str, int]:
        """Reactions to be told now, each only once; empty while none are due."""
        said = self._spaces.get(space)
        if said is None:
            return {}
        _outdate(said, now_ns)
        if not said.reactions:
            return {}
        if now_ns < max(said.since_ns + GATHER_NS, said.told_ns + TELL_EVERY_NS):
            return {}
        counts, said.reactions = said.reactions, {}
        said.told_ns = now_ns
        return counts

    def hands(self, space: str, now_ns: int) -> tuple[str, ...]:
        """The listeners whose hands are up, in the order in which they were raised."""
        said = self._spaces.get(space)
        if said is None:
            return ()
        _expire(said, now_ns)
        return tuple(said.hands)

    def asks(self, space: str, now_ns: int) -> tuple[Asked, ...]:
        """Those of them who gave a claim, in the same order; of two with one claim the first."""
        said = self._spaces.get(space)
        if said is None:
            return ()
        found: dict[str, Asked] = {}
        for listener in self.hands(space, now_ns):
            if listener in said.asks:
                claim, name, note = said.asks[listener]
                found.setdefault(claim, Asked(listener, claim, name, note))
        return tuple(found.values())

    def keep(self, spaces: frozenset[str]) -> None:
        """Forget the others."""
        for space in self._spaces.keys() - spaces:
            del self._spaces[space]

    def _hand(self, said: _Said, listener: str, now_ns: int, *, up: bool) -> None:
        if not up:
            said.hands.pop(listener, None)
            said.asks.pop(listener, None)
        elif listener in said.hands or len(said.hands) < HANDS_MAX:
            said.hands[listener] = now_ns + HAND_NS  # who has it up already keeps the place
        else:
            self.hands_refused += 1


def _outdate(said: _Said, now_ns: int) -> None:
    if now_ns - said.since_ns > STALE_NS:
        said.reactions = {}


def _expire(said: _Said, now_ns: int) -> None:
    """Take down the hands that were not raised again."""
    for listener in [one for one, until_ns in said.hands.items() if until_ns <= now_ns]:
        del said.hands[listener]
        said.asks.pop(listener, None)
