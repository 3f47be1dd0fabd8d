"""`rostra watch` alone: it needs no house, begins soon, ends cleanly, and says why it cannot."""

import re
import resource
import signal
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.integration.watch.process import WatchProcess

from rostra.app.config import Settings
from rostra.app.watch import run
from rostra.domain.errors import HouseError

HEAVY = ("nats", "aiortc")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchProcess]:
    made = WatchProcess(tmp_path_factory.mktemp("watch"), PYTHONPROFILEIMPORTTIME="1")
    began_s = time.monotonic()
    made.start()
    took_s = time.monotonic() - began_s
    print(f"a watch begins in {took_s:.2f} s")  # noqa: T201 - a figure
    yield made
    assert made.stop(signal.SIGINT) == 0
    assert not (made.data / "run" / "watch.json").exists()
    assert "Traceback" not in made.log_path.read_text()


def test_it_answers_on_its_own_port_and_leads_to_the_page(alone: WatchProcess) -> None:
    found = httpx.get(alone.page, trust_env=False)
    assert (found.status_code, found.headers["location"]) == (307, "/status")
    assert "server" not in found.headers


def test_health_and_figures_are_told_on_loopback_alone(alone: WatchProcess) -> None:
    httpx.get(alone.page, trust_env=False)
    figures = httpx.get(f"{alone.inside}/metrics", trust_env=False).text
    assert "rostra_watch_requests_total{" in figures
    assert "rostra_watch_board_timestamp_seconds" in figures
    for part, doing in (("engine", "look"), ("outbox", "store")):
        assert f'rostra_watch_faults_total{{doing="{doing}",part="{part}"}} 0.0' in figures
    assert 'rostra_watch_letters_total{channel="webhook",outcome="sent"} 0.0' in figures
    assert httpx.get(f"{alone.page}/metrics", trust_env=False).status_code == 404
    assert httpx.get(f"{alone.page}/healthz", trust_env=False).status_code == 404


def test_what_it_keeps_is_for_its_user_alone(alone: WatchProcess) -> None:
    for name in ("watch.sqlite3", "secrets/watch.token", "run/watch.json"):
        assert stat.S_IMODE((alone.data / name).stat().st_mode) == 0o600
    assert alone.record()["pid"] == alone.process.pid if alone.process else False


@pytest.fixture
def signals_kept() -> Iterator[None]:
    """A watch that is begun within the tests' process takes its signals; they come back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_kept")
def test_a_second_one_on_its_folder_is_refused_in_a_sentence(alone: WatchProcess) -> None:
    pid = alone.record()["pid"]
    wanted = re.escape(f"A watch already runs on {alone.data} (process {pid}). Stop it")
    with pytest.raises(HouseError, match=wanted):
        run(Settings(data=alone.data, port=alone.port))


@pytest.mark.usefixtures("signals_kept")
def test_a_port_that_is_taken_is_a_sentence(alone: WatchProcess, tmp_path: Path) -> None:
    with pytest.raises(HouseError, match=f"Port {alone.port + 100} on 0.0.0.0 for the watch"):
        run(Settings(data=tmp_path, port=alone.port))


@pytest.mark.usefixtures("signals_kept")
def test_a_store_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "watch.sqlite3").mkdir()
    with pytest.raises(HouseError, match=r"The watch's database .* cannot be opened"):
        run(Settings(data=tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(HouseError, match="a file is in its way"):
        run(Settings(data=tmp_path / "file"))


def test_it_loads_nothing_that_it_does_not_need(alone: WatchProcess) -> None:
    lines = alone.log_path.read_text().splitlines()
    modules = {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}
    assert "rostra.app.watch_parts" in modules
    assert {name.partition(".")[0] for name in modules}.isdisjoint(HEAVY)


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit(2) is Linux's")
def test_a_disk_that_takes_nothing_more_leaves_the_page(alone: WatchProcess) -> None:
    """A limit on files' size refuses every write, as a full disk does; the last of these tests."""
    assert alone.process is not None
    before = httpx.get(f"{alone.page}/status", trust_env=False).status_code
    resource.prlimit(alone.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    assert httpx.get(f"{alone.page}/status", trust_env=False).status_code == before
    assert httpx.get(f"{alone.inside}/healthz", trust_env=False).status_code == 200
