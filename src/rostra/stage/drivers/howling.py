"""Tells a participant that their device is heard by their microphone, and when it is over."""

import structlog

from rostra.stage.drivers.seat import Link, Seat
from rostra.wire import stagelink
from rostra.wire.stagelink import Told

_LOG = structlog.get_logger(__name__)


def tell_of_howl(seat: Seat | None, *, howls: bool) -> None:
    """The howl guard has turned this one down, or has let them go; None has left meanwhile."""
    if seat is None:
        return
    seat.howls = howls
    _LOG.info("howl" if howls else "howl over", participant=seat.id)
    if seat.link is not None:
        _say(seat.link, "howl" if howls else "howl_over")


def remind_of_howl(seat: Seat | None, link: Link) -> None:
    """Somebody who is held down comes back over a new connection."""
    if seat is not None and seat.howls:
        _say(link, "howl")


def _say(link: Link, code: str) -> None:
    if link.peer is not None:
        link.peer.send_text(stagelink.pack(Told(code=code)))
