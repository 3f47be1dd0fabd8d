"""The queue of raised hands as hosts keep it: in their order, with their notes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import msgspec

from rostra.domain.errors import NotFoundError, PeerError
from rostra.domain.limits import NAME_CHARS_MAX
from rostra.domain.voices import HAND_S, NOTE_CHARS_MAX
from rostra.stage import newest
from rostra.stage.invitations import is_claim
from rostra.stage.places import one_line
from rostra.wire.stagelink import QUEUE_SHOWN, Ask, QueueView

HANDS_MAX: Final = 1_000
"""Hands of one queue: a host calls nobody beyond them (`audience.voices` keeps as many)."""

DOWN_MAX: Final = 1_000
"""Hands that a host took down and whose pages may raise them again until they hear of it."""

KEPT_US: Final = HAND_S * 1_000_000
"""What another studio left of the queue is kept until every page that is there has raised its hand
again."""

KEPT_BYTES_MAX: Final = 8 * 1024
"""Of the queue, in the space's state, as JSON: the first forty hands with notes, or more without;
pages raise the others again."""


class AskLike(Protocol):
    """A raised hand with a claim, as the audience gives it; in order of raising."""

    @property
    def listener(self) -> str:
        """The listener's id."""
        ...

    @property
    def claim(self) -> str:
        """SHA-256 of the page's secret, in base64url."""
        ...

    @property
    def name(self) -> str:
        """As they want to be called."""
        ...

    @property
    def note(self) -> str:
        """What they want to say."""
        ...


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand of the queue; `until_us` is set while it is only remembered."""

    claim: str
    name: str
    note: str
    host_note: str = ""
    listener: str = ""
    since_utc_us: int = 0
    until_us: int = 0


@dataclass(slots=True)
class Queue:
    """The hands of one space, by claim and in the hosts' order."""

    _hands: dict[str, Hand] = field(default_factory=dict)
    _down: dict[str, None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._hands)

    def __contains__(self, claim: object) -> bool:
        return claim in self._hands

    @property
    def remembers(self) -> bool:
        """Whether there are hands of another studio that nobody has raised here yet."""
        return any(hand.until_us for hand in self._hands.values())

    def restore(self, left: Iterable[tuple[str, str, str, str]], now_us: int) -> None:
        """Take over what another studio knew, until the hands are raised again."""
        for claim, name, note, host_note in left:
            self._hands[claim] = Hand(claim, name, note, host_note, until_us=now_us + KEPT_US)

    def hear(
        self,
        asks: Iterable[AskLike],
        now_us: int,
        now_utc_us: int,
        banned: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """What hands are up now: new ones go to the end, those that went down are forgotten."""
        up: dict[str, AskLike] = {}
        for ask in asks:
            taken = ask.claim in up or ask.claim in self._down
            if is_claim(ask.claim) and not taken and not banned(ask.listener):
                up[ask.claim] = ask
        for claim, hand in tuple(self._hands.items()):
            if claim not in up and hand.until_us <= now_us:
                del self._hands[claim]
        for claim, ask in up.items():
            before = self._hands.get(claim)
            if before is None and len(self._hands) >= HANDS_MAX:
                continue
            self._hands[claim] = Hand(
                claim,
                one_line(ask.name)[:NAME_CHARS_MAX],
                one_line(ask.note)[:NOTE_CHARS_MAX],
                before.host_note if before else "",
                ask.listener,
                (before.since_utc_us if before else 0) or now_utc_us,
            )

    def hand(self, claim: str) -> Hand:
        """One hand; NotFoundError if it is not in the queue."""
        hand = self._hands.get(claim)
        if hand is None:
            sentence = "This hand is not up any more."
            raise NotFoundError(sentence)
        return hand

    def move(self, claim: str, to: int) -> None:
        """Move a hand to place `to`, counted from 0; the last one if there are fewer."""
        hand = self.hand(claim)
        claims = [one for one in self._hands if one != hand.claim]
        claims.insert(max(to, 0), hand.claim)
        self._hands = {one: self._hands[one] for one in claims}

    def note(self, claim: str, text: str) -> None:
        """Keep a host's note; PeerError if it is too long."""
        hand = self.hand(claim)
        tidy = one_line(text)
        if len(tidy) > NOTE_CHARS_MAX:
            sentence = f"A note has at most {NOTE_CHARS_MAX} characters; this one has {len(tidy)}."
            raise PeerError(sentence)
        self._hands[claim] = replace(hand, host_note=tidy)

    def take_down(self, claim: str) -> None:
        """Remove a hand, however often its page raises it again; any claim may be given."""
        self._hands.pop(claim, None)
        newest.keep(self._down, claim, None, DOWN_MAX)

    def view(self, invited_until: Callable[[str], int]) -> QueueView:
        """The queue as hosts see it."""
        shown = tuple(
            Ask(
                id=hand.claim,
                name=hand.name,
                note=hand.note,
                host_note=hand.host_note,
                since_utc_us=hand.since_utc_us,
                invited_until_utc_us=invited_until(hand.claim),
            )
            for hand in tuple(self._hands.values())[:QUEUE_SHOWN]
        )
        return QueueView(asks=shown, total=len(self._hands))

    @property
    def kept(self) -> tuple[tuple[str, str, str, str], ...]:
        """What a next studio needs: the first hands, as many as fit into `KEPT_BYTES_MAX`."""
        kept: list[tuple[str, str, str, str]] = []
        room = KEPT_BYTES_MAX
        for hand in self._hands.values():
            row = (hand.claim, hand.name, hand.note, hand.host_note)
            room -= len(msgspec.json.encode(row)) + 1
            if room < 0:
                break
            kept.append(row)
        return tuple(kept)
