"""Whose request came to the watch, behind the proxies that its configuration names."""

from collections.abc import Callable, Iterable

from rostra.delivery.sources import networks, source_of


def source_behind(proxies: Iterable[str]) -> Callable[[str, str], str]:
    """What `web.watch_site.Site.source` is: the rightmost address that no proxy of ours has.

    ValueError for what is neither address nor network.
    """
    believed = networks(tuple(proxies))
    return lambda peer, forwarded: source_of(peer, forwarded, believed)
