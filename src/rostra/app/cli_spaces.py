"""`rostra space` and `rostra user`: what an operator arranges."""

import getpass
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rostra.app.cli_base import EXITS, AsJson, Config, Data, app, settings_of
from rostra.app.config import Settings
from rostra.app.house_client import call, checked_space, operator, upload
from rostra.app.tables import show_table
from rostra.domain.errors import PeerError
from rostra.domain.schedule import DOORS_BEFORE_S, DOORS_BEFORE_S_MAX, DOORS_BEFORE_S_MIN
from rostra.wire.listening import HOURS_DEFAULT, HOURS_MAX, ListeningRole

space_app = typer.Typer(help="Create, list, start, interrupt and end spaces.", no_args_is_help=True)
user_app = typer.Typer(help="Create accounts.", no_args_is_help=True)
app.add_typer(space_app, name="space")
app.add_typer(user_app, name="user")

SpaceId = Annotated[str, typer.Argument(metavar="SPACE", help="Id of the space.")]


class Announcement(StrEnum):
    """What a host may say in their own voice."""

    WELCOME = "welcome"
    LATE = "late"
    BREAK = "break"


_LINKS = ("id", "listen_url", "host_url", "speaker_url")


@space_app.command("create", epilog=EXITS)
def create(  # noqa: PLR0913 - its options
    *,
    title: Annotated[str, typer.Option("--title", help="What the space is called.")],
    at: Annotated[
        str, typer.Option("--at", help="'now', or a time such as 2026-11-23T20:00:00+01:00.")
    ] = "now",
    doors: Annotated[
        int,
        typer.Option(
            "--doors",
            min=DOORS_BEFORE_S_MIN // 60,
            max=DOORS_BEFORE_S_MAX // 60,
            help="Minutes before --at at which the doors open.",
        ),
    ] = DOORS_BEFORE_S // 60,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Create a space and print its links; with --at now it is live at once."""
    plan = {"title": title, "at": at, "doors_before_s": doors * 60}
    with operator(settings_of(data, config)) as client:
        made = call(client, "POST", "/api/v1/spaces", plan)
    if as_json:
        _print_json({key: made[key] for key in _LINKS})
        return
    typer.echo(f"Listen:  {made['listen_url']}")
    typer.echo(f"Host:    {made['host_url']}")
    typer.echo(f"Speak:   {made['speaker_url']}")


@space_app.command("list", epilog=EXITS)
def list_spaces(*, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """List live and coming spaces."""
    with operator(settings_of(data, config)) as client:
        lists = call(client, "GET", "/api/v1/spaces")
    spaces = [*lists["live"], *lists["coming"]]
    if as_json:
        _print_json(spaces)
        return
    columns = ("id", "state", "title", "t0_utc", "listening", "listen_url")
    rows = [[str(one.get(key, "")) for key in columns] for one in spaces]
    show_table(columns, rows, empty="No space is live or planned.")


@space_app.command("start", epilog=EXITS)
def start(
    space: SpaceId, *, as_json: AsJson = False, data: Data = None, config: Config = None
) -> None:
    """Start a space now, or go on after a break."""
    _command(space, "start", settings_of(data, config), as_json=as_json)


@space_app.command("break", epilog=EXITS)
def interrupt(
    space: SpaceId, *, as_json: AsJson = False, data: Data = None, config: Config = None
) -> None:
    """Let a space's audience hear the hold programme; `start` goes on."""
    _command(space, "break", settings_of(data, config), as_json=as_json)


@space_app.command("end", epilog=EXITS)
def end(
    space: SpaceId, *, as_json: AsJson = False, data: Data = None, config: Config = None
) -> None:
    """End a space for good."""
    _command(space, "end", settings_of(data, config), as_json=as_json)


@space_app.command("ticket", epilog=EXITS)
def ticket(  # noqa: PLR0913 - its options
    space: SpaceId,
    *,
    role: Annotated[
        ListeningRole, typer.Option("--role", help="All but listener pass an edge's limits.")
    ] = ListeningRole.LISTENER,
    hours: Annotated[
        int, typer.Option("--hours", min=1, max=HOURS_MAX, help="How long it is good.")
    ] = HOURS_DEFAULT,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Sign a listening ticket; whoever has it may listen until it expires."""
    with operator(settings_of(data, config)) as client:
        path = f"/api/v1/spaces/{checked_space(space)}/tickets"
        made = call(client, "POST", path, {"role": role.value, "hours": hours})
    if as_json:
        _print_json(made)
        return
    typer.echo(f"Ticket:  {made['ticket']}")
    typer.echo(f"Listen:  {made['url']}")


@space_app.command("hold", epilog=EXITS)
def hold(  # noqa: PLR0913 - its options
    space: SpaceId,
    file: Annotated[
        Path | None, typer.Argument(help="A sound file; without one the house's own come back.")
    ] = None,
    *,
    announcement: Annotated[
        Announcement | None,
        typer.Option("--announcement", help="The file is this announcement, in your own voice."),
    ] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Give a space its own hold audio or announcements; loudness is matched."""
    path = f"/api/v1/spaces/{checked_space(space)}/"
    path += "hold" if announcement is None else f"announcements/{announcement.value}"
    with operator(settings_of(data, config)) as client:
        if file is None:
            call(client, "DELETE", path)
            typer.echo(f"Space {space} is back at the house's own hold audio.")
            return
        made = upload(client, path, file)
    if as_json:
        _print_json(made)
        return
    cut = " Only its first minute is used." if made["cut"] else ""
    typer.echo(f"{made['seconds']:.1f} s, was {made['lufs']:.1f} LUFS, now -16.{cut}")


@user_app.command("create", epilog=EXITS)
def create_user(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    *,
    owner: Annotated[bool, typer.Option("--owner", help="May do everything here.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Create an account; the house need not run."""
    from rostra.app import accounts  # noqa: PLC0415 - only this command needs the store
    from rostra.app.secrets import bootstrap  # noqa: PLC0415 - as above

    settings = settings_of(data, config)
    bootstrap(settings)
    accounts.create_user(settings, name, _password(from_stdin=password_stdin), owner)
    typer.echo(f"{name} may sign in now.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        sentence = "The two passwords differ. Run the command again."
        raise PeerError(sentence)
    return first


def _command(space: str, action: str, settings: Settings, *, as_json: bool) -> None:
    with operator(settings) as client:
        answer = call(client, "POST", f"/api/v1/spaces/{checked_space(space)}/{action}")
    if as_json:
        _print_json(answer)
    else:
        typer.echo(f"Space {space}: {action} done.")


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
