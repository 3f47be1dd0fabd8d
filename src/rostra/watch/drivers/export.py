"""Where a copy of the watch's files is kept: a folder of this machine, or a bucket elsewhere."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from rostra.domain.errors import HouseError
from rostra.watch.exported import File

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

READABLE: Final = 0o644
"""A web server runs under another name than the watch."""
CONNECT_S: Final = 5
TAKE_S: Final = 20
"""A file has some kilobytes; a bucket that is slower than this is as good as away."""
REASON_CHARS_MAX: Final = 200
"""Of what a library says went wrong; the rest is its inner life."""


class Shelf(Protocol):
    """A place that keeps files by their paths."""

    name: str

    async def write(self, file: File) -> None:
        """Keep the file; a reader sees the old one or the new one whole. HouseError if it fails."""
        ...


class Folder:
    """Files below `root`, each replaced in one step (POSIX `rename`)."""

    name = "folder"

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    async def write(self, file: File) -> None:
        """As `Shelf.write`."""
        await asyncio.to_thread(self._write, file)

    def _write(self, file: File) -> None:
        target = self._root / file.path
        if not Path(os.path.normpath(target)).is_relative_to(self._root):
            sentence = f"The file {file.path!r} would lie outside of {self._root}."
            raise HouseError(sentence)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, file.body)
        except OSError as error:
            reason = error.strerror or str(error)
            sentence = f"The folder {self._root} does not take {file.path}: {reason}."
            raise HouseError(sentence) from error


def _replace(target: Path, body: bytes) -> None:
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=".", suffix=".part", delete=False
    ) as part:
        kept = Path(part.name)
        try:
            part.write(body)
            part.flush()
            kept.chmod(READABLE)
            kept.replace(target)
        except OSError:
            # A full disk must not be filled further with pieces.
            kept.unlink(missing_ok=True)
            raise


class Bucket:
    """Objects of S3-compatible storage, with their media types and cache headers."""

    name = "bucket"

    def __init__(self, store: "S3Store", where: str, prefix: str = "") -> None:
        self._store = store
        self._where = where
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    async def write(self, file: File) -> None:
        """As `Shelf.write`; S3 replaces an object in one step."""
        import obstore  # noqa: PLC0415 - a watch without a bucket starts without it
        from obstore.exceptions import BaseError  # noqa: PLC0415 - as above

        try:
            await obstore.put_async(
                self._store,
                f"{self._prefix}{file.path}",
                file.body,
                attributes={"Content-Type": file.media, "Cache-Control": file.cache},
                use_multipart=False,
            )
        except (BaseError, OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:REASON_CHARS_MAX]
            sentence = f"The bucket {self._where} does not take {file.path}: {reason}."
            raise HouseError(sentence) from error


def open_bucket(
    bucket: str, endpoint: str, region: str, access_key: str, secret_key: str
) -> Bucket:
    """The bucket `NAME` or `NAME/PREFIX`; nothing is asked of it yet.

    Without `endpoint` it is Amazon's; without keys the environment's (`AWS_…`) are used.
    """
    from obstore.store import S3Store  # noqa: PLC0415 - as above

    name, _, prefix = bucket.partition("/")
    config: S3Config = {"region": region}
    if endpoint:
        config["endpoint"] = endpoint
    if access_key:
        config |= {"access_key_id": access_key, "secret_access_key": secret_key}
    store = S3Store(
        name,
        config=config,
        client_options={
            "connect_timeout": f"{CONNECT_S}s",
            "timeout": f"{TAKE_S}s",
            "allow_http": endpoint.startswith("http://"),
        },
        # The exporter tries again itself, ever more patiently.
        retry_config={"max_retries": 0},
    )
    return Bucket(store, name, prefix)
