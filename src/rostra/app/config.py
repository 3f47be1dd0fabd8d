"""The configuration: one frozen tree, from defaults, `rostra.toml` and `ROSTRA_*`."""

import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

import pydantic
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from rostra.app import edge_options
from rostra.app.watch_options import Watch
from rostra.delivery.budgets import GENEROUS
from rostra.domain.errors import HouseError

_PORT_LAST: Final = 65_535
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - listeners come from anywhere
_NAME: Final = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}")
"""A host's name (RFC 1123, section 2.1), in lower case."""
_ICE_URL: Final = re.compile(
    r"(stuns?:[^\s?]+|turns?:[^\s?]+(\?transport=(udp|tcp))?)", re.IGNORECASE
)
"""A STUN or TURN server's address (RFC 7064, RFC 7065)."""


def _host_name(word: str) -> str:
    if word and not _NAME.fullmatch(word):
        sentence = "is no host name such as talk.example.org, without https:// and port"
        raise ValueError(sentence)
    return word


def _address(word: str) -> str:
    if word:
        ipaddress.ip_address(word)
    return word


def _port_range(word: str) -> str:
    ports = re.fullmatch(r"\s*(\d{1,5})\s*-\s*(\d{1,5})\s*", word)
    if word and not (ports and 0 < int(ports[1]) <= int(ports[2]) <= _PORT_LAST):
        sentence = 'is no range of ports such as "50000-50200"'
        raise ValueError(sentence)
    return word


def _nats_url(word: str) -> str:
    parts = urlsplit(word)
    if word and (parts.scheme not in {"nats", "tls"} or not parts.hostname):
        sentence = "is no address such as nats://backbone.example.org:4222"
        raise ValueError(sentence)
    return word


def _ice_urls(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        if not _ICE_URL.fullmatch(word):
            sentence = f"{word[:80]!r} is no address such as stun:HOST:3478 or turn:HOST:3478"
            raise ValueError(sentence)
    return words


def _folder(word: object) -> object:
    if word == "":
        sentence = "is empty: name the folder of this house"
        raise ValueError(sentence)
    return word


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Budgets(_Section):
    """What one edge grants to one source; the reasons are at `delivery.budgets.Limits`.

    An address is an IPv4 one or an IPv6 /64, a prefix a /24 or a /48.
    """

    connections_per_address: int = Field(default=GENEROUS.connections_per_address, ge=1)
    """Open connections of one address."""
    connections_per_prefix: int = Field(default=GENEROUS.connections_per_prefix, ge=1)
    """Open connections of one prefix."""
    connections_per_second: int = Field(default=GENEROUS.connections_per_second, ge=1)
    """New connections of one prefix, ten seconds' worth at once."""
    joins_per_second: int = Field(default=GENEROUS.joins_per_second, ge=1)
    """Streams begun by one prefix, ten seconds' worth at once."""
    heads: int = Field(default=GENEROUS.heads, ge=1)
    """Unfinished request heads and TLS handshakes in all; the oldest makes room."""
    heads_per_prefix: int = Field(default=GENEROUS.heads_per_prefix, ge=1)
    """Unfinished request heads and TLS handshakes of one prefix."""


class Edge(_Section):
    """The processes that listeners connect to."""

    count: int = Field(default=0, ge=0, le=64)
    """Edges on this machine; 0 means one a core."""
    bind: Annotated[str, AfterValidator(_address)] = ""
    """Address that edges listen on; empty means every one. With a domain and 127.0.0.1 the front
    door is the only way that a browser takes."""
    tls_cert: str = ""
    """PEM file of the edges' certificate and its chain; empty means none, or with a domain the one
    that the front door got."""
    tls_key: str = ""
    """PEM file of its key, without a password."""
    listeners_max: int = Field(default=18_000, ge=1)
    """Listeners of one edge; beyond it newcomers get 503. With too few file handles (see
    `delivery.drivers.handles`) it takes fewer."""
    ticks: Annotated[tuple[Literal[1, 3, 9, 18], ...], Field(min_length=1)] = (1, 3, 9, 18)
    """How many messages of 106.7 ms an edge may gather before it writes to a listener; it begins
    with the fewest, and takes more as its load grows. One alone is kept whatever the load."""
    relief: tuple[Literal["no_burst", "offer_hls", "wait"], ...] = ("no_burst", "offer_hls", "wait")
    """What an edge may do after its last tick, in this order: no second of sound at once for a
    joiner, newcomers of push to HLS, newcomers into a queue."""
    name: Annotated[str, AfterValidator(edge_options.name)] = "edge"
    """First part of the edges' names (edge-0, edge-1, …): another on each machine of a house."""
    bases: Annotated[tuple[str, ...], AfterValidator(edge_options.bases)] = ()
    """Public addresses of each edge, `{index}` its number here, `{port}` its port; none means its
    port on the host that the page came from, with a domain once there is a certificate."""
    frontdoor: bool = True
    """Whether this machine's front door leads to these edges under /e/NAME, and speaks plain HTTP
    to them from loopback; not where only `rostra edge` runs."""
    weight: int = Field(default=1, ge=0, le=1_000)
    """How many listeners each of these edges takes beside those of other machines; 0 none."""
    origins: Annotated[tuple[str, ...], AfterValidator(edge_options.origins)] = ("*",)
    """Web origins whose pages may read what the edges answer; "*" is every one."""
    csp_sources: Annotated[tuple[str, ...], AfterValidator(edge_options.csp_sources)] = ()
    """Where the page may fetch sound from; none means from the edges that are known."""
    proxies: Annotated[tuple[str, ...], AfterValidator(edge_options.proxies)] = (
        "127.0.0.0/8",
        "::1",
    )
    """Addresses and networks whose X-Forwarded-For is believed; the front door is on loopback."""
    tickets: Literal["open", "required"] = "open"
    """Whether listeners need a signed ticket in the whole house."""
    budgets: Budgets = Budgets()


class IceServer(_Section):
    """A STUN or TURN server, as a browser's RTCIceServer."""

    urls: Annotated[tuple[str, ...], AfterValidator(_ice_urls)]
    username: str = ""
    credential: str = ""


class Stage(_Section):
    """The speakers' WebRTC."""

    public_address: Annotated[str, AfterValidator(_address)] = ""
    """Address that speakers reach this machine at, if it is behind NAT (1:1)."""
    udp_ports: Annotated[str, AfterValidator(_port_range)] = ""
    """Range of UDP ports such as "50000-50200"; empty lets the system choose."""
    ice_servers: tuple[IceServer, ...] = ()


class Recording(_Section):
    """What the studio keeps on disk of each programme, below `data`/recordings."""

    on: bool = True
    """Whether programmes are recorded at all."""
    run_mb_max: int = Field(default=4_096, ge=1)
    """The largest file of one run; 65 MB are an hour, all encodings together."""
    free_mb_min: int = Field(default=512, ge=0)
    """Recording waits while less than this is free on its disk: the journal comes first."""


class Accounts(_Section):
    """Who may have an account."""

    open: bool = False
    """Anybody may register; otherwise by the owner's invitation."""


class Nats(_Section):
    """The backbone."""

    url: Annotated[str, AfterValidator(_nats_url)] = ""
    """A NATS server of your own; empty means that `serve` starts one on loopback."""


class Database(_Section):
    """Where the desk keeps accounts and spaces."""

    url: str = ""
    """SQLAlchemy URL; empty means SQLite below the data folder."""


class Settings(BaseSettings):
    """Every option of the house."""

    model_config = SettingsConfigDict(
        env_prefix="ROSTRA_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data: Annotated[Path, BeforeValidator(_folder)] = Path(".data")
    """Where everything of this house is kept."""
    port: int = Field(default=8000, ge=1, le=65_000)
    """The front door. Edges follow at +1…, what is internal from +200 on loopback."""
    domain: Annotated[str, AfterValidator(_host_name)] = ""
    """Public name with automatic HTTPS; empty means plain HTTP on localhost."""
    log: Literal["auto", "human", "json"] = "auto"
    """Log lines: `auto` (by terminal), `human` or `json`."""
    edge: Edge = Edge()
    stage: Stage = Stage()
    recording: Recording = Recording()
    accounts: Accounts = Accounts()
    nats: Nats = Nats()
    database: Database = Database()
    watch: Watch = Watch()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(_file()))

    @model_validator(mode="after")
    def _edges_are_reached(self) -> Self:
        if self.domain and any(base.startswith("http:") for base in self.edge.bases):
            sentence = "edge.bases: a page of a house with a domain is https and may not load"
            raise ValueError(sentence + " sound over http; name https addresses")
        if bool(self.edge.tls_cert) != bool(self.edge.tls_key):
            sentence = "edge.tls_cert and edge.tls_key belong together: name both files"
            raise ValueError(sentence)
        if not self.edge.frontdoor and not any("//" in base for base in self.edge.bases):
            sentence = "edge.bases: without a front door edges need an address with a host"
            raise ValueError(sentence)
        return self

    @property
    def edge_count(self) -> int:
        """Edges to start on this machine."""
        return self.edge.count or os.cpu_count() or 1

    @property
    def origin(self) -> str:
        """The front door's address as people type it."""
        return f"https://{self.domain}" if self.domain else f"http://localhost:{self.port}"

    @property
    def edge_bind(self) -> str:
        """The address that edges listen on."""
        return self.edge.bind or EVERYWHERE

    def edge_id(self, index: int) -> str:
        """The name of edge `index` (from 0) of this machine."""
        return f"{self.edge.name}-{index}"

    def edge_port(self, index: int) -> int:
        """Media port of edge `index` (from 0), open to listeners."""
        return self.port + 1 + index

    def edge_admin_port(self, index: int) -> int:
        """Health and metrics of edge `index`, on loopback."""
        return self.port + 210 + index

    @property
    def nats_port(self) -> int:
        """The backbone on loopback."""
        return self.port + 200

    @property
    def nats_url(self) -> str:
        """Where the processes find the backbone."""
        return self.nats.url or f"nats://127.0.0.1:{self.nats_port}"

    @property
    def desk_port(self) -> int:
        """The desk on loopback, behind the front door."""
        return self.port + 201

    @property
    def studio_port(self) -> int:
        """Health and metrics of the studio, on loopback."""
        return self.port + 202

    @property
    def frontdoor_port(self) -> int:
        """Health and metrics of the front door, on loopback."""
        return self.port + 203

    @property
    def nats_health_port(self) -> int:
        """Health of the backbone, on loopback."""
        return self.port + 204

    @property
    def house_port(self) -> int:
        """Health and metrics of the house as a whole, on loopback."""
        return self.port + 205

    @property
    def watch_port(self) -> int:
        """The watch's page and API, open to everybody."""
        return self.port + 100

    @property
    def watch_health_port(self) -> int:
        """Health and metrics of the watch, on loopback."""
        return self.port + 206

    @property
    def watch_url(self) -> str:
        """Where the watch's page is published, without a slash at its end."""
        origin = f"https://{self.domain}" if self.domain else "http://localhost"
        return self.watch.public_url or f"{origin}:{self.watch_port}"

    @property
    def secrets(self) -> Path:
        """Keys and credentials, mode 0700."""
        return self.data / "secrets"


def load(**given: Any) -> Settings:  # noqa: ANN401 - whatever the command line gave
    """Read the configuration; HouseError names key, rule and where to mend it."""
    named = os.environ.get("ROSTRA_CONFIG")
    if named is not None and not Path(named).is_file():
        sentence = f"There is no configuration file {named}. Mend --config or ROSTRA_CONFIG."
        raise HouseError(sentence)
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        rule = "is no setting" if first["type"] == "extra_forbidden" else first["msg"]
        rule = rule.removeprefix("Value error, ")
        said = f"{key}: {rule}" if key else rule  # a rule on several keys names them itself
        sentence = f"Configuration: {said}. Mend it in {_file()} or ROSTRA_*."
        raise HouseError(sentence) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        sentence = f"Configuration: {_file()} cannot be read: {error}. Mend that file."
        raise HouseError(sentence) from error
    except SettingsError as error:
        sentence = f"Configuration: {error}. Mend it in ROSTRA_*; lists are written as JSON."
        raise HouseError(sentence) from error


def _file() -> str:
    return os.environ.get("ROSTRA_CONFIG", "rostra.toml")
