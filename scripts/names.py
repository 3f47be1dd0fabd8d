"""Refuses what must not be committed: a path of one machine, the address of a registry.

Run as `python -m scripts.names` in a checkout; it reads every file that git knows.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# Written in pieces, so that this file does not name them either.
REFUSED: Final = (
    "../" + "shared",
    "/work" + "/",
    *(
        ".".join(host)
        for host in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("npmmirror", "com"),
            ("static", "crates", "io"),
            ("index", "crates", "io"),
            ("proxy", "golang", "org"),
        )
    ),
)
"""What nobody else's machine has, and the hosts that a lock must leave to the configuration."""


def refused_in(text: str) -> Iterator[tuple[int, str]]:
    """Line number (from 1) and name, for each refused name in `text`."""
    for number, line in enumerate(text.splitlines(), start=1):
        for name in REFUSED:
            if name in line:
                yield number, name


def committed(root: Path) -> Iterator[Path]:
    """Every file of the checkout at `root` that git tracks and that is still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        path = root / name
        if path.is_file():
            yield path


def complaints(root: Path) -> list[str]:
    """A line `file:line: name` for each refused name below `root`; binary files are skipped."""
    found = []
    for path in committed(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(root)}:{n}: {name}" for n, name in refused_in(text)]
    return found


def main() -> int:
    """Print the complaints about this checkout; 1 if there are any."""
    found = complaints(Path(__file__).resolve().parents[1])
    for line in found:
        print(f"{line} must not be committed", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
