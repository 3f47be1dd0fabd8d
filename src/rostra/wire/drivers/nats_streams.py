"""Furnishing the backbone: the streams and buckets that the house keeps on it."""

import asyncio
from dataclasses import dataclass
from typing import Final

from nats import errors
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from rostra.domain.errors import HouseError
from rostra.domain.limits import MESSAGE_WINDOW

MINUTE_S: Final = 60.0
"""What a new edge gets of each programme."""
PROGRAMME_BYTES_MAX: Final = 64 * 1024 * 1024
"""A minute of one programme is about 1 MB; 64 programmes, then the oldest go first."""
STATE_BYTES_MAX: Final = 64 * 1024 * 1024
"""A space's definition or state is a few kB."""
VALUE_BYTES_MAX: Final = 64 * 1024
"""One value of a bucket: a state with a full stage, bans and a long queue is under 48 kB."""
MEMORY_BUCKET_BYTES_MAX: Final = 4 * 1024 * 1024
"""Addresses of edges: some hundred bytes each."""
OBJECTS_BYTES_MAX: Final = 512 * 1024 * 1024
"""Hold loops and cards."""
EDGE_TTL_S: Final = 10.0
"""An edge that has not renewed its address for this long is not there."""
LEASE_TTL_S: Final = 5.0
"""A studio that has not renewed its lease for this long has lost it."""
MARKER_TTL_S: Final = 2.0
"""How long the server remembers that a key expired, so that watchers are told."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of small values; `ttl_s` of zero keeps them until they are deleted."""

    name: str
    in_memory: bool = False
    ttl_s: float = 0.0


BUCKETS: Final = (
    Bucket("defs"),
    Bucket("state"),
    Bucket("edges", in_memory=True, ttl_s=EDGE_TTL_S),
    Bucket("leases", ttl_s=LEASE_TTL_S),
)
"""Leases lie on disk, so that a backbone that restarts within their life gives no space away."""


def stream_configs() -> list[StreamConfig]:
    """Every stream of the house, as JetStream wants it."""
    return [_programmes(), _objects(), *(_bucket(bucket) for bucket in BUCKETS)]


async def furnish_streams(js: JetStreamContext) -> None:
    """Create what is missing and adapt what differs; HouseError if the server cannot."""
    try:
        await asyncio.gather(*(_ensure(js, config) for config in stream_configs()))
    except (errors.Error, APIError, TimeoutError) as error:
        sentence = (
            f"The backbone cannot hold the house's streams ({error})."
            " Check that JetStream is on and has disk and memory left."
        )
        raise HouseError(sentence) from error


async def _ensure(js: JetStreamContext, config: StreamConfig) -> None:
    try:
        await js.stream_info(str(config.name))
    except NotFoundError:
        await js.add_stream(config)
    else:
        await js.update_stream(config)


def _programmes() -> StreamConfig:
    return StreamConfig(
        name="PROG",
        subjects=["prog.*"],
        storage=StorageType.MEMORY,
        max_age=MINUTE_S,
        max_msgs_per_subject=MESSAGE_WINDOW,
        max_bytes=PROGRAMME_BYTES_MAX,
        discard=DiscardPolicy.OLD,
        duplicate_window=MINUTE_S,
        allow_direct=True,
    )


def _objects() -> StreamConfig:
    return StreamConfig(
        name="OBJ_objects",
        subjects=["$O.objects.C.>", "$O.objects.M.>"],
        storage=StorageType.FILE,
        max_bytes=OBJECTS_BYTES_MAX,
        discard=DiscardPolicy.NEW,
        allow_rollup_hdrs=True,
        allow_direct=True,
    )


def _bucket(bucket: Bucket) -> StreamConfig:
    return StreamConfig(
        name=f"KV_{bucket.name}",
        subjects=[f"$KV.{bucket.name}.>"],
        storage=StorageType.MEMORY if bucket.in_memory else StorageType.FILE,
        max_msgs_per_subject=1,
        max_msg_size=VALUE_BYTES_MAX,
        max_bytes=MEMORY_BUCKET_BYTES_MAX if bucket.in_memory else STATE_BYTES_MAX,
        max_age=bucket.ttl_s,
        duplicate_window=bucket.ttl_s or MINUTE_S,
        discard=DiscardPolicy.NEW,
        deny_delete=True,
        allow_rollup_hdrs=True,
        allow_direct=True,
        allow_msg_ttl=True,
        subject_delete_marker_ttl=MARKER_TTL_S if bucket.ttl_s else None,
    )
