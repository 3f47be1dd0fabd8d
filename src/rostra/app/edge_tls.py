"""TLS of the edges: one context for all of them, and an eye on the certificate's files."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from rostra.app.config import Settings
from rostra.app.edge_certificate import LOOK_S, Certificate, Keeper, find
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.drivers.handshakes import Tls
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.drivers.tls import context
from rostra.delivery.service import Now

NS_PER_S = 1_000_000_000


def tls_of(settings: Settings) -> Tls | None:
    """What the edges share from before the fork; None for a house that is plain HTTP."""
    return Tls(context()) if settings.domain or settings.edge.tls_cert else None


def keeper_of(settings: Settings, tls: Tls) -> Keeper:
    """Who looks after the certificate in this process."""
    return Keeper(tls, partial(find, settings))


class CertificateWatch:
    """Looks at the files from a thread of its own; the loop's thread takes what is new.

    A disk that hangs keeps an old certificate and no listener waiting. `told` is called in the
    loop's thread after each new one.
    """

    def __init__(self, settings: Settings, loop: EdgeLoop, told: Callable[[], None]) -> None:
        self._loop = loop
        self._told = told
        self._ended = threading.Event()
        if loop.tls is not None:
            keeper = keeper_of(settings, loop.tls)
            threading.Thread(
                target=self._work, args=(keeper,), name="certificate", daemon=True
            ).start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()

    def _work(self, keeper: Keeper) -> None:
        while not self._ended.wait(LOOK_S):
            found = keeper.look()
            if found is not None:
                self._loop.inbox.put((partial(self._take, keeper, found), time.monotonic_ns()))

    def _take(self, keeper: Keeper, found: Certificate, _hall: Hall, _now: Now) -> None:
        if keeper.take(found):
            self._told()


def tls_metrics(tls: Tls | None) -> Iterator[Metric]:
    """What the edge tells of TLS; zeros where it speaks none."""
    files_refused, not_after_s = (tls.files_refused, tls.not_after_s) if tls else (0, 0.0)
    handshakes = CounterMetricFamily(
        "rostra_edge_tls_handshakes", "Handshakes by how they ended.", labels=["outcome"]
    )
    for outcome in ("full", "resumed", "failed", "late", "crowded", "plain"):
        handshakes.add_metric([outcome], getattr(tls, outcome, 0))
    yield handshakes
    yield CounterMetricFamily(
        "rostra_edge_tls_files_refused", "Certificate files that were no good.", files_refused
    )
    yield GaugeMetricFamily(
        "rostra_edge_tls_not_after_seconds", "When the certificate ends; 0: none.", not_after_s
    )
