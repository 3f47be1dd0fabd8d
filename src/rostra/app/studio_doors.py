"""Who is let onto a stage by the space's life: nobody before its doors open, or after its end."""

from rostra.app.lifecycle import Life
from rostra.domain.errors import HouseError, PeerError
from rostra.domain.space import Role
from rostra.wire.states import SpaceDef


def check_open(life: Life, space: SpaceDef, role: Role, *, closing: bool) -> None:
    """PeerError for a stage that is not open; HouseError while the studio is `closing`."""
    if closing:
        sentence = "The studio is about to restart. Try again in a few seconds."
        raise HouseError(sentence)
    if life.over:
        sentence = "This space is over. Nobody can come on stage any more."
        raise PeerError(sentence, status=409)
    if not life.doors_open and role is not Role.HOST:
        minutes = -(-space.doors_before_s // 60)
        sentence = f"The doors are not open yet. They open {minutes} min before it begins."
        raise PeerError(sentence, status=409)
