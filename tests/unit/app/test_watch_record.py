"""How a watch is known again: by its process, its settings and its files."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from rostra.app.config import Edge, Settings
from rostra.app.house_state import began_at
from rostra.app.locks import only_one
from rostra.app.secrets import bootstrap_watch
from rostra.app.watch_options import Mail, Watch
from rostra.app.watch_record import OF_HOUSE, fits, own_record, read_record, record_path, told
from rostra.domain.errors import HouseError

WORD = "correct-horse"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=tmp_path)
    bootstrap_watch(made)
    return made


def test_a_watch_is_found_while_it_lives_and_not_after(settings: Settings) -> None:
    assert read_record(settings) is None
    with told(settings):
        found = read_record(settings)
        assert found is not None
        assert (found.pid, found.port, found.of_house) == (os.getpid(), 8_100, False)
        assert fits(found, settings)
        dead = msgspec.structs.replace(found, started=found.started - 1)
        record_path(settings).write_bytes(msgspec.json.encode(dead))
        assert read_record(settings) is None, "another process has its number by now"
    assert not record_path(settings).exists()


def test_a_process_that_ended_and_was_not_asked_for_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert began_at(child.pid) > 0
    assert child.stdin is not None
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert began_at(child.pid) == -1
    child.stdin.close()
    child.wait()


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"\xff", b'{"pid": "x"}'])
def test_a_record_that_does_not_read_is_none(settings: Settings, text: bytes) -> None:
    record_path(settings).write_bytes(text)
    assert read_record(settings) is None


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ({}, True),
        ({"edge": Edge(count=3, ticks=(1,))}, True),
        ({"edge": Edge(proxies=("203.0.113.0/24",))}, False),
        ({"port": 9_000}, False),
        ({"watch": Watch(name="Other")}, False),
        ({"watch": Watch(mail=Mail(user="other"))}, False),
    ],
)
def test_other_settings_make_it_another_watch(
    settings: Settings,
    given: dict[str, object],
    same: bool,  # noqa: FBT001 - what is expected
) -> None:
    record = own_record(settings)
    assert fits(record, settings.model_copy(update=given)) is same
    other = msgspec.structs.replace(record, version="0.0.0+0")
    assert not fits(other, settings), "an upgrade starts it anew"


def test_no_word_of_the_settings_stands_in_the_record(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OF_HOUSE, "1")
    own = settings.model_copy(update={"watch": Watch(mail=Mail(password=WORD))})
    assert own_record(own).of_house
    assert WORD.encode() not in msgspec.json.encode(own_record(own))
    assert WORD not in repr(own)


def test_the_lock_names_who_has_it(tmp_path: Path, settings: Settings) -> None:
    with only_one("A watch", settings.data, "watch"):
        expected = rf"A watch already runs on {tmp_path} \(process {os.getpid()}\)\. Stop it"
        with pytest.raises(HouseError, match=expected), only_one("A watch", tmp_path, "watch"):
            pass
    with only_one("A watch", settings.data, "watch"):
        pass
