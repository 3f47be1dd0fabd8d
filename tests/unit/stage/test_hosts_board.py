"""What the board of the hosts costs while a crowd has its hands up."""

from dataclasses import dataclass

import pytest

from rostra.domain.ports import Moment
from rostra.stage.bans import Marks, mark_of
from rostra.stage.drivers.hosts import HostsBoard
from rostra.stage.floor import Floor
from rostra.stage.queue import KEPT_US, Queue


@dataclass(frozen=True)
class Raised:
    claim: str = "a" * 43
    listener: str = "lea"
    name: str = "Lea"
    note: str = ""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    made: list[object] = []
    hear = Queue.hear

    def counted(queue: Queue, *given: object) -> None:
        made.append(given)
        hear(queue, *given)  # type: ignore[arg-type] # as they came

    monkeypatch.setattr(Queue, "hear", counted)
    return made


def at_us(now_us: int) -> Moment:
    return Moment(now_us * 1_000, 1)


def test_the_same_hands_are_looked_at_once_until_somebody_is_banned(looks: list[object]) -> None:
    floor = Floor()
    board = HostsBoard(floor, lambda: ())
    for tick in range(10):
        board.hear((Raised(),), at_us(tick * 100_000))
    assert (len(looks), len(floor.queue)) == (1, 1)
    floor.bans.add(Marks(listener=mark_of("listener", "lea")))
    board.hear((Raised(),), at_us(1_000_000))
    assert (len(looks), len(floor.queue)) == (2, 0)


def test_hands_of_another_studio_are_forgotten_in_their_time(looks: list[object]) -> None:
    floor = Floor()
    board = HostsBoard(floor, lambda: ())
    board.hear((Raised(),), at_us(0))
    floor.queue.restore((("b" * 43, "Bert", "", ""),), 0)
    board.hear((Raised(),), at_us(1))
    assert len(floor.queue) == 2
    for _ in range(3):
        board.hear((Raised(),), at_us(KEPT_US))
    assert (len(looks), len(floor.queue)) == (3, 1)
