"""The desk as a process of its own, on a real socket, with no backbone anywhere."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from tests.house import free_block

from rostra.app.accounts import create_user
from rostra.app.config import Settings
from rostra.app.desk import CONNECTIONS_MAX, desk_key
from rostra.app.secrets import bootstrap, operator_token
from rostra.domain.errors import HouseError
from rostra.store.opening import open_store

READY_S = 20.0
"""Generous for a loaded machine; the budget of 2.5 s is measured, not asserted, here."""

CODE = """
import sys
from pathlib import Path
from rostra.app.config import Settings
from rostra.app.desk import run
from rostra.domain.errors import HouseError
try:
    sys.exit(run(Settings(data=Path(sys.argv[1]), port=int(sys.argv[2]))))
except HouseError as error:
    sys.exit(error.sentence)
"""


def started(settings: Settings) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-c", CODE, str(settings.data), str(settings.port)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(argv, env=environ, stderr=subprocess.PIPE)


def wait_ready(base: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{base}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            continue
    process.kill()
    pytest.fail(f"the desk did not start: {process.communicate()[1].decode()}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(data=tmp_path / "data", port=free_block())
    bootstrap(chosen)
    return chosen


@pytest.fixture
def desk(settings: Settings) -> Iterator[str]:
    base = f"http://127.0.0.1:{settings.desk_port}"
    process = started(settings)
    try:
        wait_ready(base, process)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=10)[1].decode()
    assert process.returncode == 0, log
    assert "Traceback" not in log, log
    assert operator_token(settings) not in log


def test_a_desk_without_backbone_serves_plans_and_makes_its_owner(
    desk: str, settings: Settings
) -> None:
    link = settings.secrets / "owner.url"
    assert link.stat().st_mode & 0o777 == 0o600
    token = link.read_text().strip().removeprefix(f"{settings.origin}/owner/")
    with httpx.Client(base_url=desk, headers={"origin": desk}) as browser:
        body = {"token": token, "name": "Owner", "password": "correct horse"}
        assert browser.post("/api/v1/accounts", json=body).status_code == 201
        assert browser.get("/api/v1/me").json()["account"]["role"] == "owner"
        assert not link.exists()
        made = browser.post("/api/v1/spaces", json={"title": "T", "at": "now"})
        assert made.status_code == 201
        answer = browser.post(f"/api/v1/spaces/{made.json()['id']}/start")
        assert answer.status_code == 503
        assert "No studio can be reached" in answer.json()["error"]["sentence"]


def test_a_user_made_at_the_machine_logs_in_at_the_running_desk(
    desk: str, settings: Settings
) -> None:
    create_user(settings, "Ada", "correct horse", owner=True)
    assert not (settings.secrets / "owner.url").exists()
    body = {"name": "ada", "password": "correct horse"}
    assert httpx.post(f"{desk}/api/v1/session", json=body).status_code == 204


def test_the_front_doors_word_decides_scheme_and_address(desk: str, settings: Settings) -> None:
    create_user(settings, "Ada", "correct horse", owner=False)
    body = {"name": "ada", "password": "correct horse"}
    headers = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"}
    answer = httpx.post(f"{desk}/api/v1/session", json=body, headers=headers)
    assert "Secure" in answer.headers["set-cookie"]
    assert httpx.get(f"{desk}/metrics", headers=headers).status_code == 404


def test_what_is_no_http_disturbs_nobody(desk: str) -> None:
    port = int(desk.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as rude:
        rude.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert rude.recv(100).startswith(b"HTTP/1.1 400")
    assert httpx.get(f"{desk}/healthz").status_code == 200


def test_more_connections_than_named_are_told_so(desk: str) -> None:
    port = int(desk.rpartition(":")[2])
    with ExitStack() as held:
        for _ in range(CONNECTIONS_MAX):
            one = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            one.sendall(b"GET /api/v1/me HTTP/1.1\r\nHost: a\r\n")
        statuses = {httpx.get(f"{desk}/api/v1/me").status_code for _ in range(3)}
        assert statuses == {503}
    until = time.monotonic() + 5
    while httpx.get(f"{desk}/healthz").status_code != 200:
        assert time.monotonic() < until


def test_a_port_in_use_is_one_sentence(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.desk_port))
        other.listen()
        process = started(settings)
        words = process.communicate(timeout=READY_S)[1].decode()
    assert process.returncode == 1
    assert words.splitlines()[-1].startswith(f"Port {settings.desk_port} on 127.0.0.1 cannot")


def test_a_restart_keeps_the_owners_link(settings: Settings) -> None:
    base = f"http://127.0.0.1:{settings.desk_port}"
    links = []
    for _ in range(2):
        process = started(settings)
        wait_ready(base, process)
        links.append((settings.secrets / "owner.url").read_text())
        process.terminate()
        process.communicate(timeout=10)
    assert links[0] == links[1]
    store = open_store("", settings.data)
    assert not store.accounts.has_owner()
    store.close()


def test_a_key_that_is_none_or_absent_is_one_sentence(settings: Settings) -> None:
    assert desk_key(settings.secrets)
    (settings.secrets / "desk.key").write_text("no key")
    with pytest.raises(HouseError, match="cannot be used"):
        desk_key(settings.secrets)
    (settings.secrets / "desk.key").unlink()
    with pytest.raises(HouseError, match="cannot be used"):
        desk_key(settings.secrets)


def test_a_word_to_end_that_comes_while_it_starts_is_heard(settings: Settings) -> None:
    process = started(settings)
    while not catches(process.pid, signal.SIGTERM):
        assert process.poll() is None
    process.terminate()
    _, words = process.communicate(timeout=READY_S)
    assert process.returncode in {0, -signal.SIGTERM}, words.decode()
    assert b"Traceback" not in words


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler of its own for a signal (proc(5), SigCgt)."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(int(row.split()[1], 16) for row in rows if row.startswith("SigCgt"))
    return bool(caught >> (number - 1) & 1)
