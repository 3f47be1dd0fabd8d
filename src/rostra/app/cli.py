"""The command line: runs one command and tells its errors."""

from typing import Any

import typer
from typer.exceptions import Abort, TyperException

from rostra.app import (  # noqa: F401 - they hang commands into app
    cli_edge,
    cli_house,
    cli_incidents,
    cli_look,
    cli_recording,
    cli_sound,
    cli_spaces,
    cli_watch,
)
from rostra.app.cli_base import EXIT_FAILED, EXIT_NO_HOUSE, EXIT_USAGE, app
from rostra.app.house_state import NoHouseError
from rostra.domain.errors import RostraError


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are one sentence on stderr."""
    try:
        code: Any = app(arguments, prog_name="rostra", standalone_mode=False)
    except NoHouseError as error:
        return _told(error.sentence, EXIT_NO_HOUSE)
    except RostraError as error:
        return _told(error.sentence, EXIT_FAILED)
    except TyperException as error:
        hint = " See 'rostra --help'." if error.exit_code == EXIT_USAGE else ""
        sentence = error.format_message().rstrip(".")
        return _told(f"{sentence}.{hint}", error.exit_code)
    except (Abort, KeyboardInterrupt):
        return _told("Stopped.", EXIT_FAILED)
    return code if isinstance(code, int) else 0


def _told(sentence: str, code: int) -> int:
    typer.echo(sentence, err=True)
    return code
