"""When nobody new comes on stage: a host has locked it, or no host is here to answer for it."""

from dataclasses import dataclass
from typing import Final

GRACE_US: Final = 10_000_000
"""A host whose network changes is back within this; a stage does not lock for it."""

BY_HOST: Final = "host"
NO_HOST: Final = "no_host"


@dataclass(slots=True)
class Lock:
    """The lock of one stage; times are monotonic."""

    by_host: bool = False
    hosted: bool = False
    """A host or co-host has been here in this run: a stage that never had one has no lock."""
    _alone_since_us: int | None = None

    def restore(self, now_us: int, *, by_host: bool, hosted: bool) -> None:
        """Take over that of another studio: everybody is away now."""
        self.by_host, self.hosted = by_host, hosted
        self._alone_since_us = now_us if hosted else None

    def watch(self, now_us: int, *, host_here: bool) -> None:
        """Whether a host or co-host is connected now."""
        if host_here:
            self.hosted, self._alone_since_us = True, None
        elif self.hosted and self._alone_since_us is None:
            self._alone_since_us = now_us

    def reason(self, now_us: int) -> str:
        """Why the stage is locked: `host`, `no_host`, or nothing."""
        alone = self._alone_since_us
        if alone is not None and now_us - alone >= GRACE_US:
            return NO_HOST
        return BY_HOST if self.by_host else ""
