"""`rostra edge`: runs this machine's edges, empties them, brings them back."""

import dataclasses
import json
from typing import Annotated, Final

import typer

from rostra.app.cli_base import EXITS, AsJson, Config, Data, Domain, Port, app, settings_of
from rostra.app.cli_house import ROLES, as_role, say
from rostra.app.config import Settings
from rostra.app.loading import ends_at_once
from rostra.delivery.moving import MOVE_WITHIN_MAX_S, MOVE_WITHIN_S
from rostra.domain.errors import PeerError

_COUNT: Final = typer.Option("--count", min=1, max=64, help="Edges.", show_default="one a core")
_DRAIN: Final = typer.Option("--drain", help="Empty running edges; they end when nobody is left.")
_UNDRAIN: Final = typer.Option("--undrain", help="Start all edges that were drained.")
_WITHIN: Final = typer.Option(
    "--within", min=1, max=MOVE_WITHIN_MAX_S, help="Seconds over which listeners move."
)
_FORCE: Final = typer.Option("--force", help="Also drain the last edge of the house.")
_EDGES: Final = typer.Argument(metavar="[EDGE]...", help="With --drain: which; none means all.")


@app.command(rich_help_panel=ROLES, epilog=EXITS)
def edge(  # noqa: PLR0913 - what a person may say, each by name
    edges: Annotated[list[str] | None, _EDGES] = None,
    *,
    data: Data = None,
    port: Port = None,
    domain: Domain = None,
    config: Config = None,
    count: Annotated[int | None, _COUNT] = None,
    drain: Annotated[bool, _DRAIN] = False,
    undrain: Annotated[bool, _UNDRAIN] = False,
    within: Annotated[int, _WITHIN] = MOVE_WITHIN_S,
    force: Annotated[bool, _FORCE] = False,
    as_json: AsJson = False,
) -> int:
    """Run this machine's edges: they write the sound to listeners.

    With --drain empty running ones without a lost second of sound.
    """
    settings = settings_of(data, config, port, domain)
    if drain and undrain:
        sentence = "--drain and --undrain do not go together; choose one."
        raise PeerError(sentence)
    if drain:
        return _drain(settings, edges or [], within, force=force, as_json=as_json)
    if edges:
        sentence = "Edges are named with --drain only; how many run here is --count."
        raise PeerError(sentence)
    return _undrain(settings, as_json=as_json) if undrain else _run(settings, count)


def _run(settings: Settings, count: int | None) -> int:
    as_role("edge", settings)
    with ends_at_once():
        from rostra.app import edge as role  # noqa: PLC0415 - a role imports only what it is

    return role.run(settings, count or settings.edge_count)


def _drain(
    settings: Settings, names: list[str], within_s: int, *, force: bool, as_json: bool
) -> int:
    from rostra.app import draining  # noqa: PLC0415 - only this option needs it

    def tell(line: str) -> None:
        if not as_json:
            say(line)

    done = draining.drain(settings, names, within_s, tell, force=force)
    if as_json:
        say(json.dumps([dataclasses.asdict(one) for one in done]))
    elif not done:
        say("These edges are drained already. Bring them back with: rostra edge --undrain")
    return 0


def _undrain(settings: Settings, *, as_json: bool) -> int:
    from rostra.app import draining  # noqa: PLC0415 - as above

    back = draining.undrain(settings)
    words = f"Started again: {', '.join(back)}." if back else "No edge of this machine is drained."
    say(json.dumps(back) if as_json else words)
    return 0
