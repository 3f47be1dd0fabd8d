"""TLS of the watch: the certificate of the house's name, as its edges have it."""

import asyncio
import ssl
from functools import partial

from rostra.app.config import Settings
from rostra.app.edge_certificate import LOOK_S, Keeper, find
from rostra.delivery.drivers.handshakes import Tls


class Certificates:
    """Looks at the certificate's files for as long as the watch lives, and takes new ones.

    The files outlive the house that got them, so the page stays readable without it.
    """

    def __init__(self, settings: Settings) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.first = asyncio.Event()
        self._tls = Tls(self.context)
        self._keeper = Keeper(self._tls, partial(find, settings))
        self._keeper.first()
        self._tell()

    @property
    def ready(self) -> bool:
        """Whether there is a certificate."""
        return self._tls.ready

    async def run(self) -> None:
        """Look again and again; a disk that hangs keeps nobody waiting."""
        while True:
            await asyncio.sleep(LOOK_S)
            self._keeper.take(await asyncio.to_thread(self._keeper.look))
            self._tell()

    def _tell(self) -> None:
        if self._tls.ready:
            self.first.set()
