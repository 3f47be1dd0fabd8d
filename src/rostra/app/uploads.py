"""What hosts and speakers upload, made into objects by processes that may break alone."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

import structlog

from rostra.domain.errors import HouseError, PeerError
from rostra.web.ports import Made

MAKE_S_MAX: Final = 60.0
"""A minute of music takes 3 s on a slow core; after this the process is ended."""

SAID_BYTES_MAX: Final = 4_096
"""A report is 200 bytes."""

_LOG = structlog.get_logger("desk")


class Keeper(Protocol):
    """Where objects are kept: the backbone."""

    async def keep_object(self, name: str, data: bytes) -> None:
        """Store bytes under a name that follows from them."""
        ...


class Workshop:
    """`web.ports.Workshop`: makes objects of files, and stores them."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def hold(self, source: Path, *, announcement: bool) -> Made:
        """Hold audio, or an announcement, of a sound file. PeerError, HouseError."""
        kind = "announcement" if announcement else "loop"
        return await self._make("rostra.programme.drivers.uploads", source, kind)

    async def photo(self, source: Path) -> Made:
        """A photograph of a picture file. PeerError, HouseError."""
        return await self._make("rostra.app.pictures", source)

    async def _make(self, module: str, source: Path, *first: str) -> Made:
        with TemporaryDirectory() as folder:
            target = Path(folder) / "made"
            said = await _run(module, *first, str(source), str(target))
            if "sentence" in said:
                raise PeerError(str(said["sentence"]), int(str(said.get("status", 422))))
            made = Made(
                name=str(said["name"]),
                seconds=float(str(said.get("seconds", 0))),
                lufs=float(str(said.get("lufs", 0))),
                cut=bool(said.get("cut")),
            )
            await self._keeper.keep_object(made.name, target.read_bytes())
        return made


async def _run(module: str, *arguments: str) -> dict[str, object]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(MAKE_S_MAX):
            out, _ = await process.communicate()
    except TimeoutError as error:
        raise _unreadable() from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _said(out)


def _said(out: bytes) -> dict[str, object]:
    try:
        said = json.loads(out[:SAID_BYTES_MAX])
    except ValueError as error:  # it was ended: by its limits, or by what it read
        raise _unreadable() from error
    if not isinstance(said, dict):
        sentence = "The desk could not read the file by its own fault. Its log says why."
        raise HouseError(sentence)
    return said


def _unreadable() -> PeerError:
    _LOG.warning("an upload could not be read within its limits")
    sentence = "The file cannot be read: it is damaged or too long. Give another one."
    return PeerError(sentence, status=422)
