"""The watch beside a house: started by it, outliving it, adopted by the next one, ended with it."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.house import House, until

from rostra.app.config import Settings
from rostra.app.house_state import began_at
from rostra.app.watch_record import read_record

pytestmark = pytest.mark.house


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[House]:
    """A house with a watch; whatever a test leaves of both ends with it."""
    one = House(tmp_path, edges=1, watch=True)
    yield one
    one.clear()


def test_it_outlives_the_house_and_the_next_house_adopts_it(watched: House) -> None:
    watched.start("Status page: ")
    assert watched.printed[-1] == f"Status page:  {page_of(watched)}/status"
    first = until(lambda: well(watched))
    assert os.getsid(first) == first, "it has a session of its own"

    kill_all_but(watched, first)
    assert answer(f"{page_of(watched)}/").status_code == 307, "the house is dead, its page is not"
    alone = watched.cli("ps", "--json")
    assert alone.returncode == 3
    assert alone.stderr.startswith("Its watch is alone. No house runs on")
    (row,) = json.loads(alone.stdout)
    assert (row["role"], row["pid"], row["healthy"]) == ("watch", first, True)

    watched.start()
    until(lambda: "the watch runs already and is kept" in watched.log())
    row = next(row for row in watched.ps() if row["role"] == "watch")
    assert (row["pid"], row["restarts"]) == (first, 0)
    assert row["address"] == f"{page_of(watched)}/status"
    front = answer(f"{watched.origin}/status/nothing")
    assert front.status_code == 404, "the front door leads to it"

    assert watched.stop(signal.SIGINT) == 0
    assert began_at(first) == -1
    assert watched.everyone() == set()
    assert not (watched.data / "run" / "watch.json").exists()
    kept = (watched.data / "log" / "watch.log").read_text()
    assert kept.count("the watch is open") == 1
    assert "Traceback" not in kept + watched.log()


def test_a_watch_that_is_away_is_said_in_words(house: House) -> None:
    """The shared house has none."""
    spanish = answer(f"{house.origin}/status", **{"Accept-Language": "es"})
    assert spanish.status_code == 503
    assert "Quien vigila esta casa no responde" in spanish.text
    assert "The watch of this house does not answer" in answer(f"{house.origin}/status/x").text
    told = answer(f"{house.origin}/status/api/v2/summary.json")
    assert (told.status_code, told.headers["retry-after"]) == (503, "5")
    assert told.json()["error"]["sentence"].startswith("The watch does not answer.")


def page_of(house: House) -> str:
    return f"http://localhost:{house.port + 100}"


def answer(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False, timeout=10)


def well(house: House) -> int:
    """The process of a watch that is well, or 0."""
    record = read_record(Settings(data=house.data))
    with contextlib.suppress(httpx.TransportError):
        if record is not None:
            health = answer(f"http://127.0.0.1:{record.health_port}/healthz")
            return record.pid if health.status_code == 200 else 0
    return 0


def kill_all_but(house: House, kept: int) -> None:
    """Kill the house and everything that it started, each by its id, but for one."""
    assert house.process is not None
    house.process.kill()
    house.process.wait()
    for pid in house.everyone() - {kept}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: house.everyone() == {kept})
    assert house.process.stdout is not None
    house.process.stdout.close()
