"""Who is told of incidents and announced work: what they ask for, and the life of that wish."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from rostra.domain.errors import PeerError
from rostra.watch.components import Impact
from rostra.watch.events import Event

ASKED_LIFE_S: Final = 48 * 3_600
"""An address that nobody confirmed in two days is deleted: a weekend passes, and no more."""
ENDED_LIFE_S: Final = 7 * 86_400
"""So long a link of somebody who left still answers; no address is kept meanwhile."""
ASKS_PER_ADDRESS_MAX: Final = 3
"""Unconfirmed wishes of one address: who subscribes others cannot fill their mailbox."""
HOOKS_PER_ADDRESS_MAX: Final = 3
"""Confirmed subscriptions of one webhook: two teams and a change of secret."""
SUBSCRIBERS_MAX: Final = 20_000
"""Of all channels: one event for each of them holds the store's only writer for about a second
(BUSY_TIMEOUT_MS of the store is five), and is sent within some minutes."""
FAILED_LETTERS_MAX: Final = 3
"""After so many letters in a row that could not be delivered a subscriber is ended."""
HOOK_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - no secret, but what each begins with
"""By it Standard Webhooks' libraries know a secret in base64."""


class Channel(StrEnum):
    """How somebody is told."""

    EMAIL = "email"
    WEBPUSH = "webpush"
    WEBHOOK = "webhook"


class Topic(StrEnum):
    """What somebody is told of."""

    INCIDENTS = "incidents"
    MAINTENANCE = "maintenance"


class Life(StrEnum):
    """How far a subscription has come."""

    ASKED = "asked"
    """Somebody asked; whether it is theirs nobody knows yet."""
    CONFIRMED = "confirmed"
    ENDED = "ended"
    """Its address is gone."""


LIVES: Final[dict[Life, frozenset[Life]]] = {
    Life.ASKED: frozenset({Life.CONFIRMED, Life.ENDED}),
    Life.CONFIRMED: frozenset({Life.ENDED}),
    Life.ENDED: frozenset(),
}
"""What may follow each."""


def may_become(now: Life, then: Life) -> bool:
    """Whether a subscription may go from `now` to `then`."""
    return then in LIVES[now]


class MailBox(msgspec.Struct, frozen=True, tag="email"):
    """An e-mail address."""

    address: str

    @property
    def key(self) -> str:
        """What makes two of them the same: nearly no server tells capitals apart."""
        return self.address.lower()


class Browser(msgspec.Struct, frozen=True, tag="webpush"):
    """A push subscription of a browser (W3C Push API): address and keys in base64url."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def key(self) -> str:
        """The endpoint is different for each browser and page."""
        return self.endpoint


class Hook(msgspec.Struct, frozen=True, tag="webhook"):
    """A program's address, and the secret that what it is sent is signed with."""

    url: str
    secret: str

    @property
    def key(self) -> str:
        """The address."""
        return self.url


Address = MailBox | Browser | Hook
CHANNEL_OF: Final = {
    MailBox: Channel.EMAIL,
    Browser: Channel.WEBPUSH,
    Hook: Channel.WEBHOOK,
}


class Wish(msgspec.Struct, frozen=True):
    """What somebody wants to be told, and in which language; no components means all."""

    components: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = (Topic.INCIDENTS, Topic.MAINTENANCE)
    language: str = "en"

    def wants(self, event: Event) -> bool:
        """Whether this event is for them; one of no component concerns everybody."""
        if topic_of(event) not in self.topics:
            return False
        named = frozenset(event.components)
        return not self.components or not named or not named.isdisjoint(self.components)


class Subscriber(msgspec.Struct, frozen=True):
    """One subscription without its address, which only whoever sends a letter opens."""

    id: str
    channel: Channel
    life: Life
    wish: Wish
    created_utc_us: int
    failed_letters: int = 0
    """Letters in a row that could not be delivered."""
    why_ended: str = ""


class Sealed(msgspec.Struct, frozen=True):
    """What is kept encrypted: where to send, and the word of the links in each letter."""

    address: Address
    token: str


def topic_of(event: Event) -> Topic:
    """Which topic an event belongs to; by its impact, as work and incidents are both `UPDATED`."""
    return Topic.MAINTENANCE if event.impact is Impact.MAINTENANCE else Topic.INCIDENTS


def confirmed_at_once(address: Address) -> bool:
    """Whether asking proves consent: a browser asked its user before it gave its address.

    A mailbox and a program could be somebody else's: a letter with a word goes there first.
    """
    return isinstance(address, Browser)


def most_confirmed(channel: Channel) -> int:
    """How many subscriptions of one address may be confirmed at once."""
    return HOOKS_PER_ADDRESS_MAX if channel is Channel.WEBHOOK else 1


def checked_wish(
    components: Sequence[str], topics: Sequence[str], language: str, known: frozenset[str]
) -> Wish:
    """A wish in one form; PeerError (422) for a component, topic or language that is not here.

    Who names every component means all, those that come later included.
    """
    for component in components:
        if component not in known:
            sentence = f"There is no component {component[:40]!r} here. Choose one of the page."
            raise PeerError(sentence, 422)
    wanted = frozenset(topics)
    if not wanted or not wanted <= frozenset(Topic):
        sentence = "Choose incidents, maintenance, or both."
        raise PeerError(sentence, 422)
    if language not in ("en", "es"):
        sentence = "Letters exist in English (en) and Spanish (es). Choose one."
        raise PeerError(sentence, 422)
    chosen = tuple(sorted(set(components)))
    if frozenset(chosen) == known:
        chosen = ()
    return Wish(chosen, tuple(one for one in Topic if one in wanted), language)
