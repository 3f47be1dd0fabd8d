"""`rostra ps`, `doctor`, `journal`: looking at a house."""

import datetime as dt
import json
from typing import Annotated

import msgspec
import typer

from rostra.app.cli_base import (
    EXIT_FAILED,
    EXITS,
    AsJson,
    Config,
    Data,
    Domain,
    Port,
    app,
    settings_of,
)
from rostra.app.house_client import checked_space
from rostra.app.house_state import NoHouseError, ProcessState, read_state
from rostra.app.tables import show_table
from rostra.domain.errors import HouseError


@app.command(epilog=EXITS)
def ps(*, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """List the processes of this house, and its watch even where no house runs (exit code 3)."""
    from rostra.app.processes import rows_of, watch_rows  # noqa: PLC0415 - only this command

    settings = settings_of(data, config)
    try:
        rows = rows_of(read_state(settings), settings)
    except NoHouseError as error:
        alone = watch_rows(settings)
        if not alone:
            raise
        _show(alone, as_json=as_json)
        sentence = f"Its watch is alone. {error.sentence}"
        raise NoHouseError(sentence) from error
    _show(rows, as_json=as_json)


def _show(rows: list[ProcessState], *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
        return
    columns = ("role", "pid", "address", "healthy", "restarts")
    cells = [[_cell(getattr(row, column)) for column in columns] for row in rows]
    show_table(columns, cells, empty="The house is starting.")


@app.command(epilog=EXITS)
def doctor(
    *,
    as_json: AsJson = False,
    data: Data = None,
    port: Port = None,
    domain: Domain = None,
    config: Config = None,
) -> int:
    """Say what on this machine will limit the house, and the command that lifts it.

    Exits with 1 if something keeps the house from running.
    """
    from rostra.app.doctor import examine  # noqa: PLC0415 - only this command needs it

    findings = examine(settings_of(data, config, port, domain))
    if as_json:
        typer.echo(msgspec.json.encode(findings).decode())
    else:
        for finding in findings:
            typer.echo(f"{finding.state:<5} {finding.name}: {finding.found}")
            if finding.state != "ok":
                typer.echo(f"      limits: {finding.limits}\n      lift it: {finding.remedy}")
    return EXIT_FAILED if any(finding.state == "bad" for finding in findings) else 0


@app.command(epilog=EXITS)
def journal(
    space: Annotated[str, typer.Argument(metavar="SPACE", help="Id of the space.")],
    *,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Print what the house has written down of a space, and whether it is whole.

    Exits with 1 if a line was changed, taken out or put in: one sentence names the first.
    """
    from rostra.programme.drivers.journal import (  # noqa: PLC0415 - as above
        check_journal,
        journal_path,
        read_journal,
    )

    path = journal_path(settings_of(data, config).data, checked_space(space))
    for event in read_journal(path):
        if as_json:
            typer.echo(msgspec.json.encode(event).decode())
            continue
        moment = dt.datetime.fromtimestamp(event.utc_us / 1_000_000, dt.UTC)
        typer.echo(f"{moment:%Y-%m-%d %H:%M:%S.%f}Z  {event.kind:<16}{json.dumps(event.body)}")
    finding = check_journal(path)
    if finding.broken_at is not None:
        raise HouseError(finding.sentence)
    if finding.torn:
        typer.echo(finding.sentence, err=True)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
