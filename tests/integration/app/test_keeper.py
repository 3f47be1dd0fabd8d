"""One child of the house: started, started again, done, or not startable at all."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.house import until

from rostra.app.children import Child
from rostra.app.keeper import Keeper

WAIT_S = 10.0


async def waited(keeper: Keeper, restarts: int) -> None:
    async with asyncio.timeout(WAIT_S):
        while keeper.restarts < restarts:  # noqa: ASYNC110 - a counter for people
            await asyncio.sleep(0.01)


async def test_a_program_that_is_missing_for_a_moment_is_found_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "program"
    keeper = Keeper(Child("studio", (str(program),), "nowhere"))
    keeper.start()
    await waited(keeper, 2)
    assert keeper.state.pid == 0
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o700)
    async with asyncio.timeout(WAIT_S):
        while not keeper.state.pid:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    await keeper.end(1.0)
    assert "studio ended (it cannot be started: No such file" in capsys.readouterr().out


async def test_who_is_to_run_once_is_done_with_zero_and_only_with_zero(tmp_path: Path) -> None:
    log = tmp_path / "lives"
    life = f"echo life >> {log}; test $(wc -l < {log}) -ge 3"
    keeper = Keeper(Child("speaker", ("/bin/sh", "-c", life), "nowhere", once=True))
    keeper.start()
    await waited(keeper, 2)
    assert keeper._task is not None
    async with asyncio.timeout(WAIT_S):
        await keeper._task
    assert log.read_text().count("life") == 3
    assert keeper.restarts == 2
    await keeper.end(1.0)


async def test_who_is_to_run_for_ever_is_started_again_after_zero_too() -> None:
    keeper = Keeper(Child("desk", ("/bin/true",), "nowhere"))
    keeper.start()
    await waited(keeper, 2)
    await keeper.end(1.0)


def test_a_child_whose_parent_is_gone_already_ends_by_itself(tmp_path: Path) -> None:
    mark = tmp_path / "lives"
    program = f"""
import os, time
from rostra.app.parents import die_with
parent = os.getpid()
if os.fork() == 0:
    while os.getppid() == parent:
        time.sleep(0.001)
    die_with(parent)
    open({str(mark)!r}, "w").close()
os._exit(0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, timeout=WAIT_S, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


def test_a_child_gets_the_end_of_its_parent(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    program = f"""
import os, time
from pathlib import Path
from rostra.app.parents import die_with
parent = os.getpid()
if os.fork() == 0:
    die_with(parent)
    Path({str(mark)!r}).write_text(str(os.getpid()))
    time.sleep(60)
while not (Path({str(mark)!r}).exists() and Path({str(mark)!r}).stat().st_size):
    time.sleep(0.001)
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=WAIT_S)
    child = int(mark.read_text())
    until(lambda: not os.path.exists(f"/proc/{child}"))  # noqa: PTH110 - as short
