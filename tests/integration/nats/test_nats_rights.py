"""What each role's credentials may not do, shown on a real server with the house's rights."""

import asyncio

import pytest
from nats.aio.client import Client
from tests.nats_server import Server

from rostra.app.nats_config import PAYLOAD_BYTES_MAX
from rostra.wire.drivers.nats import NatsBackbone

WAIT_S = 5.0

FORBIDDEN = [
    ("edge", "prog.tea"),
    ("edge", "event.tea"),
    ("edge", "studio.tea"),
    ("edge", "$KV.state.tea"),
    ("edge", "$KV.defs.tea"),
    ("edge", "$KV.leases.tea"),
    ("edge", "$O.objects.M.x"),
    ("edge", "$JS.API.STREAM.DELETE.PROG"),
    ("edge", "$JS.API.STREAM.PURGE.PROG"),
    ("edge", "$JS.API.STREAM.UPDATE.PROG"),
    ("edge", "$JS.API.CONSUMER.CREATE.KV_leases.x.$KV.leases.>"),
    ("desk", "prog.tea"),
    ("desk", "event.tea"),
    ("desk", "tally.edge-0"),
    ("desk", "$KV.state.tea"),
    ("desk", "$KV.leases.tea"),
    ("desk", "$KV.edges.edge-0"),
    ("desk", "$JS.API.DIRECT.GET.KV_defs.$KV.defs.tea"),
    ("desk", "$JS.API.DIRECT.GET.OBJ_objects"),
    ("desk", "$JS.API.STREAM.MSG.GET.OBJ_objects"),
    ("desk", "$JS.API.STREAM.PURGE.OBJ_objects"),
    ("desk", "$JS.API.STREAM.CREATE.MINE"),
    ("studio", "tally.edge-0"),
    ("studio", "$KV.defs.tea"),
    ("studio", "$JS.API.STREAM.DELETE.PROG"),
    ("studio", "$JS.API.STREAM.CREATE.MINE"),
]

PUSH_ELSEWHERE = (
    b'{"stream_name":"KV_edges","config":{"name":"x","deliver_subject":"prog.tea",'
    b'"ack_policy":"none","filter_subject":"$KV.edges.>"}}'
)

NOT_HEARD = [
    ("edge", ">"),
    ("edge", "tally.*"),
    ("edge", "studio.*"),
    ("edge", "event.*"),
    ("edge", "_INBOX_desk.>"),
    ("desk", "studio.*"),
    ("desk", "prog.*"),
    ("desk", "_INBOX_studio.>"),
    ("studio", "_INBOX_edge.>"),
]


class Raw:
    """A client of a role that says what the server refuses."""

    def __init__(self) -> None:
        self.client = Client()
        self.refusals: asyncio.Queue[str] = asyncio.Queue()

    async def connect(self, server: Server, role: str) -> "Raw":
        await self.client.connect(
            server.url, user=role, password=server.passwords[role], error_cb=self._refused
        )
        return self

    async def _refused(self, error: Exception) -> None:
        await self.refusals.put(str(error).lower())

    async def refusal(self) -> str:
        async with asyncio.timeout(WAIT_S):
            return await self.refusals.get()


@pytest.mark.parametrize(("role", "subject"), FORBIDDEN)
async def test_a_role_may_not_publish(server: Server, role: str, subject: str) -> None:
    raw = await Raw().connect(server, role)
    await raw.client.publish(subject, b"forged")
    await raw.client.flush()
    assert "permissions violation for publish" in await raw.refusal()
    await raw.client.close()


@pytest.mark.parametrize(("role", "subject"), NOT_HEARD)
async def test_a_role_may_not_listen(server: Server, role: str, subject: str) -> None:
    raw = await Raw().connect(server, role)
    await raw.client.subscribe(subject)
    await raw.client.flush()
    assert "permissions violation for subscription" in await raw.refusal()
    await raw.client.close()


async def test_nobody_comes_in_without_a_name(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    assert (await reader.readline()).startswith(b"INFO")
    writer.write(b"CONNECT {}\r\nPING\r\n")
    async with asyncio.timeout(WAIT_S):
        assert await reader.readline() == b"-ERR 'Authorization Violation'\r\n"
    writer.close()
    await writer.wait_closed()


async def test_a_forged_programme_reaches_no_edge(server: Server, studio: NatsBackbone) -> None:
    edge, other = await server.client("edge"), await Raw().connect(server, "edge")
    heard: list[bytes] = []
    came = asyncio.Event()

    async def hear(_subject: str, payload: bytes) -> None:
        heard.append(payload)
        came.set()

    await edge.subscribe("prog.*", hear)
    await edge.put("edges", "edge-9", b"forged")
    await studio.put("state", "tea", b"state")
    await other.client.publish("prog.tea", b"forged")
    # The answer of a get goes where the asker says, by the server's own hand.
    await other.client.publish("$JS.API.DIRECT.GET.KV_edges.$KV.edges.edge-9", reply="prog.tea")
    await other.client.publish("$JS.API.CONSUMER.CREATE.KV_edges.x.$KV.edges.>", PUSH_ELSEWHERE)
    await other.client.publish("$JS.API.DIRECT.GET.KV_state.$KV.state.tea", reply="prog.tea")
    await other.client.flush()
    for _ in range(3):
        assert "permissions violation for publish" in await other.refusal()
    async with asyncio.timeout(WAIT_S):
        while not edge.refused:  # noqa: ASYNC110 - a counter for metrics, so polled
            await asyncio.sleep(0.01)
    await studio.publish("prog.tea", b"true")
    await asyncio.wait_for(came.wait(), WAIT_S)
    assert heard == [b"true"]
    assert edge.refused == 1
    assert b"forged" not in await edge.recent("prog.tea")
    await other.client.close()


async def test_a_payload_beyond_the_limit_is_refused(server: Server) -> None:
    raw = await Raw().connect(server, "studio")
    assert raw.client.max_payload == PAYLOAD_BYTES_MAX
    await raw.client.close()
