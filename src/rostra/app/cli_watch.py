"""`rostra watch`: the outage tracker, or a place that probes for one that runs elsewhere."""

import os
from importlib import import_module
from typing import Annotated

import typer

from rostra.app import logs
from rostra.app.cli_base import EXITS, Config, Data, Domain, Port, app, settings_of
from rostra.app.cli_house import ROLES
from rostra.app.config import Settings
from rostra.app.loading import ends_at_once
from rostra.app.watch_record import OF_HOUSE
from rostra.domain.errors import HouseError

_FOR = typer.Option(
    "--probe-for", metavar="URL", help="Only probe, and tell the watch at this address."
)


@app.command(rich_help_panel=ROLES, epilog=EXITS)
def watch(
    data: Data = None,
    port: Port = None,
    domain: Domain = None,
    config: Config = None,
    probe_for: Annotated[str | None, _FOR] = None,
) -> int:
    """Run a watch: probes, people's reports, incidents and the status page."""
    settings = settings_of(data, config, port, domain)
    _configure_log(settings)
    with ends_at_once():
        # A role imports only what it is.
        role = import_module("rostra.app.watch" if probe_for is None else "rostra.app.watch_remote")
    given = () if probe_for is None else (probe_for,)
    return int(role.run(settings, *given))


def _configure_log(settings: Settings) -> None:
    """Standard error, or a file of its own where `serve` left it without a terminal."""
    if not os.environ.get(OF_HOUSE):
        logs.configure(settings.log, "watch")
        return
    file = settings.data / "log" / "watch.log"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs.configure(settings.log, "watch", file)
    except OSError as error:
        sentence = f"The watch's log {file} cannot be written: {error.strerror}."
        raise HouseError(sentence) from error
