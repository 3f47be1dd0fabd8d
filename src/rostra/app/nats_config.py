"""The backbone's configuration: one NATS server on loopback, and what each role may do there."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PAYLOAD_BYTES_MAX: Final = 1024 * 1024
"""One message: chunks of objects are 128 kB, programme messages under 64 kB."""
MEMORY_BYTES_MAX: Final = 96 * 1024 * 1024
"""The last minute of programmes (64 MB), leases and addresses, with some room."""
DISK_BYTES_MAX: Final = 1024 * 1024 * 1024
"""Definitions, states and objects (640 MB at most), with some room."""
CONNECTIONS_MAX: Final = 512
"""Edges, studios and desks of one server, not listeners."""

ROLES: Final = ("studio", "edge", "desk")

_STREAMS: Final = ("PROG", "KV_defs", "KV_state", "KV_edges", "KV_leases", "OBJ_objects")


@dataclass(frozen=True, slots=True)
class Rights:
    """The subjects that a role may publish to and subscribe to."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    answers: bool = False
    """May answer a request at the address that came with it, once, within a minute."""


def _watch(*buckets: str) -> tuple[str, ...]:
    return tuple(
        subject
        for bucket in buckets
        for subject in (
            f"$JS.API.CONSUMER.CREATE.KV_{bucket}.*.$KV.{bucket}.>",
            f"$JS.API.DIRECT.GET.KV_{bucket}.>",
        )
    )


_FURNISH: Final = tuple(
    f"$JS.API.STREAM.{verb}.{stream}"
    for verb in ("CREATE", "UPDATE", "INFO")
    for stream in _STREAMS
)
_READ_OBJECTS: Final = (
    "$JS.API.DIRECT.GET.OBJ_objects",
    "$JS.API.DIRECT.GET.OBJ_objects.>",
)
_WRITE_OBJECTS: Final = (
    "$O.objects.>",
    "$JS.API.STREAM.MSG.GET.OBJ_objects",
    "$JS.API.STREAM.PURGE.OBJ_objects",
)

RIGHTS: Final[dict[str, Rights]] = {
    "studio": Rights(
        publish=(
            "prog.*",
            "event.*",
            "$KV.state.*",
            "$KV.leases.*",
            *_FURNISH,
            *_READ_OBJECTS,
            *_WRITE_OBJECTS,
            "$JS.API.DIRECT.GET.PROG",
            *_watch("defs", "state", "leases"),
        ),
        subscribe=("_INBOX_studio.>", "tally.*", "studio.*", "$KV.edges.*"),
        answers=True,
    ),
    "edge": Rights(
        publish=(
            "tally.*",
            "$KV.edges.*",
            *_READ_OBJECTS,
            "$JS.API.DIRECT.GET.PROG",
            *_watch("defs", "state"),
        ),
        subscribe=("_INBOX_edge.>", "prog.*", "$KV.edges.*"),
    ),
    "desk": Rights(
        publish=("studio.*", "$KV.defs.*", "$O.objects.C.*", "$O.objects.M.*", *_watch("state")),
        subscribe=("_INBOX_desk.>", "event.*", "$KV.edges.*"),
    ),
}
"""Who may say what. Only the studio speaks on `prog.*` and `event.*`, and writes states.

What a role may write it may not have delivered again: the server delivers to whatever address
the asker names, `prog.*` included, so writing and reading back together would forge programmes.
"""


def nats_config(port: int, health_port: int, store: Path, passwords: dict[str, str]) -> str:
    """The server's configuration as text (JSON, which NATS reads).

    `health_port` is for its `/healthz`, on loopback too; -1 lets the system choose.
    `store` is JetStream's folder; `passwords` has one for each of `ROLES`.
    """
    whole: dict[str, Any] = {
        "server_name": "rostra",
        "host": "127.0.0.1",
        "port": port,
        "http": f"127.0.0.1:{health_port}",
        "max_payload": PAYLOAD_BYTES_MAX,
        "max_connections": CONNECTIONS_MAX,
        "write_deadline": "2s",
        "jetstream": {
            "store_dir": str(store.absolute()),
            "max_memory_store": MEMORY_BYTES_MAX,
            "max_file_store": DISK_BYTES_MAX,
        },
        "authorization": {
            "timeout": 2,
            "users": [_user(role, passwords[role]) for role in ROLES],
        },
    }
    return json.dumps(whole, indent=2) + "\n"


def _user(role: str, password: str) -> dict[str, Any]:
    rights = RIGHTS[role]
    permissions: dict[str, Any] = {
        "publish": {"allow": list(rights.publish)},
        "subscribe": {"allow": list(rights.subscribe)},
    }
    if rights.answers:
        permissions["allow_responses"] = {"max": 1, "expires": "1m"}
    return {"user": role, "password": password, "permissions": permissions}
