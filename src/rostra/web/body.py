"""Reads a request's whole body within a bound of bytes and of time, and plays it to the route."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.types import Message, Receive

DROPPED_BYTES_MAX: Final = 1_000_000
"""What is read of a body that is too large, as much as the front door lets through."""

BODY_TIMEOUT_S: Final = 10.0
"""At 64 kbit/s the largest body takes this long; a slower one holds a place for nothing."""


async def whole_body(
    request: Request, receive: Receive, bytes_max: int
) -> bytes | tuple[int, str, str]:
    """The body, or the status, sentence and reason of its refusal."""
    announced = request.headers.get("content-length", "0")
    fits = announced.isascii() and announced.isdigit() and int(announced[:12]) <= bytes_max
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await _read(receive, bytes_max if fits else 0)
    except TimeoutError:
        sentence = f"The request's body did not come within {BODY_TIMEOUT_S:.0f} s. Try again."
        return 408, sentence, "slow"
    if fits and len(body) <= bytes_max:
        return body
    return 413, f"The request's body exceeds {bytes_max} bytes. Send less.", "size"


async def _read(receive: Receive, bytes_max: int) -> bytes:
    """The body, or more than `bytes_max` of it where it is longer.

    What is too much is taken and dropped up to a limit: who still sends when the answer comes
    and the connection closes sees a broken connection in place of the answer.
    """
    kept, seen, more = bytearray(), 0, True
    while more and seen <= DROPPED_BYTES_MAX:
        message = await receive()
        part = message.get("body", b"")
        seen += len(part)
        if len(kept) <= bytes_max:
            kept += part
        more = message.get("more_body", False)
    return bytes(kept)


def replay(body: bytes, receive: Receive) -> Receive:
    """What gives the route a body that was read already."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
