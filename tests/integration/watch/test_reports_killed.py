"""A watch that is killed under load has every report that it acknowledged; a small benchmark."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report_load import Load, address, run
from tests.until import until

from rostra.store.watch_opening import open_watch_store
from rostra.watch.counting import Outcome

ROOT = Path(__file__).parents[3]
WORKERS = 16


@contextmanager
def a_watch(folder: Path, *words: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    command = [sys.executable, "-m", "benchmarks.report_watch", str(folder), "0", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline().split()[1])
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
