"""Reading the object store with direct gets only: no consumer, so no right to create one."""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Final

from nats.aio.msg import Msg

from rostra.domain.errors import HouseError

OBJECT_CHUNKS_MAX: Final = 512
"""64 MB in the store's chunks of 128 kB; a hold loop has a few, a card one."""

Direct = Callable[[str, str], Awaitable[Msg | None]]
Batch = Callable[[str, str, int], Awaitable[list[Msg]]]


async def read_object(name: str, direct: Direct, batch: Batch) -> bytes | None:
    """The bytes of object `name` (NATS ADR-20), or None; HouseError if they are damaged."""
    word = base64.urlsafe_b64encode(name.encode()).decode()
    head = await direct("OBJ_objects", f"$O.objects.M.{word}")
    if head is None:
        return None
    info = json.loads(head.data)
    if info.get("deleted"):
        return None
    chunks = await batch("OBJ_objects", f"$O.objects.C.{info['nuid']}", OBJECT_CHUNKS_MAX)
    data = b"".join(chunk.data for chunk in chunks)
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
    if info["digest"].lower().removeprefix("sha-256=") != digest.lower():
        sentence = f"The object {name} is damaged in the object store. Store it again."
        raise HouseError(sentence)
    return data
