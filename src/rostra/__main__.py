"""The command `rostra`, also as `python -m rostra`."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from rostra.app.cli import run  # noqa: PLC0415 - roles import only what they are
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
