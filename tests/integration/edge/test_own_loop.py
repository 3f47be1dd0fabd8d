"""A space with hold audio of its own is filled with that, and with the house's until it is here."""

from tests.fakes.grid_messages import loop, state
from tests.integration.edge.edge_house import House, house, until

from rostra.delivery.window import Step
from rostra.domain.space import State
from rostra.wire.hold import HoldLoop, pack_hold
from rostra.wire.messages import to_json
from rostra.wire.states import SpaceDef

OWN = HoldLoop(
    tuple(b"own" + unit for unit in loop().aac),
    tuple(b"own" + frame[3:] for frame in loop().mp3),
    tuple(b"own" + packet for packet in loop().opus),
)


def plan(subject: House, hold: str) -> None:
    planned = SpaceDef("hall", "A talk", 0, hold=hold)
    subject.do(subject.backbone.put("defs", "hall", to_json(planned)))


def fills(subject: House) -> bytes:
    """The first unit of AAC that silence would be filled with now."""
    fill = subject.edge.hall.channels["hall"].line.fill
    return b"" if fill is None else fill("run1", 0, 0).aac[0]


def test_an_edge_fetches_a_space_s_own_loop_and_fills_with_it() -> None:
    with house() as subject:
        subject.say()
        subject.send(3)
        plan(subject, "hold-lost")
        assert fills(subject) == loop().aac[0]
        subject.do(subject.backbone.put_object("hold-own", pack_hold(OWN)))
        plan(subject, "hold-own")
        until(lambda: fills(subject) == OWN.aac[0], "the loop of its own")
        until(lambda: subject.newest() > 5, "hold audio")
        window = subject.edge.hall.channels["hall"].window
        step = window.get(4)
        assert isinstance(step, Step)
        assert step.message.aac[0].startswith(b"own")
        assert not step.real


def test_a_space_that_begins_later_has_it_from_the_first_moment() -> None:
    with house() as subject:
        subject.do(subject.backbone.put_object("hold-own", pack_hold(OWN)))
        plan(subject, "hold-own")
        until(lambda: "hall" in subject.edge.hall._own, "the loop of its own")
        subject.say(State.LOBBY)
        until(lambda: "hall" in subject.edge.hall.channels, "the doors")
        assert fills(subject) == OWN.aac[0]
        subject.do(subject.backbone.put("state", "hall", to_json(state(State.ENDED))))
        until(lambda: "hall" not in subject.edge.hall._own, "nothing of it is kept")
