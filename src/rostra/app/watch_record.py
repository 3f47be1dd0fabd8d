"""What a running watch tells about itself in `DATA/run/watch.json`, for `serve` and `ps`."""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

import rostra
from rostra.app.config import Settings
from rostra.app.house_state import began_at
from rostra.app.secrets import storage_sentence, write_private
from rostra.domain.errors import HouseError

ROLE: Final = "watch"
"""Its name among the processes of a house."""
OF_HOUSE: Final = "ROSTRA_WATCH_OF_HOUSE"
"""Variable that `serve` sets for the watch that it starts: such a one keeps its own log file, and
a later `serve` may end it."""


class WatchRecord(msgspec.Struct, frozen=True):
    """A running watch."""

    pid: int
    started: float
    """When the process began, as `began_at` tells it."""
    port: int
    """Its public port."""
    health_port: int
    address: str
    """Where its page is published."""
    version: str
    """The program's version and the stamp of its files."""
    digest: str
    """Of everything that it was configured with."""
    of_house: bool
    """Whether `serve` started it."""

    @property
    def alive(self) -> bool:
        """Whether the process of that number is still the one that wrote this."""
        return began_at(self.pid) == self.started


def record_path(settings: Settings) -> Path:
    """Where the record stands."""
    return settings.data / "run" / "watch.json"


def read_record(settings: Settings) -> WatchRecord | None:
    """The watch that runs on this data folder, or None."""
    try:
        record = msgspec.json.decode(record_path(settings).read_bytes(), type=WatchRecord)
    except (OSError, msgspec.MsgspecError):
        return None
    return record if record.alive else None


def own_record(settings: Settings) -> WatchRecord:
    """What this process would tell if it were the watch; see `fits` for others."""
    pid = os.getpid()
    return WatchRecord(
        pid,
        began_at(pid),
        settings.watch_port,
        settings.watch_health_port,
        f"{settings.watch_url}/status",
        version_of_files(),
        digest_of(settings),
        bool(os.environ.get(OF_HOUSE)),
    )


def fits(record: WatchRecord, settings: Settings) -> bool:
    """Whether a watch is the one that these settings and this program would start."""
    return (record.version, record.digest) == (version_of_files(), digest_of(settings))


def digest_of(settings: Settings) -> str:
    """A fingerprint of the settings that a watch reads; those of edges and stage are not among."""
    read = settings.model_dump(
        mode="json", include={"port", "domain", "log", "watch", "edge", "data"}
    )
    read["edge"] = {key: read["edge"][key] for key in ("tls_cert", "tls_key", "proxies")}
    read["data"] = str(settings.data.absolute())
    return hashlib.sha256(msgspec.json.encode(read, order="sorted")).hexdigest()


def version_of_files() -> str:
    """The version, and a stamp of the program's files: an upgrade from a checkout changes it."""
    folder = Path(rostra.__file__).parent
    stamp = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.suffix in {".py", ".html", ".css"}):
        seen = path.stat()
        stamp.update(f"{path.relative_to(folder)} {seen.st_mtime_ns} {seen.st_size}\n".encode())
    return f"{rostra.__version__}+{stamp.hexdigest()[:12]}"


@contextlib.contextmanager
def told(settings: Settings) -> Iterator[None]:
    """Tell of this process for the length of a block; HouseError where the folder takes nothing."""
    path = record_path(settings)
    try:
        write_private(path, msgspec.json.encode(own_record(settings)).decode())
    except OSError as error:
        raise HouseError(storage_sentence(settings.data, error)) from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
