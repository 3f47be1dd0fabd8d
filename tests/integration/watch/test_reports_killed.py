"""A watch that is killed under load has every report that it acknowledged; a small benchmark."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report_load import Load, address, run
from benchmarks.report_watch import WATCH_OFFSET, health_port
from tests.house import READY_WAIT_S, ROOT, free_block
from tests.house import until as wait_for
from tests.integration.watch.process import healthy
from tests.until import until

from rostra.store.watch_opening import open_watch_store
from rostra.watch.counting import Outcome

WORKERS = 16


@contextmanager
def a_watch(folder: Path, *words: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    port = free_block() + WATCH_OFFSET
    command = [sys.executable, "-m", "benchmarks.report_watch", str(folder), str(port), *words]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=ROOT) as process:
        try:
            wait_for(lambda: healthy(f"http://127.0.0.1:{health_port(port)}"), READY_WAIT_S)
            yield process, port
        finally:
            process.kill()


def stored(folder: Path) -> dict[Outcome, int]:
    store = open_watch_store(folder)
    found = store.reports.taken("stage", 0)
    store.close()
    return found


async def keep_reporting(load: Load, first: int) -> None:
    """One after the other from addresses of its own, until the watch is gone."""
    for number in range(first, 20_000, WORKERS):
        await load.report(address(number), 0.0)
        if load.answers.keys() - {"201"}:
            return


async def test_every_acknowledged_report_survives_a_kill(tmp_path: Path) -> None:
    with a_watch(tmp_path, "--no-flood") as (process, port):
        load = Load(port, "stage")
        work = [asyncio.create_task(keep_reporting(load, one)) for one in range(WORKERS)]
        await until(lambda: load.answers["201"] >= 40)
        process.kill()
        await asyncio.gather(*work)
    acknowledged = load.answers["201"]
    assert 40 <= acknowledged < load.sent
    assert acknowledged <= sum(stored(tmp_path).values()) <= load.sent


async def test_a_load_of_reports_is_counted_to_the_last(tmp_path: Path) -> None:
    with a_watch(tmp_path) as (process, port):
        load = await run(port, 300, 1_000, "stage", 300)
        process.terminate()
        process.wait(10)
    assert load.answers == {"201": 300}
    there = stored(tmp_path)
    assert sum(there.values()) == 300
    assert there[Outcome.COUNTED] == load.outcomes["counted/not_needed"] == 60
    assert there[Outcome.UNPROVEN] == load.outcomes["unproven/wanted"] == 240
