"""Puts subscriptions together: the channels that are configured, the outbox, what the pages get."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from rostra.app.config import Settings
from rostra.app.watch_outbox import Outbox, Post
from rostra.app.watch_posts import HookPost, MailPost, PushPost
from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.store.watch_opening import WatchStore
from rostra.watch.board import Board
from rostra.watch.drivers.mail import Mailer, MailRoute
from rostra.watch.drivers.outward import Outward
from rostra.watch.drivers.webhook import Hooks
from rostra.watch.drivers.webpush import Pushes, Vapid, vapid_at
from rostra.watch.moments import US_PER_S
from rostra.watch.subscribers import Channel
from rostra.web.watch_subscribing import Subscribing


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """`outbox` is the herald, and a loop to run; `subscribing` is what pages are given."""

    outbox: Outbox
    subscribing: Subscribing
    mailer: Mailer | None

    def close(self) -> None:
        """Hang up, once the outbox's loop has ended; a letter under way keeps nobody waiting."""
        if self.mailer is not None:
            self.mailer.close()


def assemble_subscriptions(
    settings: Settings,
    store: WatchStore,
    clock: Clock,
    board: Callable[[], Board],
    outward: Outward | None = None,
) -> Subscriptions:
    """Every channel that is configured; none of them has begun.

    HouseError if the key of Web Push cannot be had, or the mail server has no sender.
    `outward` is a test's own, which posts to this machine.
    """
    outward = outward or Outward()
    mailer = _mailer(settings, board)
    vapid = vapid_at(settings.secrets, _contact(settings, board))

    def now_s() -> int:
        return clock.now().utc_us // US_PER_S

    posts = _posts(outward, vapid, now_s, mailer)
    outbox = Outbox((store.subscribers, store.outbox), posts, board, clock)
    subscribing = Subscribing(
        store.subscribers,
        clock,
        frozenset(posts),
        vapid.public,
        outbox.wake,
        loopback=outward.loopback,
    )
    return Subscriptions(outbox, subscribing, mailer)


def _posts(
    outward: Outward, vapid: Vapid, now_s: Callable[[], int], mailer: Mailer | None
) -> dict[Channel, Post]:
    posts: dict[Channel, Post] = {
        Channel.WEBPUSH: PushPost(Pushes(outward, vapid, now_s)),
        Channel.WEBHOOK: HookPost(Hooks(outward, now_s)),
    }
    if mailer is not None:
        posts[Channel.EMAIL] = MailPost(mailer)
    return posts


def _mailer(settings: Settings, board: Callable[[], Board]) -> Mailer | None:
    mail = settings.watch.mail
    if not mail.host:
        return None
    sender = mail.sender or mail.user
    if "@" not in sender:
        sentence = "watch.mail.sender is no address. Give the one that letters come from."
        raise HouseError(sentence)
    return Mailer(
        MailRoute(
            host=mail.host,
            port=mail.port,
            sender=sender,
            name=board().name,
            security=mail.security,
            user=mail.user,
            password=mail.password,
        )
    )


def _contact(settings: Settings, board: Callable[[], Board]) -> str:
    """Where a push service complains (RFC 8292, 2.1): the mail's sender, or the page."""
    sender, page = settings.watch.mail.sender, urlsplit(board().public_url)
    if sender:
        return f"mailto:{sender}"
    # Without a port and a path, which the library that signs takes for mistakes.
    return f"https://{page.hostname}" if page.scheme == "https" else "mailto:watch@localhost"
