"""The public port of the watch: plain at first, in TLS from the first certificate on."""

import asyncio
import contextlib
import ssl
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from tests.fakes.authority import Authority
from tests.house import free_block
from tests.until import until

from rostra.app import watch_protocol, watch_tls
from rostra.app.config import Edge, Settings
from rostra.app.watch_doors import BACKLOG, CONNECTIONS_MAX, Door, loopback_socket, public_sockets
from rostra.app.watch_options import Watch
from rostra.app.watch_tls import Certificates

ROOT = Path(__file__).parents[3]


def saying() -> FastAPI:
    """Says whom it sees, and how they came."""
    app = FastAPI()

    @app.get("/")
    def seen(request: Request) -> str:
        return f"{request.client.host if request.client else ''} {request.url.scheme}"

    return app


async def test_it_is_plain_until_there_is_a_certificate_and_tls_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_tls, "LOOK_S", 0.02)
    authority = Authority()
    own = Edge(tls_cert=str(tmp_path / "localhost.crt"), tls_key=str(tmp_path / "localhost.key"))
    settings = Settings(data=tmp_path, port=free_block(), edge=own)
    certificates = Certificates(settings)
    assert not certificates.ready
    door = Door(saying(), public_sockets(settings), settings)
    serving = asyncio.create_task(door.serve(certificates))
    looking = asyncio.create_task(certificates.run())
    host = f"localhost:{settings.watch_port}"
    async with httpx.AsyncClient(verify=authority.client(), trust_env=False) as client:
        assert (await client.get(f"http://{host}/")).status_code == 200
        await asyncio.to_thread(authority.write, tmp_path)
        await until(lambda: certificates.ready)
        secure = await eventually(client, f"https://{host}/")
        assert secure.json().endswith(" https")
        with pytest.raises(httpx.TransportError):
            await client.get(f"http://{host}/")
    looking.cancel()
    door.end()
    await serving


async def eventually(client: httpx.AsyncClient, url: str) -> httpx.Response:
    """The first answer; the door changes to TLS when those under way are answered."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await client.get(url)
            except (httpx.TransportError, ssl.SSLError):
                await asyncio.sleep(0.02)


async def test_whom_the_front_door_names_is_who_asks_and_nobody_else_is_believed() -> None:
    settings = Settings(
        port=free_block(), watch=Watch(bind="127.0.0.1"), edge=Edge(proxies=("203.0.113.0/24",))
    )
    inside, public = loopback_socket(settings), public_sockets(settings)
    door = Door(saying(), [inside, *public], settings)
    serving = asyncio.create_task(door.serve())
    url = f"http://127.0.0.1:{settings.watch_health_port}/"
    async with httpx.AsyncClient(trust_env=False) as client:
        named = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
        assert (await client.get(url, headers=named)).json() == "198.51.100.7 https"
        chain = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7, 203.0.113.9"}
        assert (await client.get(url, headers=chain)).json() == "198.51.100.7 http"
        assert (await client.get(url)).json() == "127.0.0.1 http"
    door.end()
    await serving


def test_the_unit_grants_a_handle_to_every_connection() -> None:
    unit = (ROOT / "deploy" / "rostra-watch.service").read_text()
    (limit,) = (line for line in unit.splitlines() if line.startswith("LimitNOFILE="))
    assert int(limit.partition("=")[2]) >= 2 * CONNECTIONS_MAX + 2 * BACKLOG


async def test_who_does_not_finish_a_head_gives_the_place_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watch_protocol.HEAD_S <= 10.0
    monkeypatch.setattr(watch_protocol, "HEAD_S", 0.2)
    settings = Settings(data=tmp_path, port=free_block())
    door = Door(saying(), [loopback_socket(settings)], settings)
    serving = asyncio.create_task(door.serve())
    await until(lambda: door.started)
    for said in (b"", b"GET / HTTP/1.1\r\nHost: a", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /"):
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.watch_health_port)
        writer.write(said)
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionResetError):
                answered = await reader.read()
        assert (b"200 OK" in answered) is said.endswith(b"GET /")
        writer.close()
    door.end()
    await serving
