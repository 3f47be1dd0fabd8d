"""How a house ends at any moment, what it cannot begin with, and each role started alone."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from tests.house import MARK, ROOT, House, free_block, until

from rostra.app.config import Settings

pytestmark = pytest.mark.house

END_S_MAX = 5.0
ROLE_METRICS = {
    "studio": "rostra_listening",
    "desk": "rostra_desk_requests_total",
    "edge": "rostra_edge_listeners",
}
SECRETS_OF = {
    "studio": ["nats-studio.json", "studio.key", "desk.pub"],
    "desk": ["nats-desk.json", "desk.key", "listening.key", "operator.token"],
    "edge": ["nats-edge.json", "listening.key"],
}


def gone(house: House) -> bool:
    return house.everyone() == set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_five_seconds(own_house: House, number: signal.Signals) -> None:
    own_house.start()
    began = time.monotonic()
    assert own_house.stop(number) == 0
    assert time.monotonic() - began <= END_S_MAX
    assert gone(own_house)


IGNORING = 'trap \'\' INT; exec "$0" "$@"'


def test_who_starts_it_in_the_background_ends_it_all_the_same(
    house_behind: Callable[..., House],
) -> None:
    """A shell without job control has what it starts in the background ignore Ctrl-C."""
    one = house_behind("sh", "-c", IGNORING)
    one.start()
    assert one.stop(signal.SIGINT) == 0


def test_a_terminal_that_closes_ends_it_unless_it_was_told_to_stay(
    house_behind: Callable[..., House],
) -> None:
    one = house_behind("nohup")
    one.start()
    assert one.process is not None
    one.process.send_signal(signal.SIGHUP)
    one.process.send_signal(signal.SIGCONT)
    until(lambda: all(row["healthy"] for row in one.ps()))
    assert one.process.poll() is None
    assert one.stop(signal.SIGTERM) == 0


@pytest.fixture
def terminal() -> Iterator[None]:
    """What is started hears SIGHUP, also where these tests run behind `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("terminal")
def test_a_terminal_that_closes_ends_it(own_house: House) -> None:
    own_house.start()
    assert own_house.stop(signal.SIGHUP) == 0
    assert gone(own_house)


def test_ctrl_c_twice_leaves_nothing_behind(own_house: House) -> None:
    own_house.start()
    assert own_house.process is not None
    began = time.monotonic()
    own_house.process.send_signal(signal.SIGINT)
    own_house.process.send_signal(signal.SIGINT)
    own_house.process.wait(END_S_MAX)
    until(lambda: gone(own_house), END_S_MAX - (time.monotonic() - began))
    assert "Traceback" not in own_house.log()


def test_ctrl_c_while_modules_load_ends_it(own_house: House) -> None:
    own_house.launch()
    assert own_house.process is not None
    running = psutil.Process(own_house.process.pid)
    until(lambda: any("/site-packages/" in m.path for m in running.memory_maps()))
    own_house.process.send_signal(signal.SIGINT)
    assert own_house.process.wait(END_S_MAX) == 1
    assert own_house.log() == "Stopped.\n"
    assert gone(own_house)


def test_ctrl_c_that_meets_a_destructor_is_not_lost() -> None:
    program = """
import os, signal
from rostra.app.loading import ends_at_once
class Late:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
with ends_at_once():
    Late()
print("went on")
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Stopped.\n")


@pytest.mark.parametrize("children", [1, 3, 5])
def test_ctrl_c_while_it_starts_leaves_nothing_behind(own_house: House, children: int) -> None:
    own_house.launch()
    assert own_house.process is not None
    until(lambda: len(own_house.everyone()) > children)
    began = time.monotonic()
    own_house.process.send_signal(signal.SIGINT)
    own_house.process.wait(END_S_MAX)
    until(lambda: gone(own_house), END_S_MAX - (time.monotonic() - began))
    assert "Traceback" not in own_house.log()


def test_a_folder_that_cannot_be_written_is_one_sentence(own_house: House) -> None:
    own_house.data.write_text("a file where the folder should be")
    done = own_house.cli("serve", "--port", str(own_house.port))
    assert done.returncode == 1
    assert done.stderr.strip().count("\n") == 0, done.stderr
    assert str(own_house.data) in done.stderr
    assert gone(own_house)


def test_every_process_tells_its_health_and_its_figures(house: House) -> None:
    own = Settings(port=house.port)
    with httpx.Client() as http:
        ports = (own.studio_port, own.desk_port, own.frontdoor_port, own.edge_admin_port(0))
        for port in (*ports, own.house_port):
            assert http.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
            assert "# TYPE" in http.get(f"http://127.0.0.1:{port}/metrics").text
        assert http.get(f"http://127.0.0.1:{own.nats_health_port}/healthz").status_code == 200


def test_the_house_tells_of_all_its_processes_and_of_the_backbone(own_house: House) -> None:
    own_house.start()
    base = f"http://127.0.0.1:{Settings(port=own_house.port).house_port}"
    with httpx.Client(base_url=base) as http:
        figures = figures_of(http.get("/metrics").text)
        assert figures['rostra_process_up{role="studio"}'] == 1
        assert figures['rostra_process_restarts_total{role="edge-1"}'] == 0
        assert figures["rostra_backbone_connections"] >= 4, "studio, desk, two edges"
        assert figures["rostra_backbone_memory_bytes"] > 1_000_000
        nats = next(row["pid"] for row in own_house.ps() if row["role"] == "nats")
        os.kill(nats, signal.SIGKILL)
        again = 'rostra_process_restarts_total{role="nats"}'
        until(lambda: figures_of(http.get("/metrics").text)[again] == 1)
        until(lambda: http.get("/healthz").status_code == 200)


def figures_of(text: str) -> dict[str, float]:
    """Every sample of an exposition, by its name with labels."""
    rows = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in rows}


@pytest.mark.parametrize("role", list(ROLE_METRICS))
def test_a_role_starts_alone_against_the_backbone_of_a_house(
    own_house: House, role: str, tmp_path: Path
) -> None:
    own_house.start()
    secrets = tmp_path / "data" / "secrets"
    secrets.mkdir(parents=True)
    for name in SECRETS_OF[role]:  # as an operator copies them to another machine
        shutil.copy(own_house.data / "secrets" / name, secrets)
    own = Settings(port=free_block())
    port = {
        "studio": own.studio_port,
        "desk": own.desk_port,
        "edge": own.edge_admin_port(0),
    }[role]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "ROSTRA_NATS__URL": Settings(port=own_house.port).nats_url,
        "ROSTRA_LOG": "json",
        MARK: str(tmp_path),
    }
    command = [sys.executable, "-m", "rostra", role, "--port", str(own.port)]
    log = tmp_path / "role.log"
    with log.open("w") as stderr:
        alone = subprocess.Popen(
            [*command, "--data", "data"], env=environment, stderr=stderr, cwd=tmp_path
        )
    try:
        until(lambda: alone.poll() is None and healthy(port))
        assert ROLE_METRICS[role] in httpx.get(f"http://127.0.0.1:{port}/metrics").text
        family = {child.pid for child in psutil.Process(alone.pid).children(recursive=True)}
        alone.send_signal(signal.SIGINT)
        assert alone.wait(END_S_MAX) == 0
        until(lambda: not any(psutil.pid_exists(pid) for pid in family), END_S_MAX)
        assert "Traceback" not in log.read_text()
        same = [name for name in SECRETS_OF[role] if not name.startswith("nats")]
        for name in same:
            mine = (secrets / name).read_bytes()
            assert mine == (own_house.data / "secrets" / name).read_bytes()
    finally:
        if alone.poll() is None:
            alone.kill()
            alone.wait()


def healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        return False
