"""What `rostra doctor` says of the watch: whose fate it shares, and from where it looks."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from rostra.app.config import Settings
from rostra.app.doctor_finding import Finding
from rostra.app.watch_record import read_record


def watch_findings(settings: Settings) -> Iterator[Finding]:
    """Where the status page is published, and from how many places is probed."""
    here = settings.watch.on or read_record(settings) is not None
    if not here and not settings.watch.public_url:
        yield Finding(
            "status page",
            "weak",
            "none: watch.on is false, and watch.public_url is empty",
            "everybody in an outage: nobody tells them what is known, nobody hears their reports",
            "watch.on = true; or run 'rostra watch' on another machine and name it in"
            " watch.public_url",
        )
        return
    yield published(settings)
    yield places(settings)


def published(settings: Settings) -> Finding:
    """Whether the page's address outlives this machine and its name."""
    found = f"{settings.watch_url}/status"
    own = {settings.domain or "localhost", "localhost", "127.0.0.1", "::1"}
    kept = settings.watch.export
    if urlsplit(settings.watch_url).hostname not in own:
        return Finding("status page", "ok", found)
    if kept.bucket:
        return Finding("status page", "ok", f"{found}, with a copy in {kept.bucket}")
    return Finding(
        "status page",
        "weak",
        f"{found} is on this house's own machine and name",
        "the page: when machine, network or name of the house are gone, so is what tells of it",
        "run 'rostra watch' on another machine and name its address in watch.public_url, or have"
        " a copy written to watch.export.bucket",
    )


def places(settings: Settings) -> Finding:
    """Whether more than one place probes."""
    others = settings.watch.places
    if others:
        names = ", ".join((settings.watch.place, *others))
        return Finding("places that probe", "ok", names)
    return Finding(
        "places that probe",
        "weak",
        f"{settings.watch.place} alone",
        "what an incident may say: one place cannot tell its own trouble from the house's",
        f"on another machine: rostra watch --probe-for {settings.watch_url}, and its name in"
        " watch.places",
    )
