"""How an edge stands towards the outside: its origin, whose word it believes, whom it lets in."""

from dataclasses import dataclass
from typing import Final

from rostra.delivery.budgets import GENEROUS, Limits
from rostra.delivery.doorkeeper import OPEN_HOUSE, Doorkeeper
from rostra.delivery.sources import LOOPBACK, Proxies
from rostra.wire.states import EdgeInfo


@dataclass(frozen=True, slots=True)
class Access:
    """What the operator has configured about origins and addresses."""

    origin: str = ""
    """The house's public origin such as "https://talk.example.org", or empty: as it was asked."""
    proxies: Proxies = LOOPBACK
    """Whose X-Forwarded-For is believed."""
    origins: tuple[str, ...] = ("*",)
    """Web origins whose pages may read answers, or `*` alone for every one."""
    csp_sources: tuple[str, ...] = ()
    """Where the page may fetch sound from, in the place of the edges that are known."""
    siblings: tuple[EdgeInfo, ...] = ()
    """The edges of this machine, also those that have not announced themselves yet."""
    limits: Limits = GENEROUS
    """How much of this edge one source may take."""
    doorkeeper: Doorkeeper = OPEN_HOUSE
    """Who may hear."""
    frontdoor: bool = True
    """Whether the house's front door comes from this machine."""
    watch: str = ""
    """The watch's own address, `:PORT` where it is at the page's host, or empty without one."""

    @property
    def plain(self) -> Proxies:
        """Who is answered plain HTTP at a port with TLS.

        The front door speaks it, also where its word about addresses is not believed.
        """
        return (*self.proxies, *LOOPBACK) if self.frontdoor else self.proxies


OPEN: Final = Access()
"""A house without a domain, on which nothing is configured."""
