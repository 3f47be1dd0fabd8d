"""The channels to subscribers: each writes its letters by the rules and hands them to a driver."""

from rostra.store.watch_sending import Claimed
from rostra.watch import letters
from rostra.watch.board import Board
from rostra.watch.drivers.mail import Mailer
from rostra.watch.outbox import Kind, Outcome, Verdict
from rostra.watch.subscribers import MailBox, Sealed

_FOREIGN = Outcome(Verdict.REFUSED, "the address is of another channel")


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
            letter = letters.news(page, wish, sealed.token, claimed.events)
        elif claimed.kind is Kind.CONFIRM:
            letter = letters.confirming(page, wish, sealed.token)
        else:
            letter = letters.already(page, wish, sealed.token)
        return await self._mailer.send(sealed.address.address, letter, _name(claimed))


def _name(claimed: Claimed) -> str:
    """The same in every try of one letter, and of no other one."""
    return f"{claimed.name}.{claimed.subscriber.id}"
