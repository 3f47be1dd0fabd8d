"""Each limit of the backbone, reached on a real server: what is too much costs only itself."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import StorageType
from tests.nats_server import Server, kept_up_to

from rostra.app import nats_config
from rostra.domain.errors import HouseError
from rostra.domain.ports import Entry
from rostra.wire.drivers import nats as driver
from rostra.wire.drivers import nats_objects, nats_streams, nats_watch
from rostra.wire.drivers.nats import NatsBackbone, furnish
from rostra.wire.drivers.nats_listen import WAITING_MAX, Listener

WAIT_S = 10.0
KB = 1024


async def furnished(server: Server) -> NatsBackbone:
    """A studio's backbone, furnished with the limits as a test has made them."""
    studio = await server.client("studio")
    await furnish(studio)
    return studio


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 - counters, as metrics read them
            await asyncio.sleep(0.01)


class Slow:
    """A handler that stands still on its first message until it is let go."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def hear(self, _subject: str, payload: bytes) -> None:
        self.heard.append(payload)
        self.begun.set()
        await self.go.wait()


async def stalled(server: Server, studio: NatsBackbone, sent: int, size: int) -> list[bytes]:
    """What a handler hears that stalls on the first of so many messages, and then goes on."""
    edge, slow = await server.client("edge"), Slow()
    await edge.subscribe("prog.*", slow.hear)
    await studio.publish("prog.tea", bytes(size))
    await asyncio.wait_for(slow.begun.wait(), WAIT_S)
    for number in range(1, sent):
        await studio.publish("prog.tea", bytes([number]) * size)
    await until(lambda: edge.overrun > 0)
    await studio.recent("prog.tea")  # the server has taken all of them…
    await edge.recent("prog.tea")  # …and the edge has been sent them
    slow.go.set()
    await until(lambda: len(slow.heard) + edge.overrun == sent)
    await studio.publish("prog.tea", b"later")
    await until(lambda: slow.heard[-1] == b"later")
    return slow.heard[:-1]


async def test_a_slow_handler_keeps_so_many_messages(
    server: Server, studio: NatsBackbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "SUBSCRIPTION_MESSAGES_MAX", 4)
    heard = await stalled(server, studio, 12, 10)
    assert len(heard) == 1 + driver.SUBSCRIPTION_MESSAGES_MAX
    assert heard == [bytes([number]) * 10 for number in range(5)]


async def test_a_slow_handler_keeps_so_many_bytes(
    server: Server, studio: NatsBackbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "SUBSCRIPTION_BYTES_MAX", 4 * KB)
    heard = await stalled(server, studio, 12, KB)
    assert 2 <= len(heard) <= 1 + driver.SUBSCRIPTION_BYTES_MAX // KB


async def test_so_many_questions_are_answered_at_once_and_the_others_wait(
    server: Server, studio: NatsBackbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "ANSWERING_MAX", 2)
    inside: list[bytes] = []
    go = asyncio.Event()

    async def answer(payload: bytes) -> bytes:
        inside.append(payload)
        await go.wait()
        return payload

    await studio.serve("studio.tea", answer)
    desk = await server.client("desk")
    asking = asyncio.gather(*(desk.ask("studio.tea", b"%d" % n, WAIT_S) for n in range(5)))
    await until(lambda: len(inside) == driver.ANSWERING_MAX)
    await studio.put("state", "tea", b"a round trip, in which a third could have begun")
    assert len(inside) == driver.ANSWERING_MAX
    go.set()
    assert sorted(await asking) == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_renewal_that_found_no_place_is_made_up_by_the_next() -> None:
    client = Client()
    listener = Listener(client, "edges")

    def renewal(number: int) -> Msg:
        return Msg(client, subject=f"$KV.edges.edge-{number}", data=b"here")

    for number in range(WAITING_MAX + 1):
        await listener._take(renewal(number))
    heard = [await listener._next() for _ in range(WAITING_MAX)]
    assert heard == [[Entry(f"edge-{number}", b"here", 0)] for number in range(WAITING_MAX)]
    await listener._take(renewal(WAITING_MAX))
    assert await listener._next() == [Entry(f"edge-{WAITING_MAX}", b"here", 0)]


async def test_a_watch_that_is_read_too_slowly_begins_anew_and_misses_nothing(
    server: Server, studio: NatsBackbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats_watch, "WAITING_MAX", 4)
    edge = await server.client("edge")
    entries = edge.watch("state")
    await studio.put("state", "first", b"1")
    async with asyncio.timeout(WAIT_S):
        assert (await anext(entries)).key == "first"
        wanted = {f"key{number}" for number in range(3 * nats_watch.WAITING_MAX)}
        for key in wanted:
            await studio.put("state", key, b"1")
        await edge.recent("prog.tea")  # a round trip: the edge has been sent all of them
        monkeypatch.setattr(nats_watch, "WAITING_MAX", 100)
        seen = {(await anext(entries)).key}
        while not wanted <= seen:
            seen.add((await anext(entries)).key)
    await entries.aclose()


async def test_an_object_has_so_many_chunks(
    server: Server, studio: NatsBackbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes(2 * nats_objects.CHUNK_BYTES + 1)
    await studio.put_object("card/three", data)
    monkeypatch.setattr(nats_objects, "OBJECT_CHUNKS_MAX", 2)
    assert len(data) > nats_objects.OBJECT_CHUNKS_MAX * nats_objects.CHUNK_BYTES
    await studio.put_object("card/two", data[:-1])
    edge = await server.client("edge")
    assert await edge.get_object("card/two") == data[:-1]
    for refused in (studio.put_object("card/more", data), edge.get_object("card/three")):
        with pytest.raises(HouseError, match="262144 at most"):
            await refused
    assert await edge.get_object("card/more") is None


async def test_a_programmes_oldest_messages_go_first(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats_streams, "PROGRAMME_BYTES_MAX", 64 * KB)
    studio = await furnished(server)
    for number in range(100):
        await studio.publish("prog.tea", b"%d" % number + bytes(2 * KB))
    kept = await kept_up_to(studio, "prog.tea", b"99" + bytes(2 * KB))
    assert 20 < len(kept) <= nats_streams.PROGRAMME_BYTES_MAX / (2 * KB)


async def refused_in_the_end(write: Callable[[str], Awaitable[object]]) -> int:
    """How many writes went well before one was refused with a sentence about space."""
    for number in range(100):
        try:
            await write(f"key{number}")
        except HouseError as error:
            if "maximum bytes exceeded" in error.sentence:
                return number
            raise
    pytest.fail("Nothing was refused.")


@pytest.mark.parametrize(
    ("limit", "bucket", "role"),
    [("STATE", "state", "studio"), ("MEMORY_BUCKET", "edges", "edge")],
)
async def test_a_bucket_that_is_full_refuses_what_is_new_and_keeps_what_it_has(
    server: Server, monkeypatch: pytest.MonkeyPatch, limit: str, bucket: str, role: str
) -> None:
    assert nats_streams.STATE_BYTES_MAX > nats_streams.MEMORY_BUCKET_BYTES_MAX
    monkeypatch.setattr(nats_streams, f"{limit}_BYTES_MAX", 64 * KB)
    await furnished(server)
    writer = await server.client(role)
    assert 10 < await refused_in_the_end(lambda key: writer.put(bucket, key, bytes(2 * KB))) < 32
    await writer.put(bucket, "key0", b"shorter")


async def test_a_value_has_a_largest_size(studio: NatsBackbone) -> None:
    largest = nats_streams.VALUE_BYTES_MAX
    with pytest.raises(HouseError, match="size exceeds maximum"):
        await studio.put("state", "tea", bytes(largest + 1))
    await studio.put("state", "tea", bytes(largest - KB))


async def test_objects_have_a_largest_total(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats_streams, "OBJECTS_BYTES_MAX", 512 * KB)
    studio = await furnished(server)
    chunk = bytes(nats_objects.CHUNK_BYTES)
    stored = await refused_in_the_end(lambda key: studio.put_object(key, chunk))
    assert stored == nats_streams.OBJECTS_BYTES_MAX // nats_objects.CHUNK_BYTES - 1
    assert await studio.get_object("key0") == chunk


def test_the_server_has_room_for_every_stream() -> None:
    for storage, room in (
        (StorageType.MEMORY, nats_config.MEMORY_BYTES_MAX),
        (StorageType.FILE, nats_config.DISK_BYTES_MAX),
    ):
        streams = [one for one in nats_streams.stream_configs() if one.storage is storage]
        assert sum(one.max_bytes or room for one in streams) <= room


@pytest.mark.parametrize("kind", ["MEMORY", "DISK"])
async def test_a_server_without_room_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(nats_config, f"{kind}_BYTES_MAX", 1024 * KB)
    small = Server(tmp_path)
    await small.start()
    with pytest.raises(HouseError, match="cannot hold the house's streams"):
        await furnish(await small.client("studio"))
    await small.close()
