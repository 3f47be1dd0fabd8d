"""What every command shares: the application, its options, its exit codes, its configuration."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from rostra.app.config import Settings, load

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_NO_HOUSE: Final = 3

EXITS: Final = (
    "Exit codes: 0 done, 1 failed (one sentence says why), 2 wrong usage,"
    " 3 no house runs on this --data."
)

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of this house.", show_default=".data")
]
Port = Annotated[
    int | None, typer.Option("--port", help="Port of the front door.", show_default="8000")
]
Domain = Annotated[str | None, typer.Option("--domain", help="Public name, with automatic HTTPS.")]
Config = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file.", show_default="rostra.toml"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

app = typer.Typer(
    name="rostra",
    help="Live audio conversations that start on the second, on your own machine.",
    epilog=EXITS,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def settings_of(
    data: Path | None,
    config: Path | None,
    port: int | None = None,
    domain: str | None = None,
) -> Settings:
    """The configuration of a command: its options first."""
    if config is not None:
        os.environ["ROSTRA_CONFIG"] = str(config.absolute())
    return load(data=data, port=port, domain=domain)
