"""Writing a bucket's keys: plainly, only if absent, or only if nobody else wrote meanwhile."""

import contextlib
import json
from collections.abc import Awaitable
from typing import Any, Final, Protocol

from nats import errors
from nats.aio.msg import Msg

from rostra.domain.errors import HouseError
from rostra.domain.ports import Entry
from rostra.wire.drivers.nats_watch import is_gone

_WRONG_REVISION: Final = frozenset({10071, 10164})
"""JetStream's error codes for "wrong last sequence"."""
_EXPECTED: Final = "Nats-Expected-Last-Subject-Sequence"


class Request(Protocol):
    """Sends a request to the server and returns its answer."""

    def __call__(
        self, subject: str, payload: bytes, headers: dict[str, str] | None = None
    ) -> Awaitable[Msg]:
        """One round trip; NoRespondersError where no stream listens."""
        ...


class Direct(Protocol):
    """Reads the newest message of a subject from a stream."""

    def __call__(self, stream: str, subject: str) -> Awaitable[Msg | None]:
        """The message, or None."""
        ...


class Buckets:
    """NATS key-value buckets (ADR-8) over plain requests, so that rights stay narrow."""

    def __init__(self, request: Request, direct: Direct) -> None:
        self._request = request
        self._direct = direct

    async def get(self, bucket: str, key: str) -> Entry | None:
        """A key as it is now; None if it is absent, deleted or expired."""
        last = await self._direct(f"KV_{bucket}", f"$KV.{bucket}.{key}")
        if last is None or is_gone(last.headers):
            return None
        return Entry(key, last.data, int((last.headers or {})["Nats-Sequence"]))

    async def put(self, bucket: str, key: str, value: bytes) -> int:
        """Write a key; its revision."""
        return await self._write(bucket, key, value, {})

    async def create(self, bucket: str, key: str, value: bytes) -> int | None:
        """Write a key that is absent, deleted or expired; None if somebody holds it."""
        written = await self.update(bucket, key, value, 0)
        if written is not None:
            return written
        last = await self._direct(f"KV_{bucket}", f"$KV.{bucket}.{key}")
        if last is None:
            return await self.update(bucket, key, value, 0)
        if not is_gone(last.headers):
            return None
        return await self.update(bucket, key, value, int((last.headers or {})["Nats-Sequence"]))

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        """Write a key that still has `revision`; None if it has not."""
        try:
            return await self._write(bucket, key, value, {_EXPECTED: str(revision)})
        except _WrongRevisionError:
            return None

    async def delete(self, bucket: str, key: str, revision: int | None = None) -> None:
        """Remove a key, or only if it still has `revision`; no error if it is absent or has not."""
        expected = {} if revision is None else {_EXPECTED: str(revision)}
        with contextlib.suppress(_WrongRevisionError):
            await self._write(bucket, key, b"", {"KV-Operation": "DEL"} | expected)

    async def _write(self, bucket: str, key: str, value: bytes, headers: dict[str, str]) -> int:
        try:
            answer = await self._request(f"$KV.{bucket}.{key}", value, headers or None)
        except errors.NoRespondersError as error:
            sentence = f"The backbone has no bucket {bucket} yet. Start a studio or the house."
            raise HouseError(sentence) from error
        body: dict[str, Any] = json.loads(answer.data)
        if "error" not in body:
            return int(body["seq"])
        if body["error"].get("err_code") in _WRONG_REVISION:
            raise _WrongRevisionError(key)
        sentence = f"The backbone refuses {key} in {bucket}: {body['error']['description']}."
        raise HouseError(sentence)


class _WrongRevisionError(Exception):
    """Somebody else wrote the key first."""
