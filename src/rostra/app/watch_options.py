"""The options of the watch: section `[watch]` of the configuration."""

import ipaddress
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rostra.app import edge_options
from rostra.app.watch_targets import check
from rostra.watch.components import COMPONENTS_MAX, ID_PATTERN

URL: Final = r"(https?://[^\s/?#{}\"`]+[^\s{}\"`]*)?"
"""An address, without what the front door's configuration would read as its own."""


def _base(word: str) -> str:
    """As people may type it, without the path that always follows."""
    return word.rstrip("/").removesuffix("/status").rstrip("/")


def _bind(word: str) -> str:
    if word:
        ipaddress.ip_address(word)
    return word


def _fitting(components: "tuple[WatchedComponent, ...]") -> "tuple[WatchedComponent, ...]":
    check(components)
    return components


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WatchedComponent(_Section):
    """One component of the page: `[[watch.components]]`."""

    id: Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    target: Literal["http", "tcp", "tls", "hls", "space", "none"] = "none"
    address: Annotated[str, Field(max_length=500)] = ""
    description: Annotated[str, Field(max_length=300)] = ""
    group: Annotated[str, Field(max_length=80)] = ""
    every_s: float = Field(default=20.0, ge=5, le=3_600)
    timeout_s: float = Field(default=10.0, ge=1, le=60)
    depends_on: tuple[str, ...] = ()


class Mail(_Section):
    """The mail server that sends to subscribers; without a host nobody subscribes by e-mail."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = Field(default="", repr=False)
    sender: str = ""
    """Address in From."""


class Export(_Section):
    """Where page and JSON are written as files, so that they outlive the house."""

    folder: str = ""
    bucket: str = ""
    """Name of a bucket of S3-compatible storage, with a prefix after a slash if wished."""
    endpoint: Annotated[str, Field(pattern=f"^{URL}$")] = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = Field(default="", repr=False)
    every_s: float = Field(default=30.0, ge=5, le=3_600)


class Watch(_Section):
    """The outage tracker, which has a fate of its own."""

    on: bool = True
    """Whether `serve` starts a watch beside the house."""
    bind: Annotated[str, AfterValidator(_bind)] = ""
    """Address that the watch listens on; empty means every one."""
    name: Annotated[str, Field(max_length=80)] = ""
    """Title of the page; empty means the house's host."""
    public_url: Annotated[str, Field(pattern=f"^{URL}$"), AfterValidator(_base)] = ""
    """Where the page is published; empty means the watch's own port on this host."""
    place: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = "here"
    """Name of the place that this watch probes from."""
    places: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")], ...] = ()
    """Other places that may send what they find (`rostra watch --probe-for`)."""
    controls: Annotated[tuple[Annotated[str, Field(max_length=260)], ...], Field(max_length=5)] = ()
    """`HOST:PORT` of others that answer whenever this place's own network is well."""
    proxies: Annotated[tuple[str, ...], AfterValidator(edge_options.proxies)] = (
        "127.0.0.0/8",
        "::1",
    )
    """Addresses and networks whose X-Forwarded-For is believed; `edge.proxies` are, too."""
    components: Annotated[
        tuple[WatchedComponent, ...], Field(max_length=COMPONENTS_MAX), AfterValidator(_fitting)
    ] = ()
    """What is watched; none means this house."""
    mail: Mail = Mail()
    export: Export = Export()
