"""Keeps a copy of the watch's public files in a folder or a bucket, so that they outlive the house.

Every `every_s`, and at once when an incident changes, each shelf gets what has changed. Shelves
know nothing of each other: one that fails is tried again ever more patiently, with a line in the
log and a counter, and costs the others nothing.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rostra.app.watch_copy import Copy, Source
from rostra.app.watch_options import Export
from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.watch.drivers.export import Folder, Shelf, open_bucket
from rostra.watch.exported import File, signature
from rostra.watch.moments import US_PER_S

LOOK_S: Final = 1.0
"""How often it is seen whether an incident changed; the look is at an object in memory."""
FIRST_DELAY_S: Final = 1.0
DELAY_S_MAX: Final = 60.0
"""A dead bucket is asked once a minute at the most seldom: it heals by itself."""
PARALLEL_MAX: Final = 8
"""Files on their way to one shelf at a time."""
_LOG = structlog.get_logger("watch")


@dataclass
class Kept:
    """What one shelf has, and how that went."""

    shelf: Shelf
    marks: dict[str, str] = field(default_factory=dict)
    signature: int | None = None
    files: int = 0
    bytes: int = 0
    failures: int = 0
    failed_in_a_row: int = 0
    written_utc_us: int = 0
    """When it last had everything."""

    @property
    def delay_s(self) -> float:
        """How long a failed shelf is left alone."""
        return min(FIRST_DELAY_S * 2.0 ** min(self.failed_in_a_row - 1, 16), DELAY_S_MAX)


class Exporter:
    """Writes the copy to each shelf for as long as `run` runs."""

    def __init__(
        self, source: Source, shelves: Sequence[Shelf], clock: Clock, every_s: float = 30.0
    ) -> None:
        self.kept = [Kept(shelf) for shelf in shelves]
        self._copy = Copy(source, clock)
        self._board = source.board
        self._clock = clock
        self._every_s = every_s

    async def run(self) -> None:
        """Keep every shelf, until cancelled; with no shelf it returns at once."""
        async with asyncio.TaskGroup() as group:
            for kept in self.kept:
                group.create_task(self._keep(kept))

    async def _keep(self, kept: Kept) -> None:
        while True:
            try:
                await self.write(kept)
            except Exception as error:  # noqa: BLE001 - a copy that fails must not end the watch
                await self._failed(kept, error)
            else:
                await self._rest(kept)

    async def _failed(self, kept: Kept, error: Exception) -> None:
        kept.failures += 1
        kept.failed_in_a_row += 1
        expected = isinstance(error, HouseError)
        _LOG.warning(
            "the copy could not be written",
            shelf=kept.shelf.name,
            reason=str(error),
            again_in_s=kept.delay_s,
            exc_info=None if expected else error,
        )
        await asyncio.sleep(kept.delay_s)

    async def _rest(self, kept: Kept) -> None:
        """Until it is time again, or an incident is another."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._every_s
        # No event tells of a change: whoever moves incidents makes a new board and knows no copy.
        while loop.time() < end and signature(self._board()) == kept.signature:  # noqa: ASYNC110 - as above
            await asyncio.sleep(min(LOOK_S, max(0.0, end - loop.time())))

    async def write(self, kept: Kept) -> None:
        """Give the shelf what has changed; HouseError when it does not take a file."""
        board, files = await self._copy.files()
        changed = [one for one in files if kept.marks.get(one.path) != one.mark or not one.mark]
        first = [one for one in changed if one.mark]
        for start in range(0, len(first), PARALLEL_MAX):
            some = first[start : start + PARALLEL_MAX]
            await _all([self._put(kept, one) for one in some])
        # What tells the copy's age, and where readers begin, follows what it leads to.
        for one in changed:
            if not one.mark:
                await self._put(kept, one)
        if kept.failed_in_a_row:
            _LOG.info("the copy is written again", shelf=kept.shelf.name)
        kept.failed_in_a_row = 0
        kept.signature = signature(board)
        kept.written_utc_us = self._clock.now().utc_us

    async def _put(self, kept: Kept, file: File) -> None:
        await kept.shelf.write(file)
        kept.marks[file.path] = file.mark
        kept.files += 1
        kept.bytes += len(file.body)


async def _all(writes: Sequence[Awaitable[None]]) -> None:
    """Wait for every write, then raise what the first of the failed ones raised."""
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


def shelves_of(options: Export) -> list[Shelf]:
    """The shelves of section `[watch.export]`: a folder, a bucket, both, or none."""
    shelves: list[Shelf] = []
    if options.folder:
        shelves.append(Folder(Path(options.folder)))
    if options.bucket:
        shelves.append(
            open_bucket(
                options.bucket,
                options.endpoint,
                options.region,
                options.access_key,
                options.secret_key,
            )
        )
    return shelves


class ExportCollector(Collector):
    """What became of the copy, for Prometheus."""

    def __init__(self, exporter: Exporter) -> None:
        self._exporter = exporter

    def collect(self) -> Iterator[Metric]:
        """Every shelf, as it is now."""
        for name, words, read in (
            ("rostra_watch_export_files", "Files written to a shelf.", "files"),
            ("rostra_watch_export_bytes", "Bytes written to a shelf.", "bytes"),
            ("rostra_watch_export_failures", "Writes of the copy that failed.", "failures"),
        ):
            counter = CounterMetricFamily(name, words, labels=("shelf",))
            for kept in self._exporter.kept:
                counter.add_metric((kept.shelf.name,), getattr(kept, read))
            yield counter
        whole = GaugeMetricFamily(
            "rostra_watch_export_timestamp_seconds",
            "When a shelf last had everything, in seconds since 1970, UTC; 0 never.",
            labels=("shelf",),
        )
        for kept in self._exporter.kept:
            whole.add_metric((kept.shelf.name,), kept.written_utc_us / US_PER_S)
        yield whole
