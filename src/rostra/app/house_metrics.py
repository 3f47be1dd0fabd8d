"""Health and metrics of the house as a whole: its processes and its backbone.

The backbone's server tells its figures as JSON only; here they stand beside the others. All is
served from the house's event loop: a thread beside a process that forks would be a risk.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rostra.app.config import Settings
from rostra.app.edge_rows import read_rows
from rostra.app.house_state import HouseState
from rostra.domain.errors import HouseError

REQUEST_WAIT_S: Final = 5.0
"""A scraper on this machine asks in milliseconds; a silent one holds a handle no longer."""

LINE_BYTES_MAX: Final = 4 * 1024
"""One line of a request's head."""

BACKBONE_WAIT_S: Final = 1.0
"""The backbone on loopback answers in milliseconds; without it the other figures are told."""

BACKBONE_BYTES_MAX: Final = 256 * 1024
"""`/varz` of a server of our kind has about 4 kB."""

_BACKBONE: Final = (
    ("rostra_backbone_connections", "Processes connected to the backbone", "connections"),
    ("rostra_backbone_memory_bytes", "Resident memory of the backbone", "mem"),
)
_BACKBONE_COUNTERS: Final = (
    ("rostra_backbone_in_messages", "Messages that the backbone took", "in_msgs"),
    ("rostra_backbone_out_messages", "Messages that the backbone delivered", "out_msgs"),
    ("rostra_backbone_slow_consumers", "Connections cut for being slow", "slow_consumers"),
)


class HouseMetrics(Collector):
    """The house's processes as `rostra ps` shows them, and what the backbone said last."""

    def __init__(self, settings: Settings, state: Callable[[], HouseState]) -> None:
        self.backbone: Mapping[str, Any] = {}
        self._settings = settings
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """Everything, as it is now."""
        up = GaugeMetricFamily("rostra_process_up", "1 while it answers", labels=("role",))
        again = CounterMetricFamily(
            "rostra_process_restarts", "Times it was started again", labels=("role",)
        )
        for row in self._state().processes:
            up.add_metric((row.role,), float(row.healthy))
            again.add_metric((row.role,), row.restarts)
        for edge in read_rows(self._settings):
            again.add_metric((edge.id,), edge.restarts)
        yield from (up, again)
        for name, words, key in _BACKBONE:
            yield GaugeMetricFamily(name, words, _number(self.backbone, key))
        for name, words, key in _BACKBONE_COUNTERS:
            yield CounterMetricFamily(name, words, _number(self.backbone, key))


def _number(told: Mapping[str, Any], key: str) -> float | None:
    value = told.get(key)
    return float(value) if isinstance(value, int | float) else None


class HouseAdmin:
    """Serves `/healthz` and `/metrics` of the house on 127.0.0.1."""

    def __init__(self, settings: Settings, state: Callable[[], HouseState]) -> None:
        self._settings = settings
        self._state = state
        self._metrics = HouseMetrics(settings, state)
        self._registry = CollectorRegistry()
        self._registry.register(self._metrics)
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin; HouseError where the port cannot be taken."""
        port = self._settings.house_port
        try:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", port, limit=LINE_BYTES_MAX
            )
        except OSError as error:
            sentence = f"Port {port} on 127.0.0.1 cannot be taken: {error.strerror}. Free it, or"
            sentence += " choose another block with --port."
            raise HouseError(sentence) from error

    def close(self) -> None:
        """Stop."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_WAIT_S):
                path = (await reader.readline()).split(b" ")[1:2]
                while (await reader.readline()).strip():
                    pass
                writer.write(await self._answer(path[0] if path else b""))
                await writer.drain()
        except (OSError, TimeoutError, ValueError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: bytes) -> bytes:
        if path == b"/metrics":
            self._metrics.backbone = await backbone_figures(self._settings)
            return _response("200 OK", generate_latest(self._registry), CONTENT_TYPE_LATEST)
        if path == b"/healthz":
            ill = [row.role for row in self._state().processes if not row.healthy]
            if ill:
                words = f"These processes do not answer: {', '.join(ill)}.\n"
                return _response("503 Service Unavailable", words.encode())
            return _response("200 OK", b"ok\n")
        return _response("404 Not Found", b"Here are only /healthz and /metrics.\n")


async def backbone_figures(settings: Settings) -> Mapping[str, Any]:
    """What the house's own backbone tells of itself; nothing where it is not, or elsewhere."""
    if settings.nats.url:
        return {}
    writer = None
    try:
        async with asyncio.timeout(BACKBONE_WAIT_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", settings.nats_health_port)
            writer.write(b"GET /varz HTTP/1.0\r\n\r\n")
            raw = await reader.read(BACKBONE_BYTES_MAX)
            while len(raw) < BACKBONE_BYTES_MAX and (more := await reader.read(BACKBONE_BYTES_MAX)):
                raw += more
        told = json.loads(raw.partition(b"\r\n\r\n")[2])
    except (OSError, TimeoutError, ValueError):
        return {}
    finally:
        if writer is not None:
            writer.close()
    return told if isinstance(told, dict) else {}


def _response(status: str, body: bytes, kind: str = "text/plain; charset=utf-8") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body
