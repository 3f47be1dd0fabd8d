"""A whole watch for a benchmark, of four components whose probes find nothing wrong.

    python -m benchmarks.report_watch FOLDER PORT [--no-flood]

PORT is its page's; its health is 106 above. `--no-flood` never asks for a proof of work, so that
every report goes the longest way to the disk.
"""

import sys
from pathlib import Path
from typing import Final

from rostra.app import logs, watch
from rostra.app.config import Settings
from rostra.app.watch_options import Watch, WatchedComponent
from rostra.watch.flood import Flood

COMPONENTS: Final = ("stage", "page", "stream", "desk")
WATCH_OFFSET: Final = 100
"""`Settings.watch_port` is so far above the front door's, and its health 206."""


def settings(folder: Path, port: int) -> Settings:
    """Each component is the watch's own health port, which takes connections."""
    address = f"127.0.0.1:{health_port(port)}"
    components = tuple(
        WatchedComponent(id=name, name=name.title(), target="tcp", address=address, every_s=5)
        for name in COMPONENTS
    )
    options = Watch(name="Benchmark", components=components)
    return Settings(data=folder, port=port - WATCH_OFFSET, log="json", watch=options)


def health_port(port: int) -> int:
    """Where the watch with its page at `port` says that it is well."""
    return port + 106


def main() -> int:
    """Serve until a signal."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    if "--no-flood" in sys.argv:
        Flood.take = lambda *_, **_words: False  # type: ignore[method-assign]  # an experiment
    given = settings(folder, port)
    logs.configure(given.log, "watch")
    return watch.run(given)


if __name__ == "__main__":
    sys.exit(main())
