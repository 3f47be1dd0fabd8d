"""`rostra incident` and `rostra maintenance`: an operator's words for the status page."""

import getpass
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from rostra.app.cli_base import EXITS, AsJson, Config, Data, app, settings_of
from rostra.app.tables import show_table
from rostra.app.watch_client import WatchClient

incident_app = typer.Typer(
    help="Judge alarms, tell readers, look back: incidents of the watch.", no_args_is_help=True
)
maintenance_app = typer.Typer(help="Announce work on the status page.", no_args_is_help=True)
app.add_typer(incident_app, name="incident")
app.add_typer(maintenance_app, name="maintenance")

IncidentId = Annotated[str, typer.Argument(metavar="INCIDENT", help="Id of the incident.")]
WorkId = Annotated[str, typer.Argument(metavar="WORK", help="Id of the announced work.")]
Body = Annotated[str, typer.Option("--body", help="What readers are told.")]
By = Annotated[
    str, typer.Option("--by", help="Your name, for the log.", show_default="your account here")
]
Impact = Annotated[str, typer.Option("--impact", help="none, minor, major or critical.")]
Component = Annotated[
    list[str] | None, typer.Option("--component", help="Id of a component; give it once for each.")
]
Whose = Annotated[str, typer.Option("--attribution", help="internal, external or undetermined.")]
Begins = Annotated[str, typer.Option("--begins", help="'now', or ISO 8601 with an offset.")]
Ends = Annotated[str, typer.Option("--ends", help="ISO 8601 with an offset.")]
Url = Annotated[
    str, typer.Option("--url", help="Address of the watch.", show_default="this house's")
]

_INCIDENTS = "/incidents"
_WORKS = "/maintenances"


@incident_app.command("list", epilog=EXITS)
def list_incidents(
    *, as_json: AsJson = False, url: Url = "", data: Data = None, config: Config = None
) -> None:
    """List incidents: those that are open first."""
    with WatchClient(settings_of(data, config), url) as client:
        found = client.get(_INCIDENTS)
    columns = ("id", "phase", "impact", "outcome", "name", "components")
    _list(found, columns, as_json=as_json, empty="There is no incident.")


@incident_app.command("open", epilog=EXITS)
def open_incident(  # noqa: PLR0913 - its options
    *,
    name: Annotated[str, typer.Option("--name", help="What it is called.")],
    body: Body,
    component: Component = None,
    impact: Impact = "",
    attribution: Whose = "",
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Open an incident that no alarm did; without --impact minor, or what the evidence says."""
    asked = _asked(by, component, name=name, body=body, impact=impact, attribution=attribution)
    with WatchClient(settings_of(data, config), url) as client:
        made = client.post(_INCIDENTS, asked)
    _say(made, as_json=as_json)


@incident_app.command("confirm", epilog=EXITS)
def confirm(  # noqa: PLR0913 - its options
    incident: IncidentId,
    *,
    body: Body = "",
    impact: Impact = "",
    attribution: Whose = "",
    component: Component = None,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Say that an alarm was right."""
    asked = _asked(by, component, body=body, impact=impact, attribution=attribution)
    with WatchClient(settings_of(data, config), url) as client:
        _say(client.act(_INCIDENTS, incident, "confirm", asked), as_json=as_json)


@incident_app.command("dismiss", epilog=EXITS)
def dismiss(  # noqa: PLR0913 - its options
    incident: IncidentId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why it was none, as readers see it.")],
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Say that it was a false alarm; it stays published with the reason."""
    with WatchClient(settings_of(data, config), url) as client:
        asked = _asked(by, reason=reason)
        _say(client.act(_INCIDENTS, incident, "dismiss", asked), as_json=as_json)


@incident_app.command("update", epilog=EXITS)
def update(  # noqa: PLR0913 - its options
    incident: IncidentId,
    *,
    body: Body,
    status: Annotated[
        str, typer.Option("--status", help="investigating, identified or monitoring.")
    ] = "",
    impact: Impact = "",
    attribution: Whose = "",
    component: Component = None,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Tell readers how it goes; change status, impact or components."""
    asked = _asked(by, component, body=body, status=status, impact=impact, attribution=attribution)
    with WatchClient(settings_of(data, config), url) as client:
        _say(client.act(_INCIDENTS, incident, "update", asked), as_json=as_json)


@incident_app.command("resolve", epilog=EXITS)
def resolve(  # noqa: PLR0913 - its options
    incident: IncidentId,
    *,
    body: Body,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Say that it is over."""
    with WatchClient(settings_of(data, config), url) as client:
        asked = _asked(by, body=body)
        _say(client.act(_INCIDENTS, incident, "resolve", asked), as_json=as_json)


@incident_app.command("reopen", epilog=EXITS)
def reopen(  # noqa: PLR0913 - its options
    incident: IncidentId,
    *,
    body: Body,
    impact: Impact = "",
    attribution: Whose = "",
    component: Component = None,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Say that it is not over, or was no false alarm."""
    asked = _asked(by, component, body=body, impact=impact, attribution=attribution)
    with WatchClient(settings_of(data, config), url) as client:
        _say(client.act(_INCIDENTS, incident, "reopen", asked), as_json=as_json)


@incident_app.command("postmortem", epilog=EXITS)
def postmortem(  # noqa: PLR0913 - its options
    incident: IncidentId,
    *,
    body: Body,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Publish what was learnt."""
    with WatchClient(settings_of(data, config), url) as client:
        asked = _asked(by, body=body)
        _say(client.act(_INCIDENTS, incident, "postmortem", asked), as_json=as_json)


@maintenance_app.command("schedule", epilog=EXITS)
def schedule(  # noqa: PLR0913 - its options
    *,
    name: Annotated[str, typer.Option("--name", help="What it is called.")],
    body: Body,
    begins: Begins,
    ends: Ends,
    component: Component = None,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Announce work; while it is under way its components raise no alarm."""
    asked = _asked(by, component, name=name, body=body, begins=begins, ends=ends)
    with WatchClient(settings_of(data, config), url) as client:
        _say(client.post(_WORKS, asked), as_json=as_json)


@maintenance_app.command("list", epilog=EXITS)
def list_maintenances(
    *, as_json: AsJson = False, url: Url = "", data: Data = None, config: Config = None
) -> None:
    """List announced work."""
    with WatchClient(settings_of(data, config), url) as client:
        found = client.get(_WORKS)
    columns = ("id", "status", "name", "components")
    _list(found, columns, as_json=as_json, empty="No work is announced.")


@maintenance_app.command("edit", epilog=EXITS)
def edit(  # noqa: PLR0913 - its options
    work: WorkId,
    *,
    body: Body,
    name: Annotated[str, typer.Option("--name", help="What it is called from now on.")] = "",
    begins: Begins = "",
    ends: Ends = "",
    status: Annotated[
        str, typer.Option("--status", help="in_progress, verifying or completed.")
    ] = "",
    component: Component = None,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Change announced work, or move it on; what is not given stays."""
    asked = _asked(by, component, body=body, name=name, begins=begins, ends=ends, status=status)
    with WatchClient(settings_of(data, config), url) as client:
        _say(client.act(_WORKS, work, "edit", asked), as_json=as_json)


@maintenance_app.command("cancel", epilog=EXITS)
def cancel(  # noqa: PLR0913 - its options
    work: WorkId,
    *,
    body: Body,
    by: By = "",
    as_json: AsJson = False,
    url: Url = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Call announced work off."""
    with WatchClient(settings_of(data, config), url) as client:
        made = client.act(_WORKS, work, "cancel", _asked(by, body=body))
    _say(made, as_json=as_json)


def _asked(by: str, components: Sequence[str] | None = None, **fields: str) -> dict[str, Any]:
    return {"by": by or getpass.getuser(), "components": components or [], **fields}


def _list(
    found: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str
) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    rows = [[_cell(one.get(key, "")) for key in columns] for one in found]
    show_table(columns, rows, empty=empty)


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _say(made: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(made, ensure_ascii=False))
        return
    state = made.get("phase", made["status"])
    typer.echo(f"{made['id']}  {'cancelled' if made.get('cancelled') else state}  {made['name']}")
