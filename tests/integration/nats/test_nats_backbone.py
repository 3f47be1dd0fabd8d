"""The backbone's contract, shown on a real NATS server with the house's real rights."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from tests.nats_server import Server, kept_up_to

from rostra.domain.errors import HouseError
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.domain.ports import Backbone, Entry
from rostra.wire.drivers import nats_connection, nats_listen
from rostra.wire.drivers.nats import NatsBackbone, furnish

WAIT_S = 10.0


async def lost(backbone: NatsBackbone) -> None:
    async with asyncio.timeout(WAIT_S):
        while backbone.connected:  # noqa: ASYNC110 - what a metric would see, so polled
            await asyncio.sleep(0.01)


async def next_entry(watching: AsyncGenerator[Entry, None]) -> Entry:
    async with asyncio.timeout(WAIT_S):
        return await anext(watching)


async def test_it_gives_what_the_port_asks_for(studio: NatsBackbone) -> None:
    backbone: Backbone = studio
    assert backbone is studio
    await furnish(studio)  # a second time changes nothing


async def test_messages_arrive_in_order_and_are_kept(server: Server, studio: NatsBackbone) -> None:
    edge = await server.client("edge")
    heard: list[tuple[str, bytes]] = []
    done = asyncio.Event()

    async def hear(subject: str, payload: bytes) -> None:
        heard.append((subject, payload))
        if len(heard) == 20:
            done.set()

    await edge.subscribe("prog.*", hear)
    for number in range(20):
        await studio.publish("prog.tea", b"%d" % number)
    await asyncio.wait_for(done.wait(), WAIT_S)
    assert heard == [("prog.tea", b"%d" % number) for number in range(20)]
    kept = await kept_up_to(edge, "prog.tea", b"19")
    assert kept == [b"%d" % number for number in range(20)]
    assert await edge.recent("prog.other") == []


async def test_the_memory_stream_keeps_a_bounded_window(
    server: Server, studio: NatsBackbone
) -> None:
    for number in range(MESSAGE_WINDOW + 10):
        await studio.publish("prog.tea", b"%d" % number)
    edge = await server.client("edge")
    kept = await kept_up_to(edge, "prog.tea", b"%d" % (MESSAGE_WINDOW + 9))
    assert len(kept) == MESSAGE_WINDOW
    assert kept[0] == b"10"


async def test_a_failing_handler_disturbs_no_later_message(
    server: Server, studio: NatsBackbone
) -> None:
    edge = await server.client("edge")
    heard = asyncio.Event()

    async def hear(_subject: str, payload: bytes) -> None:
        if payload == b"bad":
            raise ValueError
        heard.set()

    await edge.subscribe("prog.*", hear)
    await studio.publish("prog.tea", b"bad")
    await studio.publish("prog.tea", b"good")
    await asyncio.wait_for(heard.wait(), WAIT_S)


async def test_questions_are_answered_at_the_same_time(
    server: Server, studio: NatsBackbone
) -> None:
    desk = await server.client("desk")
    both = asyncio.Barrier(2)

    async def answer(payload: bytes) -> bytes:
        await both.wait()
        return payload.upper()

    stop = await studio.serve("studio.tea", answer)
    answers = await asyncio.gather(
        desk.ask("studio.tea", b"one", WAIT_S), desk.ask("studio.tea", b"two", WAIT_S)
    )
    assert list(answers) == [b"ONE", b"TWO"]
    await stop()
    with pytest.raises(HouseError, match=r"Nobody answers studio\.tea"):
        await desk.ask("studio.tea", b"three", WAIT_S)


async def test_an_answer_that_never_comes_is_a_sentence(
    server: Server, studio: NatsBackbone
) -> None:
    desk = await server.client("desk")

    async def answer(_payload: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    await studio.serve("studio.tea", answer)
    with pytest.raises(HouseError, match=r"did not answer studio\.tea within 0\.2 s"):
        await desk.ask("studio.tea", b"", 0.2)


async def test_keys_are_written_by_revision(studio: NatsBackbone) -> None:
    first = await studio.put("state", "tea", b"1")
    second = await studio.update("state", "tea", b"2", first)
    assert second is not None
    assert second > first
    assert await studio.update("state", "tea", b"3", first) is None
    assert await studio.create("state", "tea", b"4") is None
    await studio.delete("state", "tea")
    await studio.delete("state", "never-there")
    assert await studio.create("state", "tea", b"5") is not None


async def test_a_watch_tells_what_is_and_what_becomes(server: Server, studio: NatsBackbone) -> None:
    await studio.put("state", "tea", b"1")
    edge = await server.client("edge")
    watching = edge.watch("state")
    assert (await next_entry(watching)).value == b"1"
    await studio.put("state", "milk", b"2")
    entry = await next_entry(watching)
    assert (entry.key, entry.value) == ("milk", b"2")
    await studio.delete("state", "tea")
    entry = await next_entry(watching)
    assert (entry.key, entry.value) == ("tea", None)
    await watching.aclose()


async def test_a_lease_expires_is_told_and_can_be_taken(studio: NatsBackbone) -> None:
    revision = await studio.create("leases", "tea", b"me")
    assert revision is not None
    watching = studio.watch("leases")
    assert (await next_entry(watching)).value == b"me"
    entry = await next_entry(watching)
    assert (entry.key, entry.value) == ("tea", None)
    assert await studio.update("leases", "tea", b"still me", revision) is None
    assert await studio.create("leases", "tea", b"other") is not None
    await watching.aclose()


async def test_objects_come_back_whole(server: Server, studio: NatsBackbone) -> None:
    data = bytes(range(256)) * 2_000  # four chunks
    await studio.put_object("hold/abc", data)
    edge = await server.client("edge")
    assert await edge.get_object("hold/abc") == data
    assert await edge.get_object("nothing") is None
    await studio.put_object("hold/abc", b"shorter")
    assert await edge.get_object("hold/abc") == b"shorter"


async def test_a_server_killed_and_back_is_one_more_day(
    server: Server, studio: NatsBackbone
) -> None:
    edge = await server.client("edge")
    heard = asyncio.Event()

    async def hear(_subject: str, _payload: bytes) -> None:
        heard.set()

    await edge.subscribe("prog.*", hear)
    await studio.put("state", "tea", b"1")
    await studio.create("leases", "tea", b"me")
    watching, leases = edge.watch("state"), studio.watch("leases")
    assert (await next_entry(watching)).value == b"1"
    assert (await next_entry(leases)).value == b"me"
    server.kill()
    await lost(studio)
    with pytest.raises(HouseError, match="not there"):
        await studio.put("state", "tea", b"2")
    await server.start()
    assert (await next_entry(watching)).value == b"1"
    assert (await next_entry(leases)).value == b"me"  # a lease outlives a short absence
    gone = await next_entry(leases)
    assert (gone.key, gone.value) == ("tea", None)
    assert studio.reconnects == 1
    async with asyncio.timeout(WAIT_S):
        while not heard.is_set():
            await studio.publish("prog.tea", b"again")
            await asyncio.sleep(0.02)
    await kept_up_to(edge, "prog.tea", b"again")
    await watching.aclose()
    await leases.aclose()


async def test_too_much_for_a_lost_server_is_dropped_and_counted(
    server: Server, studio: NatsBackbone
) -> None:
    server.kill()
    await lost(studio)
    quarter = bytes(nats_connection.PENDING_BYTES_MAX // 4)
    for _ in range(3):
        await studio.publish("prog.tea", quarter)
    with pytest.raises(HouseError, match=r"prog\.tea was dropped"):
        await studio.publish("prog.tea", quarter)
    assert studio.dropped == 1


async def test_a_process_may_start_before_its_server(server: Server) -> None:
    server.kill()
    edge = await server.client("edge", must=False)
    heard = asyncio.Event()

    async def hear(_subject: str, _payload: bytes) -> None:
        heard.set()

    await edge.subscribe("prog.*", hear)
    with pytest.raises(HouseError):
        await edge.publish("tally.edge-0", b"")
    await server.start()
    studio = await server.client("studio")
    await furnish(studio)
    await edge.wait_connected(WAIT_S)
    await studio.publish("prog.tea", b"hello")
    await asyncio.wait_for(heard.wait(), WAIT_S)


async def test_no_server_and_wrong_credentials_are_sentences(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(HouseError, match="refuses the credentials of edge"):
        await NatsBackbone.connect(server.url, "edge", "wrong", "test")
    server.kill()
    monkeypatch.setattr(nats_connection, "CONNECT_WAIT_S", 0.5)
    with pytest.raises(HouseError, match="does not answer within"):
        await NatsBackbone.connect(server.url, "edge", "edge-password", "test")


@pytest.mark.usefixtures("studio")
async def test_edges_are_heard_while_they_renew_and_then_gone(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(nats_listen.LISTENED, "edges", 0.5)
    edge = await server.client("edge")
    watching = edge.watch("edges")
    coming = asyncio.create_task(next_entry(watching))
    while not coming.done():
        await edge.put("edges", "edge-0", b"here")
    assert await coming == Entry("edge-0", b"here", 0)
    await edge.put("edges", "edge-0", b"here")
    assert await next_entry(watching) == Entry("edge-0", None, 0)
    coming = asyncio.create_task(next_entry(watching))
    await edge.put("edges", "edge-0", b"moved")
    assert await coming == Entry("edge-0", b"moved", 0)
    coming = asyncio.create_task(next_entry(watching))
    await edge.delete("edges", "edge-0")
    assert await coming == Entry("edge-0", None, 0)
    await watching.aclose()
