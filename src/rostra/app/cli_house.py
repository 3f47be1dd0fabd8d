"""`rostra serve`, `demo`, `studio`, `desk`: the house and its roles."""

import sys
from typing import TYPE_CHECKING

import typer

from rostra.app import logs
from rostra.app.cli_base import EXITS, Config, Data, Domain, Port, app, settings_of
from rostra.app.config import Settings
from rostra.app.loading import ends_at_once

if TYPE_CHECKING:
    from rostra.app.supervisor import House

ROLES = "Roles of one house"
"""Where `--help` lists them."""


@app.command(epilog=EXITS)
def serve(
    data: Data = None, port: Port = None, domain: Domain = None, config: Config = None
) -> int:
    """Run the whole house on this machine until Ctrl-C."""
    with ends_at_once():
        from rostra.app import supervisor  # noqa: PLC0415 - only this command needs it

    settings = settings_of(data, config, port, domain)
    logs.configure(settings.log, "house")
    return supervisor.run(settings, _welcome)


@app.command(epilog=EXITS)
def demo(data: Data = None, port: Port = None, domain: Domain = None, config: Config = None) -> int:
    """Run the house with one space live at once, in which two voices talk."""
    with ends_at_once():
        from rostra.app import supervisor  # noqa: PLC0415 - as above
        from rostra.app.demo import stage_demo  # noqa: PLC0415 - as above

    async def then(house: supervisor.House) -> None:
        await _welcome(house)
        say("Listen to the demo:  " + await stage_demo(house))

    settings = settings_of(data, config, port, domain)
    logs.configure(settings.log, "house")
    return supervisor.run(settings, then)


@app.command(rich_help_panel=ROLES, epilog=EXITS)
def studio(
    data: Data = None, port: Port = None, domain: Domain = None, config: Config = None
) -> int:
    """Run a studio: the speakers' WebRTC, the mix and its encoders."""
    settings = as_role("studio", settings_of(data, config, port, domain))
    with ends_at_once():
        from rostra.app import studio as role  # noqa: PLC0415 - a role imports only what it is

    return role.run(settings)


@app.command(rich_help_panel=ROLES, epilog=EXITS)
def desk(data: Data = None, port: Port = None, domain: Domain = None, config: Config = None) -> int:
    """Run a desk: accounts, schedule, pages and the API."""
    settings = as_role("desk", settings_of(data, config, port, domain))
    with ends_at_once():
        from rostra.app import desk as role  # noqa: PLC0415 - a role imports only what it is

    return role.run(settings)


def as_role(name: str, settings: Settings) -> Settings:
    """Begin to be one role of a house: its log, its folder."""
    from rostra.app.secrets import bootstrap  # noqa: PLC0415 - as above

    logs.configure(settings.log, name)
    bootstrap(settings)
    return settings


async def _welcome(house: "House") -> None:
    settings = house.settings
    say(f"Rostra is open at {settings.origin}")
    if settings.watch.on or settings.watch.public_url:
        say(f"Status page:  {settings.watch_url}/status")
    link = settings.secrets / "owner.url"
    if link.is_file():
        # A terminal forgets; what else may be behind standard output keeps a log.
        where = link.read_text().strip() if sys.stdout.isatty() else f"the link in {link}"
        say(f"Become its owner (once):  {where}")
    if sys.stdout.isatty():
        say("Ctrl-C ends it.")


def say(line: str) -> None:
    """One line for whoever started the command."""
    typer.echo(line)
