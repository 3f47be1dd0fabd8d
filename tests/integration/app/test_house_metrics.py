"""The house's own health and figures: also without its backbone, and whoever asks how."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.house import free_block

from rostra.app import house_metrics
from rostra.app.config import Settings
from rostra.app.house_metrics import BACKBONE_BYTES_MAX, LINE_BYTES_MAX, HouseAdmin
from rostra.app.house_state import HouseState, ProcessState
from rostra.domain.errors import HouseError

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FIGURES = b"GET /metrics HTTP/1.1\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n\r\n"


def state(*, healthy: bool = True) -> HouseState:
    row = ProcessState("desk", 7, "127.0.0.1:1", healthy, 3)
    return HouseState(1, 0.0, 8000, "http://localhost:8000", (row,))


@contextlib.asynccontextmanager
async def admin(*, healthy: bool = True) -> AsyncIterator[Settings]:
    settings = Settings(port=free_block())
    subject = HouseAdmin(settings, lambda: state(healthy=healthy))
    await subject.open()
    yield settings
    subject.close()


@contextlib.asynccontextmanager
async def backbone(settings: Settings, serve: Serve) -> AsyncIterator[None]:
    server = await asyncio.start_server(serve, "127.0.0.1", settings.nats_health_port)
    async with server:
        yield


async def asked(settings: Settings, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.house_port)
    writer.write(request)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:  # closed with bytes of ours unread
        return b""
    finally:
        writer.close()


async def test_without_a_backbone_the_rest_is_told() -> None:
    async with admin() as settings:
        told = await asked(settings, FIGURES)
    assert told.startswith(b"HTTP/1.1 200 OK")
    assert b'rostra_process_restarts_total{role="desk"} 3.0' in told
    assert b"\nrostra_backbone_connections " not in told


@pytest.mark.parametrize(("healthy", "status"), [(True, b"200 OK"), (False, b"503 ")])
async def test_it_is_well_while_all_are(healthy: bool, status: bytes) -> None:  # noqa: FBT001 - a case
    async with admin(healthy=healthy) as settings:
        told = await asked(settings, HEALTH)
    assert told.startswith(b"HTTP/1.1 " + status)
    assert healthy or b"do not answer: desk" in told


@pytest.mark.parametrize("request_bytes", [b"GET /elsewhere HTTP/1.1\r\n\r\n", b"\r\n\r\n"])
async def test_there_is_nothing_else(request_bytes: bytes) -> None:
    async with admin() as settings:
        assert b" 404 " in await asked(settings, request_bytes)


async def test_a_line_beyond_its_limit_is_closed() -> None:
    async with admin() as settings:
        assert await asked(settings, b"G" * 3 * LINE_BYTES_MAX + b"\r\n\r\n") == b""


async def test_who_asks_nothing_is_closed_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house_metrics, "REQUEST_WAIT_S", 0.05)
    async with admin() as settings:
        assert await asked(settings, b"GET /metrics") == b""


async def test_a_silent_backbone_costs_its_figures_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house_metrics, "BACKBONE_WAIT_S", 0.05)
    done = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    async with admin() as settings, backbone(settings, silent):
        told = await asked(settings, FIGURES)
        done.set()
    assert b"rostra_process_up" in told


@pytest.mark.parametrize("spaces", [0, 2 * BACKBONE_BYTES_MAX])
async def test_only_so_much_of_a_backbone_is_read(spaces: int) -> None:
    async def tells(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(OSError):
            body = b'{"connections": 4}'
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + b" " * spaces + body)
            await writer.drain()
        writer.close()

    async with admin() as settings, backbone(settings, tells):
        told = await asked(settings, FIGURES)
    assert (b"rostra_backbone_connections 4.0" in told) == (spaces == 0)


async def test_a_port_that_is_taken_is_one_sentence() -> None:
    async with admin() as settings:
        with pytest.raises(HouseError, match=f"Port {settings.house_port} on 127.0.0.1"):
            await HouseAdmin(settings, state).open()
