"""The channels to subscribers: each writes its letters by the rules and hands them to a driver."""

from typing import Final

from rostra.store.watch_sending import Claimed
from rostra.watch import letters, letters_hook
from rostra.watch.board import Board
from rostra.watch.components import Impact
from rostra.watch.drivers.mail import Mailer
from rostra.watch.drivers.webhook import Hooks
from rostra.watch.drivers.webpush import Pushes
from rostra.watch.events import Event
from rostra.watch.outbox import Kind, Outcome, Verdict
from rostra.watch.subscribers import Browser, Hook, MailBox, Sealed

_FOREIGN: Final = Outcome(Verdict.REFUSED, "the address is of another channel")
_URGENT: Final = frozenset({Impact.MAJOR, Impact.CRITICAL})


class MailPost:
    """E-mail."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self.at_once = mailer.at_once

    async def send(self, claimed: Claimed, sealed: Sealed, board: Board) -> Outcome:
        """Write and hand over one letter."""
        if not isinstance(sealed.address, MailBox):
            return _FOREIGN
        page, wish = letters.page_of(board), claimed.subscriber.wish
        if claimed.kind is Kind.NEWS:
            letter = letters.news(page, wish, sealed.token, _worded(claimed, board))
        elif claimed.kind is Kind.CONFIRM:
            letter = letters.confirming(page, wish, sealed.token)
        else:
            letter = letters.already(page, wish, sealed.token)
        return await self._mailer.send(sealed.address.address, letter, _name(claimed))


class PushPost:
    """Notifications of browsers."""

    def __init__(self, pushes: Pushes) -> None:
        self._pushes = pushes
        self.at_once = pushes.at_once

    async def send(self, claimed: Claimed, sealed: Sealed, board: Board) -> Outcome:
        """Write and send one notification; there is no other letter to a browser than news."""
        if not isinstance(sealed.address, Browser) or not claimed.events:
            return _FOREIGN
        page, newest = letters.page_of(board), claimed.events[-1]
        payload = letters.notification(page, claimed.subscriber.wish, _worded(claimed, board))
        urgent = newest.impact in _URGENT
        return await self._pushes.send(sealed.address, payload, newest.subject, urgent=urgent)


class HookPost:
    """Programs."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self.at_once = hooks.at_once

    async def send(self, claimed: Claimed, sealed: Sealed, board: Board) -> Outcome:
        """Write and post one letter."""
        if not isinstance(sealed.address, Hook):
            return _FOREIGN
        page, name = letters.page_of(board), _name(claimed)
        if claimed.kind is Kind.CONFIRM:
            body = letters_hook.hook_confirming(page, board, sealed.token)
            return await self._hooks.send(sealed.address, body, name, sealed.token)
        body = letters_hook.hook_news(page, board, sealed.token, claimed.events)
        return await self._hooks.send(sealed.address, body, name)


def _worded(claimed: Claimed, board: Board) -> list[Event]:
    language = claimed.subscriber.wish.language
    return [letters.worded(board, event, language) for event in claimed.events]


def _name(claimed: Claimed) -> str:
    """The same in every try of one letter, and of no other one."""
    return f"{claimed.name}.{claimed.subscriber.id}"
