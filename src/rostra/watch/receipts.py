"""What a reporter is told of a report, and the door that reports come through."""

from typing import Any, Final, Protocol

import msgspec

from rostra.domain.errors import HouseError, PeerError
from rostra.watch.counting import Outcome
from rostra.watch.intake import Submission

RETRY_S: Final = 5
"""When to come again after the queue was full: it empties in well under a second."""


class Receipt(msgspec.Struct, frozen=True):
    """The answer to a report that is on the disk.

    `proof`: `not_needed`, `wanted` (solve a challenge and send the report again, and it counts),
    `refused` (that one is no good, or was used: likewise), `accepted`.
    """

    outcome: Outcome
    proof: str = "not_needed"


class FullError(HouseError):
    """More reports wait than the disk takes at this moment (503)."""

    status = 503

    def __init__(self) -> None:
        self.wait_s = RETRY_S
        super().__init__(f"Too many reports come at once. Try again in {RETRY_S} seconds.")


class OftenError(PeerError):
    """The address has used up its reports for now (429)."""

    status = 429

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(
            f"Many reports came from your network, and they are noted. Come back in {wait_s} s."
        )


class Door(Protocol):
    """Takes reports; `components` are the ids that it knows."""

    @property
    def components(self) -> frozenset[str]:
        """What can be reported."""
        ...

    @property
    def waiting(self) -> int:
        """Reports on their way to the disk."""
        ...

    def flood(self, component: str | None = None) -> bool:
        """Whether proofs are asked for: of a component, or of any."""
        ...

    async def take(self, submission: Submission, address: str) -> Receipt:
        """Keep a report; it is on the disk when this returns. FullError, OftenError."""
        ...

    def challenge(self, component: str, address: str) -> dict[str, Any] | None:
        """A challenge, or None while no proof is asked for. OftenError."""
        ...


class ClosedDoor:
    """A door of a watch that takes no reports: it knows no component."""

    components: frozenset[str] = frozenset()
    waiting: int = 0

    def flood(self, component: str | None = None) -> bool:
        """Never."""
        del component
        return False

    async def take(self, submission: Submission, address: str) -> Receipt:
        """Nothing is taken: FullError."""
        del submission, address
        raise FullError

    def challenge(self, component: str, address: str) -> None:
        """None is asked for."""
        del component, address
