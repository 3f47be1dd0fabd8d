"""A mistake of ours costs its own connection, message or space: everybody else goes on."""

import time

import pytest
from msgspec import structs
from tests.fakes.grid_messages import message, state
from tests.integration.edge.edge_house import House, house, until

from rostra.delivery.channel import Channel
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.service import Now
from rostra.wire.messages import to_json


def broken_task(_hall: Hall, _now: Now) -> None:
    raise ZeroDivisionError


def forgiven(subject: House, count: int) -> None:
    """What `house` asserts at its end is expected here."""
    until(lambda: subject.edge.stats.turn_errors >= count, f"{count} mistakes")
    subject.edge.stats.turn_errors = 0


def test_a_task_that_fails_ends_nobody_and_is_told_once_a_second(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with house() as subject:
        subject.say()
        listener = subject.get("/live/hall/stream.aac")
        subject.listening(1)
        for number in range(40):
            subject.edge.inbox.put((broken_task, time.monotonic_ns()))
            subject.publish(message(number))
        listener.read_until(lambda c: b"run1/aac/180;" in c.data, "message 36")
        forgiven(subject, 40)
    assert 1 <= capsys.readouterr().out.count("a task of the backbone failed") <= 10


def test_a_space_that_cannot_be_tended_is_begun_anew_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = Channel.due

    def due(self: Channel, now_ns: int) -> object:
        if self.space == "hall" and self.state is not None and self.state.title == "Cursed":
            raise ZeroDivisionError
        return whole(self, now_ns)

    monkeypatch.setattr(Channel, "due", due)
    with house() as subject:
        subject.say()
        east = structs.replace(state(), id="east")
        subject.do(subject.backbone.put("state", "east", to_json(east)))
        subject.send(20)
        subject.number = 0
        subject.send(20, space="east")
        cursed = subject.get("/live/hall/stream.aac")
        other = subject.get("/live/east/stream.aac")
        subject.listening(2)
        subject.do(subject.backbone.put("state", "hall", to_json(state(title="Cursed"))))
        cursed.read_to_end()
        subject.do(subject.backbone.put("state", "hall", to_json(state())))
        subject.listening(1)
        assert not cursed.finished(), "as a lost connection: players come back"
        for number in range(20, 30):
            subject.publish(message(number, space="east"))
        other.read_until(lambda c: b"run1/aac/130;" in c.data, "message 26 of the other space")
        subject.number = 20
        subject.send(12)
        again = subject.get("/live/hall/stream.aac")
        again.read_until(lambda c: b"run1/aac/" in c.data, "sound again")
        forgiven(subject, 1)
