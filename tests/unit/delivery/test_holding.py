"""Who waits for which part, and who is let go when it is out."""

from tests.fakes.grid_messages import message, state

from rostra.delivery.channel import Channel
from rostra.delivery.directives import Reload
from rostra.delivery.holding import HELD_MAX, RELEASED_A_TURN_MAX, Hold, Holds
from rostra.domain.space import State


class Talk:
    """A channel, and those who wait at it."""

    def __init__(self, most: int = HELD_MAX) -> None:
        self.channel = Channel("hall", "edge-0", None)
        self.channel.learn(state(), 0, 0)
        self.channels = {"hall": self.channel}
        self.holds: Holds[str] = Holds(most)
        self.say(0, 18)

    def say(self, first: int, last: int, run: str = "run1") -> None:
        for number in range(first, last):
            for step in self.channel.take(message(number, run), 0):
                self.channel.out(step)

    def wait(self, who: str, msn: int, part: int | None = None) -> bool:
        return self.holds.add(who, Hold(self.channel, "run1", Reload(msn, part)))

    def ripe(self) -> list[str]:
        return self.holds.ripe(self.channels)


def test_each_is_released_by_the_part_that_it_waits_for() -> None:
    talk = Talk()
    for who, msn, part in (("a", 1, 0), ("b", 1, 1), ("c", 1, None), ("d", 1, 0)):
        assert talk.wait(who, msn, part)
    talk.say(18, 20)
    assert talk.ripe() == []
    talk.say(20, 21)
    assert talk.ripe() == ["a", "d"]
    talk.say(21, 35)
    assert talk.ripe() == ["b"]
    talk.say(35, 36)
    assert talk.ripe() == ["c"]
    assert len(talk.holds) == 0


def test_who_leaves_waits_no_more() -> None:
    talk = Talk()
    talk.wait("a", 1, 0)
    talk.wait("b", 1, 0)
    talk.holds.remove("a")
    talk.holds.remove("nobody")
    talk.say(18, 21)
    assert talk.ripe() == ["b"]
    assert talk.holds._rows == {}


def test_a_new_run_the_end_and_a_forgotten_space_release_everybody() -> None:
    for change in ("run", "end", "gone"):
        talk = Talk()
        talk.wait("a", 2)
        assert talk.ripe() == []
        if change == "run":
            talk.say(0, 1, "run2")
        elif change == "end":
            talk.channel.learn(state(State.ENDED), 0, 0)
            assert talk.channel.ends(10**12)
        else:
            talk.channels.clear()
        assert talk.ripe() == ["a"], change


def test_no_more_wait_than_may() -> None:
    talk = Talk(most=2)
    assert talk.wait("a", 1)
    assert talk.wait("b", 1)
    assert not talk.wait("c", 1)
    talk.holds.remove("a")
    assert talk.wait("c", 1)


def test_a_turn_releases_a_share_and_the_next_goes_on() -> None:
    talk = Talk()
    crowd = [str(who) for who in range(RELEASED_A_TURN_MAX + 3)]
    for at, who in enumerate(crowd):
        talk.wait(who, 1, at % 2)
    talk.say(18, 24)
    first, second = talk.ripe(), talk.ripe()
    assert len(first) == RELEASED_A_TURN_MAX
    assert sorted(first + second) == sorted(crowd)
    assert talk.ripe() == []


def test_however_a_part_is_spelled_it_is_one_row() -> None:
    talk = Talk()
    talk.wait("first", 2, 0)
    for beyond in range(6, 2_000):
        talk.wait(f"listener {beyond}", 1, beyond)
    talk.wait("whole", 1)
    talk.wait("last", 1, 5)
    assert len(talk.holds._rows) == 2
    talk.say(18, 36)
    assert talk.ripe() == ["whole", "last"]
    talk.say(36, 39)
    assert len(talk.ripe()) == RELEASED_A_TURN_MAX
