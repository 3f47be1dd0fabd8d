"""Whose request came to the watch, behind the proxies that its configuration names."""

from collections.abc import Callable, Iterable

from rostra.delivery.sources import networks, source_of
from rostra.domain.errors import HouseError


def source_behind(proxies: Iterable[str]) -> Callable[[str, str], str]:
    """What `web.watch_site.Site.source` is: the rightmost address that no proxy of ours has.

    HouseError for what is neither address nor network.
    """
    try:
        believed = networks(tuple(proxies))
    except ValueError as error:
        sentence = f"watch.proxies: {error}. Give addresses or networks such as 10.0.0.0/8."
        raise HouseError(sentence) from error
    return lambda peer, forwarded: source_of(peer, forwarded, believed)
