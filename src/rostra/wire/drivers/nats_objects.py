"""Reading streams and objects with direct gets only: no consumer, so no right to create one."""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import APIError

from rostra.domain.errors import HouseError

OBJECT_CHUNKS_MAX: Final = 512
"""64 MB in the store's chunks of 128 kB; a hold loop has a few, a card one."""

CHUNK_BYTES: Final = 128 * 1024
"""The object store's own size of a chunk (NATS ADR-20)."""

NUID_CHARS: Final = 22
"""As long as the names that NATS itself gives to an object's chunks."""

WRONG_LAST_SEQUENCE: Final = 10_071
"""JetStream's code for a subject that has grown since: here, for an object that is there."""

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


async def keep_object(js: JetStreamContext, name: str, data: bytes) -> None:
    """Write object `name` (NATS ADR-20) blindly; nothing changes where it is already.

    The chunks' place follows from the name, and each is written at most once: of two who store
    the same bytes at the same moment one is refused, and both have what they want.
    Raises what the client raises: `nats.errors.Error`.
    """
    place = hashlib.sha256(name.encode()).hexdigest()[:NUID_CHARS]
    pieces = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
    last = 0
    for piece in pieces:
        headers = {"Nats-Expected-Last-Subject-Sequence": str(last)}
        try:
            last = (await js.publish(f"$O.objects.C.{place}", piece, headers=headers)).seq
        except APIError as error:
            if error.err_code != WRONG_LAST_SEQUENCE:
                raise
            break
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
    head = {
        "name": name, "bucket": "objects", "nuid": place, "size": len(data),
        "chunks": len(pieces), "digest": f"SHA-256={digest}",
        "options": {"max_chunk_size": CHUNK_BYTES},
    }  # fmt: skip
    word = base64.urlsafe_b64encode(name.encode()).decode()
    rollup = {"Nats-Rollup": "sub"}
    await js.publish(f"$O.objects.M.{word}", json.dumps(head).encode(), headers=rollup)


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
