"""The data channel's words are read back by the other side, and nothing else is believed."""

import json

import pytest

from rostra.domain.errors import MalformedError
from rostra.domain.limits import DATA_CHANNEL_BYTES_MAX
from rostra.wire import stagelink
from rostra.wire.stagelink import (
    Ack,
    Bye,
    End,
    Hello,
    Leave,
    Levels,
    Mute,
    Nack,
    Parting,
    Quality,
    Remove,
    StageView,
    Start,
)
from rostra.wire.states import OnStage

PERSON = OnStage("p1", "Ada", "host", muted=False, here=True)


@pytest.mark.parametrize(
    "command",
    [Mute(1, on=True), Mute(2, on=False, who="p2"), Leave(3), Remove(4, "p2"), Start(5), End(6)],
)
def test_a_command_is_read_back(command: stagelink.Up) -> None:
    assert stagelink.read_up(stagelink.pack(command)) == command
    assert stagelink.read_up(stagelink.pack(command).encode()) == command


@pytest.mark.parametrize(
    "word",
    [
        Hello("p1", "host", "ticket"),
        StageView("Title", "live", 5, 100, (PERSON,)),
        Levels({"p1": -20}, mix=-18),
        Quality(1.5, 60),
        Ack(7),
        Nack(8, "Only a host may."),
        Bye("The space has ended."),
        Bye(Parting.ENDED.sentence, Parting.ENDED.value),
    ],
)
def test_what_the_studio_says_is_read_back(word: stagelink.Down) -> None:
    assert stagelink.read_down(stagelink.pack(word)) == word


def test_a_page_writes_plain_json() -> None:
    assert stagelink.read_up('{"t":"mute","n":4,"on":true}') == Mute(4, on=True)
    assert json.loads(stagelink.pack(Levels({"p1": -20}))) == {
        "t": "levels",
        "l": {"p1": -20},
        "mix": -90,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        '{"t":"dance","n":1}',
        '{"t":"mute","n":1}',
        '{"t":"mute","n":"1","on":true}',
        '{"n":1}',
        '{"t":"ack","n":1}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_command_is_refused(text: str | bytes) -> None:
    with pytest.raises(MalformedError, match="not a command"):
        stagelink.read_up(text)


def test_a_command_may_have_its_last_byte_and_no_more() -> None:
    frame = '{"t":"remove","n":1,"who":""}'
    full = frame.replace('""', '"' + "p" * (DATA_CHANNEL_BYTES_MAX - len(frame)) + '"')
    assert len(full) == DATA_CHANNEL_BYTES_MAX
    assert isinstance(stagelink.read_up(full), Remove)
    with pytest.raises(MalformedError, match="exceeds") as caught:
        stagelink.read_up(full + " ")
    assert caught.value.status == 413


def test_nonsense_from_a_studio_is_refused_too() -> None:
    with pytest.raises(MalformedError, match="not a message of a studio"):
        stagelink.read_down('{"t":"mute","n":1,"on":true}')
