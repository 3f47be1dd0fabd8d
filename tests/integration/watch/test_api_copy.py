import asyncio
import json
import re
import stat
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from tests.fakes import boards
from tests.integration.watch.copy_servers import KEY, nginx_of, python_of, s3
from tests.integration.watch.foreign_clients import free_port, scraped_by_the_exporter, values
from tests.until import until

from rostra.app.watch_built import BUILT_BYTES_MAX, built_files
from rostra.app.watch_copy import Source, source_of
from rostra.app.watch_export import (
    DELAY_S_MAX,
    PARALLEL_MAX,
    ExportCollector,
    Exporter,
    Kept,
    shelves_of,
)
from rostra.app.watch_options import Export
from rostra.domain.errors import HouseError
from rostra.domain.ports import Moment
from rostra.watch.board import Board, Chart
from rostra.watch.drivers.export import REASON_CHARS_MAX, Folder, Shelf
from rostra.watch.exported import File
from rostra.watch.published import Printed
from rostra.web.watch_site import Site

ENTRIES = ("status-1a2b.js", "status-3c.css")


@dataclass
class Desk:
    """A board that a test changes, and pages drawn in the plainest way."""

    board: Board = field(default_factory=boards.alarm)
    broken: bool = False
    assets: Path | None = None

    def now(self) -> Moment:
        return Moment(0, self.board.utc_us)

    async def chart(self, component: str, span: str) -> Chart:
        return Chart(component, span, 900)

    def draw(self, board: Board, charts: list[Chart], language: str) -> dict[str, str]:
        if self.broken:
            raise ZeroDivisionError
        assert len(charts) == 2 * len(board.components)
        text = f"<html lang={language}><body><main>{board.description}</main></body></html>"
        return {"index.html": text, **{f"c/{one.id}.html": text for one in board.components}}

    def exporter(self, *shelves: Shelf, every_s: float = 3_600.0) -> Exporter:
        source = Source(lambda: self.board, self.chart, self.draw, self.assets, ENTRIES)
        return Exporter(source, shelves, self, every_s)


class Memory:
    """A shelf that keeps what it is given, fails as often as it is told, and counts its guests."""

    name = "memory"

    def __init__(self, failures: int = 0) -> None:
        self.files: dict[str, File] = {}
        self.order: list[str] = []
        self.failures = failures
        self.here = self.most = 0

    async def write(self, file: File) -> None:
        self.here += 1
        self.most = max(self.most, self.here)
        await asyncio.sleep(0)
        self.here -= 1
        if self.failures:
            self.failures -= 1
            sentence = "The shelf is away. Wait."
            raise HouseError(sentence)
        self.files[file.path] = file
        self.order.append(file.path)


async def written(desk: Desk, folder: Path) -> Kept:
    exporter = desk.exporter(Folder(folder))
    await exporter.write(exporter.kept[0])
    return exporter.kept[0]


async def test_any_plain_server_serves_the_folder_and_a_foreign_client_reads_it(
    tmp_path: Path,
) -> None:
    desk, copy = Desk(), tmp_path / "copy"
    await written(desk, copy)
    printed = Printed(desk.board)
    with nginx_of(copy, tmp_path / "nginx") as nginx, python_of(copy) as python:
        async with httpx.AsyncClient() as client:
            for path in printed.paths():
                made = printed.get(path)
                assert made is not None
                answer = await client.get(f"{nginx}/status/{path}")
                assert (answer.status_code, answer.content) == (200, made.body), path
                assert answer.headers["content-type"] == made.media
                assert answer.headers["access-control-allow-origin"] == "*"
            summary = f"{nginx}/status/api/v2/summary.json"
            tag = (await client.get(summary)).headers["etag"]
            again = await client.get(summary, headers={"If-None-Match": tag})
            assert again.status_code == 304
            moved = await client.get(f"{nginx}/status")
            assert (moved.status_code, moved.headers["location"]) == (302, "/status/")
            for path in ("/status/", "/status/index.html", "/status/c/sound"):
                page = await client.get(nginx + path)
                assert "Partial System Outage" in page.text, path
                assert "This is a copy, written 2026-11-29 20:05 UTC." in page.text
                assert f'<a href="{boards.URL}/status">' in page.text
            spanish = await client.get(f"{nginx}/status/es/c/sound")
            assert "Esto es una copia, escrita el 2026-11-29 20:05 UTC." in spanish.text
            plain = await client.get(f"{python}/status/api/v2/summary.json")
            assert plain.json()["incidents"][0]["id"] == "in-open"
            home = await client.get(f"{python}/")
            assert "url=status/index.html" in home.text
        seen = await scraped_by_the_exporter(tmp_path, nginx)
    assert values(seen["statuspage_component_status"], "component_name")["Live sound"] == 0.0


async def test_a_bucket_has_types_and_cache_headers_and_gets_only_what_changed(
    tmp_path: Path,
) -> None:
    (tmp_path / "status-1a2b.js").write_text("import './chart-9f.js'")
    (tmp_path / "chart-9f.js").write_text("export {}")
    (tmp_path / "listener-77.js").write_text("of another page")
    with s3() as store:
        desk = Desk(assets=tmp_path)
        options = Export(
            bucket="status/site", endpoint=store.endpoint, access_key=KEY, secret_key=KEY
        )
        exporter = desk.exporter(*shelves_of(options))
        (kept,) = exporter.kept
        await exporter.write(kept)
        first = kept.files
        assert first == len(store.paths())
        assert store.head("site/status/api/v2/summary.json") == {
            "media": "application/json; charset=utf-8",
            "cache": "public, max-age=30",
        }
        assert store.head("site/status/index.html")["media"] == "text/html; charset=utf-8"
        assert store.head("site/status/assets/status-1a2b.js") == {
            "media": "text/javascript; charset=utf-8",
            "cache": "public, max-age=31536000, immutable",
        }
        built = {one.rpartition("/")[2] for one in store.paths() if "/assets/" in one}
        assert built == {"status-1a2b.js", "chart-9f.js"}, "what the pages load, and no more"
        assert store.read("site/status/api/v2/summary.json") == _summary(desk.board)
        desk.board = msgspec.structs.replace(desk.board, utc_us=desk.board.utc_us + boards.MINUTE)
        await exporter.write(kept)
        assert kept.files - first == 4, "two pages to begin with, the board, and the copy's age"
        told = json.loads(store.read("site/status/written.json"))
        assert told == {"written": "2026-11-29T20:06:00Z", "live": f"{boards.URL}/status"}


def _summary(board: Board) -> bytes:
    made = Printed(board).get("api/v2/summary.json")
    assert made is not None
    return made.body


async def test_a_dead_bucket_costs_only_itself(tmp_path: Path) -> None:
    desk = Desk()
    dead = Export(
        folder=str(tmp_path / "copy"),
        bucket="status",
        endpoint=f"http://127.0.0.1:{free_port()}",
        access_key=KEY,
        secret_key=KEY,
    )
    exporter = desk.exporter(*shelves_of(dead))
    folder, bucket = exporter.kept
    task = asyncio.create_task(exporter.run())
    try:
        await until(lambda: folder.written_utc_us and bucket.failures)
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert (folder.failures, bucket.written_utc_us, bucket.files) == (0, 0, 0)
    registry = CollectorRegistry()
    registry.register(ExportCollector(exporter))
    failed = "rostra_watch_export_failures_total"
    assert registry.get_sample_value(failed, {"shelf": "bucket"}) == bucket.failures
    whole = "rostra_watch_export_timestamp_seconds"
    assert registry.get_sample_value(whole, {"shelf": "folder"}) == boards.NOW / 1e6


async def test_a_shelf_that_comes_back_gets_what_it_missed() -> None:
    desk, shelf = Desk(), Memory(failures=1)
    exporter = desk.exporter(shelf)
    task = asyncio.create_task(exporter.run())
    (kept,) = exporter.kept
    try:
        await until(lambda: kept.written_utc_us)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert (kept.failures, kept.failed_in_a_row) == (1, 0)
    assert shelf.files["status/api/v2/summary.json"].body == _summary(desk.board)
    assert len(shelf.order) == len(set(shelf.order)), "nothing was written twice"


async def test_a_shelf_is_left_alone_ever_longer_up_to_a_limit() -> None:
    kept = Kept(Memory())
    waits = []
    for deaths in (1, 2, 3, 7, 1_000):
        kept.failed_in_a_row = deaths
        waits.append(kept.delay_s)
    assert waits == [1.0, 2.0, 4.0, DELAY_S_MAX, DELAY_S_MAX]


async def test_a_changed_incident_is_written_at_once() -> None:
    desk, shelf = Desk(board=boards.calm()), Memory()
    exporter = desk.exporter(shelf)
    task = asyncio.create_task(exporter.run())
    try:
        await until(lambda: exporter.kept[0].written_utc_us)
        desk.board = boards.alarm()
        path = "status/api/v2/summary.json"
        await until(lambda: shelf.files[path].body == _summary(desk.board))
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_what_readers_begin_with_comes_last_and_few_files_go_at_a_time() -> None:
    shelf = Memory()
    exporter = Desk().exporter(shelf)
    await exporter.write(exporter.kept[0])
    assert shelf.order[-3:] == ["status/index.html", "status/es/index.html", "status/written.json"]
    assert 1 < shelf.most <= PARALLEL_MAX


async def test_pages_that_cannot_be_drawn_leave_the_api_alive() -> None:
    desk, shelf = Desk(broken=True), Memory()
    exporter = desk.exporter(shelf)
    with capture_logs() as said:
        await exporter.write(exporter.kept[0])
    assert {one["event"] for one in said} == {"the copy's pages could not be drawn"}
    assert "status/api/v2/summary.json" in shelf.files
    assert "status/index.html" not in shelf.files
    desk.broken, desk.board = False, boards.calm()
    await exporter.write(exporter.kept[0])
    assert "All Systems Operational" in shelf.files["status/index.html"].body.decode()


def whole_pages(copy: Path) -> int:
    """How many there are; each has one note, and its links to its neighbours lead to files."""
    pages = sorted(copy.rglob("*.html"))
    for page in pages:
        text = page.read_text()
        assert text.count("data-written=") == 1
        for link in re.findall(r'href="(\.[^"#]+)', text):
            assert (page.parent / link).is_file(), (page, link)
    return len(pages)


async def test_the_pages_themselves_are_copied_with_links_that_lead_somewhere(
    tmp_path: Path,
) -> None:
    desk = Desk()
    site = Site(desk, lambda: desk.board, desk.chart)
    exporter = Exporter(source_of(site), [Folder(tmp_path)], desk)
    await exporter.write(exporter.kept[0])
    pages = whole_pages(tmp_path)
    assert pages == 1 + 2 * (3 + len(desk.board.components) + len(desk.board.incidents))
    assert "Live sound" in (tmp_path / "status/es/incidents/in-open.html").read_text()


def test_a_built_file_that_is_too_large_or_gone_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "status.js").write_bytes(bytes(BUILT_BYTES_MAX + 1))
    (tmp_path / "status.css").write_text("body {}")
    found = built_files(tmp_path, ("status.js", "status.css", "gone.js"))
    assert found == [("status.css", b"body {}")]
    assert built_files(None, ("status.js",)) == built_files(tmp_path / "none", ("a",)) == []


async def test_a_reader_of_the_folder_sees_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    shelf = Folder(tmp_path)
    bodies = [bytes([48 + one]) * 300_000 for one in range(2)]
    seen: set[bytes] = set()
    stop = threading.Event()
    await shelf.write(File("status/board.json", bodies[0], "", "m"))
    target = tmp_path / "status/board.json"

    def look() -> None:
        while not stop.is_set():
            seen.add(target.read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    for turn in range(40):
        await shelf.write(File("status/board.json", bodies[turn % 2], "", "m"))
    stop.set()
    reader.join()
    assert seen <= set(bodies)
    assert stat.S_IMODE(target.stat().st_mode) == 0o644, "a web server has another name"
    assert [one.name for one in target.parent.iterdir()] == ["board.json"], "no piece stays"


@pytest.mark.parametrize("path", ["../up.json", "/etc/up.json", "status/../../up.json"])
async def test_no_file_leaves_its_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(HouseError, match="outside of"):
        await Folder(tmp_path / "copy").write(File(path, b"", "", "m"))


async def test_a_folder_that_takes_nothing_says_why(tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("a file where the folder should be")
    with pytest.raises(HouseError, match=r"does not take status/index\.html: Not a directory"):
        await Folder(tmp_path / "copy").write(File("status/index.html", b"", "", "m"))


async def test_a_bucket_says_shortly_why_and_keeps_its_secret() -> None:
    options = Export(
        bucket="status",
        endpoint=f"http://127.0.0.1:{free_port()}",
        access_key="the-key",
        secret_key="the-secret",  # noqa: S106 - of this test
    )
    (shelf,) = shelves_of(options)
    with pytest.raises(HouseError) as caught:
        await shelf.write(File("status/index.html", b"", "text/html", "m"))
    assert caught.value.sentence.startswith("The bucket status does not take status/index.html: ")
    assert len(caught.value.sentence) < REASON_CHARS_MAX + 80
    assert "the-secret" not in caught.value.sentence


def test_nothing_configured_is_nothing_written() -> None:
    assert shelves_of(Export()) == []
