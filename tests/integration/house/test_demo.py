"""`rostra demo`, as `make run` starts it: something is heard at once, and its end is an end."""

import json
import os
import signal
from collections.abc import Iterator

import httpx
import pytest
from tests.house import House, until

pytestmark = pytest.mark.house

DEMO_LINE = "Listen to the demo:  "


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    one = House(tmp_path_factory.mktemp("demo"), command="demo")
    one.start(DEMO_LINE)
    yield one
    one.stop()


def listen_url(house: House) -> str:
    return next(
        line.removeprefix(DEMO_LINE) for line in house.printed if line.startswith(DEMO_LINE)
    )


def speakers(house: House) -> list[int]:
    return [row["pid"] for row in house.ps() if row["role"] == "speaker"]


def test_two_voices_are_heard_and_come_back(demo: House) -> None:
    heard = json.loads(demo.cli("listen", listen_url(demo), "--json", data=False).stdout)
    assert heard["gaps"] == 0
    assert heard["heard_s"] > 5
    first = until(lambda: pids if all(pids := speakers(demo)) else [])
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    until(lambda: all(pids := speakers(demo)) and pids[0] != first[0])


def test_a_demo_that_was_ended_is_not_spoken_into_for_ever(demo: House) -> None:
    space = listen_url(demo).rsplit("/", 1)[1]
    state = f"http://127.0.0.1:{demo.port + 1}/live/{space}/state.json"
    until(lambda: sum(one["here"] for one in httpx.get(state).json()["stage"]) == 2)
    until(lambda: demo.cli("space", "end", space).returncode == 0)
    until(lambda: not any(speakers(demo)))
    assert demo.log().count("speaker has done its work") == 2
    assert "speaker ended" not in demo.log()


def test_a_proxy_of_the_environment_is_passed_by(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there
    one = House(tmp_path_factory.mktemp("proxy"), command="demo")
    try:
        one.start(DEMO_LINE)
        assert one.create_space("Straight").id
        until(lambda: all(speakers(one)) and len(speakers(one)) == 2)
        heard = json.loads(one.cli("listen", listen_url(one), "--json", data=False).stdout)
        assert heard["heard_s"] > 5
    finally:
        assert one.stop() == 0
