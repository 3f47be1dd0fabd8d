"""Reading streams and objects with direct gets only: no consumer, so no right to create one."""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg

from rostra.domain.errors import HouseError

OBJECT_CHUNKS_MAX: Final = 512
"""64 MB in the store's chunks of 128 kB; a hold loop has a few, a card one."""

CHUNK_BYTES: Final = 128 * 1024
"""The object store's own size of a chunk (NATS ADR-20)."""

NEXT_WAIT_S: Final = 2.0
"""Between two messages of one answer; the server sends them in one go."""

Direct = Callable[[str, str], Awaitable[Msg | None]]
Batch = Callable[[str, str, int], Awaitable[list[Msg]]]


def check_object(name: str, size_bytes: int) -> None:
    """HouseError for an object that nobody could read back."""
    if size_bytes > OBJECT_CHUNKS_MAX * CHUNK_BYTES:
        sentence = (
            f"The object {name} has {size_bytes} bytes; the object store takes"
            f" {OBJECT_CHUNKS_MAX * CHUNK_BYTES} at most. Make it smaller."
        )
        raise HouseError(sentence)


async def read_object(name: str, direct: Direct, batch: Batch) -> bytes | None:
    """The bytes of object `name` (NATS ADR-20), or None; HouseError if they are damaged."""
    word = base64.urlsafe_b64encode(name.encode()).decode()
    head = await direct("OBJ_objects", f"$O.objects.M.{word}")
    if head is None:
        return None
    info = json.loads(head.data)
    if info.get("deleted"):
        return None
    check_object(name, info["size"])
    chunks = await batch("OBJ_objects", f"$O.objects.C.{info['nuid']}", OBJECT_CHUNKS_MAX)
    data = b"".join(chunk.data for chunk in chunks)
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
    if info["digest"].lower().removeprefix("sha-256=") != digest.lower():
        sentence = f"The object {name} is damaged in the object store. Store it again."
        raise HouseError(sentence)
    return data


async def read_batch(client: Client, stream: str, subject: str, limit: int) -> list[Msg]:
    """Up to `limit` messages of a subject, oldest first, in one round trip (NATS ADR-31).

    Raises what the client raises: `nats.errors.Error`.
    """
    found: list[Msg] = []
    inbox = client.new_inbox()
    box = await client.subscribe(inbox)
    wish = json.dumps({"seq": 1, "next_by_subj": subject, "batch": limit})
    try:
        await client.publish(f"$JS.API.DIRECT.GET.{stream}", wish.encode(), reply=inbox)
        while len(found) < limit:
            message = await box.next_msg(NEXT_WAIT_S)
            if (message.headers or {}).get("Status"):
                break
            found.append(message)
    finally:
        await box.unsubscribe()
    return found
