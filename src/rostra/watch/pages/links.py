"""Addresses that a page of the watch links to: as it is served, or as files beside each other."""

from typing import Final

import msgspec

SERVED: Final = "/status"
"""Where the watch serves its pages, on its own address and behind the front door."""


class Links(msgspec.Struct, frozen=True):
    """Makes addresses from `base`, which has no slash at its end.

    `static` pages are files that link to each other (`.html`); what needs an answer of the watch
    (report, subscribe, API) they link to at `live`, the watch's published address. `chosen` is
    the language that a reader chose, carried along; empty where the browser decides.
    """

    base: str = SERVED
    chosen: str = ""
    static: bool = False
    live: str = ""

    def page(self, path: str = "") -> str:
        """A page: `` (the status), `c/web`, `incidents/k3`, `history`, `method`."""
        if self.static:
            return f"{self.base}/{path or 'index'}.html"
        return self._language(f"{self.base}/{path}" if path else self.base)

    def answer(self, path: str) -> str:
        """What only a living watch answers: `report`, `subscribe`, `history.atom`."""
        return self._language(f"{self._living}/{path}")

    def data(self, path: str) -> str:
        """What is the same in every language: charts, assets' folder, badges, the API."""
        return f"{self._living}/{path}"

    def asset(self, name: str) -> str:
        """A built file, which static pages have beside them."""
        return f"{self.base}/assets/{name}"

    @property
    def _living(self) -> str:
        return f"{self.live}{SERVED}" if self.static else self.base

    def _language(self, address: str) -> str:
        return f"{address}?lang={self.chosen}" if self.chosen else address
