"""The house's keeper of the watch: what it finds, what it starts anew, and what it leaves alone."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import structlog
from tests.house import ROOT, free_block
from tests.until import until

from rostra.app import watch_keeper
from rostra.app.config import Settings
from rostra.app.house_state import began_at
from rostra.app.secrets import bootstrap_watch
from rostra.app.watch_keeper import SAID_BYTES_MAX, WatchKeeper
from rostra.app.watch_options import Watch
from rostra.app.watch_record import OF_HOUSE, own_record, record_path

SMALL = ROOT / "tests" / "fakes" / "small_watch.py"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=tmp_path, port=free_block())
    bootstrap_watch(made)
    return made


def fake_of(settings: Settings) -> tuple[str, ...]:
    """The command line of a small watch that says of itself what a real one would."""
    record = msgspec.json.encode(own_record(settings)).decode()
    port = str(settings.watch_health_port)
    return (sys.executable, "-S", str(SMALL), str(record_path(settings)), port, record)


@pytest.fixture
async def keeper(settings: Settings) -> AsyncIterator[WatchKeeper]:
    made = WatchKeeper(settings, fake_of(settings))
    yield made
    await made.end()


@pytest.fixture
def other() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Watches that somebody else started."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for one in started:
        if one.poll() is None:
            one.kill()
        one.wait()


async def begun(
    settings: Settings, other: list[subprocess.Popen[bytes]], *, of_house: bool
) -> subprocess.Popen[bytes]:
    """A watch that runs already."""
    other.append(launched(settings, "1" if of_house else ""))
    await until(record_path(settings).exists)
    return other[-1]


def launched(settings: Settings, of_house: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(fake_of(settings), env={**os.environ, OF_HOUSE: of_house})


async def test_one_that_dies_is_started_again_and_ends_with_the_house(keeper: WatchKeeper) -> None:
    keeper.start()
    await until(lambda: keeper.healthy)
    first = keeper.state
    assert os.getsid(first.pid) == first.pid
    with structlog.testing.capture_logs() as lines:
        os.kill(first.pid, signal.SIGKILL)
        await until(lambda: keeper.restarts == 1 and keeper.state.healthy)
    assert "the watch ended (signal 9); it is started again" in [one["event"] for one in lines]
    second = keeper.state.pid
    assert second != first.pid
    await keeper.end()
    assert began_at(second) == -1
    assert keeper.state.pid == 0


async def test_one_that_an_earlier_house_started_is_kept_and_ends_with_this_one(
    settings: Settings, keeper: WatchKeeper, other: list[subprocess.Popen[bytes]]
) -> None:
    before = await begun(settings, other, of_house=True)
    keeper.start()
    await until(lambda: keeper.healthy)
    assert (keeper.state.pid, keeper.restarts) == (before.pid, 0)
    await keeper.leave()
    assert before.poll() is None, "a house that fails leaves it"
    await keeper.end()
    assert before.wait() == 0


async def test_one_with_other_settings_is_asked_to_end_and_started_anew(
    settings: Settings, keeper: WatchKeeper, other: list[subprocess.Popen[bytes]]
) -> None:
    old = settings.model_copy(update={"watch": Watch(name="Other")})
    before = await begun(old, other, of_house=True)
    keeper.start()
    await until(lambda: keeper.healthy)
    assert before.wait() == 0
    assert keeper.state.pid != before.pid


async def test_one_that_somebody_else_started_is_kept_as_it_is_and_never_ended(
    settings: Settings, keeper: WatchKeeper, other: list[subprocess.Popen[bytes]]
) -> None:
    theirs = settings.model_copy(update={"watch": Watch(name="Other")})
    before = await begun(theirs, other, of_house=False)
    keeper.start()
    await until(lambda: keeper.healthy)
    assert keeper.state.pid == before.pid
    await keeper.end()
    assert before.poll() is None


async def test_one_that_does_not_end_when_asked_is_made_to(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_keeper, "PATIENCE_S", 0.1)
    keeper = WatchKeeper(settings, (*fake_of(settings), "deaf"))
    keeper.start()
    await until(lambda: keeper.healthy)
    pid = keeper.state.pid
    with structlog.testing.capture_logs() as lines:
        await keeper.end()
    assert [one["event"] for one in lines] == ["did not end when asked, so it was made to"]
    assert began_at(pid) == -1


async def test_one_that_cannot_begin_has_its_last_words_in_the_houses_log(
    settings: Settings,
) -> None:
    words = "x" * SAID_BYTES_MAX + " beyond what is read"
    command = f"import sys; sys.exit('{words}')"
    keeper = WatchKeeper(settings, (sys.executable, "-S", "-c", command))
    with structlog.testing.capture_logs() as lines:
        keeper.start()
        await until(lambda: keeper.restarts)
        await keeper.end()
    said = str(lines[0]["event"])
    assert said.startswith("the watch ended (exit code 1: xxx")
    assert "beyond" not in said
    assert not keeper.state.healthy


async def test_a_program_that_is_not_there_is_tried_again(settings: Settings) -> None:
    keeper = WatchKeeper(settings, ("/nowhere/python",))
    with structlog.testing.capture_logs() as lines:
        keeper.start()
        await until(lambda: keeper.restarts > 1)
        await keeper.end()
    assert "it cannot be started: No such file or directory" in str(lines[0]["event"])
