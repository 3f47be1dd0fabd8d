"""The command `rostra`, also as `python -m rostra`."""

import sys

from rostra.app.loading import ends_at_once


def main() -> None:
    """Run the command line and leave with its exit code."""
    with ends_at_once():
        from rostra.app.cli import run  # noqa: PLC0415 - seconds on a slow machine
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
