"""A lobby with a real studio and a real voice: what listeners hear and read before it begins."""

import time

import numpy as np
from tests.integration.studio.evening import SPACE, Evening

from rostra.domain.grid import HOLD_LOOP_SAMPLES, MESSAGE_SAMPLES
from rostra.domain.space import State
from rostra.programme.bed import DUCK_DB
from rostra.programme.drivers.decode import UnitDecoder
from rostra.programme.drivers.loops import encode_loop
from rostra.programme.drivers.recording import recordings
from rostra.programme.drivers.tapes import check, messages
from rostra.wire.hold import hold_name, pack_hold
from rostra.wire.messages import Notice, ProgrammeMessage

LOOP_HZ = 9_000
"""Where the voice has nothing."""
DUCKED = 0.1 / 2 * 10 ** (DUCK_DB / 20)
"""What `level` gives of the loop under speech."""


def own_loop() -> bytes:
    at = np.arange(HOLD_LOOP_SAMPLES) / 48_000
    return pack_hold(encode_loop((0.1 * np.sin(2 * np.pi * LOOP_HZ * at)).astype(np.float32)))


def notices(heard: list[ProgrammeMessage], kind: str) -> list[Notice]:
    return [one for message in heard for one in message.notices if one.kind == kind]


def level(message: ProgrammeMessage, before: ProgrammeMessage) -> float:
    """How loud the loop is in a message."""
    decoder = UnitDecoder()
    sound = np.concatenate([decoder.feed(unit) for unit in (*before.aac, *message.aac)])
    tone = np.exp(-2j * np.pi * LOOP_HZ * np.arange(MESSAGE_SAMPLES) / 48_000)
    return float(abs(np.dot(sound[MESSAGE_SAMPLES:], tone)) / MESSAGE_SAMPLES)


def loud(evening: Evening) -> bool:
    """The loop of the space's own is heard."""
    heard = evening.messages
    return len(heard) > 3 and level(heard[-1], heard[-2]) > DUCKED / 2


async def test_a_lobby_plays_its_own_loop_and_says_when_it_begins(evening: Evening) -> None:
    packed = own_loop()
    name = hold_name(packed)
    await evening.studio._backbone.put_object(name, packed)
    t0_us = time.time_ns() // 1_000 + 25 * 60_000_000
    await evening.plan(t0_utc_us=t0_us, language="es", hold=name)
    state = await evening.until_state(State.LOBBY)
    assert state.source == "hold"
    await evening.until(lambda: bool(notices(evening.messages, "caption")))
    [caption] = notices(evening.messages, "caption")
    assert caption.body["lang"] == "es"
    assert caption.body["text"].startswith("Le damos la bienvenida")
    assert "25 minutos" in caption.body["text"]
    assert notices(evening.messages, "state")[0].body["source"] == "hold"
    await evening.until(lambda: loud(evening))
    folder = recordings(evening.data, SPACE)
    await evening.stop_studio()
    [path] = folder.iterdir()
    kept = {message.number: message for message in messages(path)}
    assert all(kept[message.number] == message for message in evening.messages)
    assert check(path).damaged == 0
