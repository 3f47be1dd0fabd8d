"""`rostra space recording`: what is on disk of a space's programme, and its sound as a file."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rostra.app.cli_base import EXITS, AsJson, Config, Data, settings_of
from rostra.app.cli_spaces import SpaceId, space_app
from rostra.app.house_client import checked_space
from rostra.app.tables import show_table
from rostra.domain.errors import NotFoundError


@space_app.command("recording", epilog=EXITS)
def recording(  # noqa: PLR0913 - its options
    space: SpaceId,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the sound here: .m4a or .aac.")
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Which run; the last one unless named.")
    ] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """List and check what is recorded of a space, or write its sound; the house need not run."""
    from rostra.programme.drivers import tapes  # noqa: PLC0415 - only this command needs them
    from rostra.programme.drivers.recording import recordings  # noqa: PLC0415 - as above

    folder = recordings(settings_of(data, config).data, checked_space(space))
    paths = sorted(folder.glob("*.rec"), key=lambda path: path.stat().st_mtime)
    if run is not None:
        paths = [path for path in paths if path.stem == run]
    if not paths:
        sentence = f"There is no recording of {space} in {folder}. Look for it with --data."
        raise NotFoundError(sentence)
    if out is not None:
        seconds = tapes.extract(paths[-1], out)
        written = {"file": str(out), "run": paths[-1].stem, "seconds": round(seconds, 3)}
        if as_json:
            typer.echo(msgspec.json.encode(written).decode())
        else:
            typer.echo(f"{out}: {seconds:.1f} s of run {paths[-1].stem}.")
        return
    findings = [tapes.check(path) for path in paths]
    if as_json:
        typer.echo(msgspec.json.encode(findings).decode())
        return
    columns = ("run", "began", "seconds", "messages", "missing", "damaged", "size")
    show_table(columns, [_cells(one) for one in findings], empty="")


def _cells(finding: object) -> list[str]:
    row = msgspec.to_builtins(finding)
    began = dt.datetime.fromtimestamp(row["epoch_utc_us"] / 1_000_000, dt.UTC)
    row["began"] = f"{began:%Y-%m-%d %H:%M:%SZ}"
    order = ("run", "began", "seconds", "messages", "missing", "damaged", "size")
    return [str(row[name]) for name in order]
