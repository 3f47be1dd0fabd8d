"""An edge's audience: what its crowd is made of, and its counters for Prometheus."""

import hashlib
import secrets
from collections.abc import Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric

from rostra.app.machine import fresh_id
from rostra.delivery.crowd import Crowd

SALT_BYTES: Final = 32
"""As long as the hash that it keys (RFC 7693)."""

_PURPOSE: Final = b"rostra unique"


def new_crowd() -> Crowd:
    """An audience whose hashes die with the process."""
    return Crowd(secrets.token_bytes(SALT_BYTES), fresh_id)


def shared_secret(password: str) -> bytes:
    """What all edges of a house have in common, made of the password that they share.

    So the same listener is the same in the sketches of all edges, before and after a restart; and
    nothing has to be kept or sent for it.
    """
    return hashlib.blake2b(password.encode(), digest_size=SALT_BYTES, person=_PURPOSE).digest()


def crowd_metrics(crowd: Crowd) -> Iterator[Metric]:
    """What was taken and refused."""
    yield CounterMetricFamily(
        "rostra_edge_sessions_refused",
        "Requests of HLS players that were answered but not counted.",
        crowd.sessions.refused,
    )
    taken = CounterMetricFamily("rostra_edge_voices", "Reactions and hands taken.", labels=["kind"])
    for kind, count in crowd.voices.taken.items():
        taken.add_metric([kind], count)
    refused = CounterMetricFamily(
        "rostra_edge_voices_refused", "Reactions and hands refused.", labels=["limit"]
    )
    for limit, count in crowd.voices.refused.items():
        refused.add_metric([limit], count)
    yield from (taken, refused)
