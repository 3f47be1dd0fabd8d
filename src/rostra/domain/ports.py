"""What the rooms need from outside and every driver of it must give."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at the machine's two clocks.

    `mono_ns` never steps back; `utc_us` is what the world calls it, and may step.
    """

    mono_ns: int
    utc_us: int

    @property
    def mono_us(self) -> int:
        """The monotonic clock in whole microseconds."""
        return self.mono_ns // 1_000


class Clock(Protocol):
    """Tells the moment; the machine's in production, a virtual one in simulation."""

    def now(self) -> Moment:
        """Read both clocks."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a bucket as it is now; `value` is None when the key was deleted or expired."""

    key: str
    value: bytes | None
    revision: int


Handler = Callable[[str, bytes], Awaitable[None]]
Responder = Callable[[bytes], Awaitable[bytes]]


class Backbone(Protocol):
    """Messages between processes: publish, subscribe, ask, and small shared state.

    Everything is bytes; `wire.messages` knows what they mean. Every method raises
    `rostra.domain.errors.HouseError` when the backbone cannot be reached within its bound.
    """

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send to whoever listens now; kept only if a stream covers the subject."""
        ...

    async def subscribe(self, subject: str, handler: Handler) -> None:
        """Call `handler(subject, payload)` for each message, in order, until closed."""
        ...

    async def serve(self, subject: str, responder: Responder) -> Callable[[], Awaitable[None]]:
        """Answer requests on `subject` (one answerer of a group); returns how to stop."""
        ...

    async def ask(self, subject: str, payload: bytes, timeout_s: float) -> bytes:
        """Send a request and return its answer."""
        ...

    async def recent(self, subject: str) -> list[bytes]:
        """What the memory stream still holds of `subject`, oldest first."""
        ...

    async def put(self, bucket: str, key: str, value: bytes) -> int:
        """Write a key and return its revision."""
        ...

    async def create(self, bucket: str, key: str, value: bytes) -> int | None:
        """Write a key only if it is absent; its revision, or None if somebody holds it."""
        ...

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        """Write a key only if it still has `revision`; the new one, or None if it has not."""
        ...

    async def delete(self, bucket: str, key: str) -> None:
        """Remove a key; no error if it is absent."""
        ...

    def watch(self, bucket: str, told: Callable[[], None] | None = None) -> AsyncIterator[Entry]:
        """Every key as it is now, then every change, for ever (reconnects included).

        `told` is called each time that every key as it is has been given.
        """
        ...

    async def put_object(self, name: str, data: bytes) -> None:
        """Store a blob under its name (hold loops by content hash, cards)."""
        ...

    async def get_object(self, name: str) -> bytes | None:
        """Fetch a blob, or None."""
        ...

    async def close(self) -> None:
        """Flush and leave."""
        ...
