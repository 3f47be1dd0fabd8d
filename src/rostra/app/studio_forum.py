"""Joins a space's questions and polls to its state, its programme and its hosts."""

from typing import Any

from rostra.app.studio_means import Means
from rostra.app.studio_show import Show
from rostra.audience.forum import Forum
from rostra.stage.drivers.hosts import HostsBoard
from rostra.wire.states import SpaceState


def restored(means: Means, state: SpaceState) -> Forum:
    """The forum of a space, as it was left."""
    forum = means.forum(state.id)
    forum.restore(state, means.fresh_id())
    return forum


def tell(forum: Forum, show: Show, hosts: HostsBoard, now_ns: int) -> None:
    """Tell the audience and the hosts what changed."""
    for kind, body in forum.notices(now_ns):
        show.tell(kind, body)
    hosts.show_audience(forum.view(now_ns))


def fields(forum: Forum, now_ns: int) -> dict[str, Any]:
    """What of it belongs into the space's state, by field."""
    now = forum.state(now_ns)
    seen = {"questions_mode": now.mode, "questions": now.questions, "poll": now.poll}
    return seen | {"audience": now.kept}
