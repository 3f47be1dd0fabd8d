"""A whole evening over hold audio: what its listeners are told, from the doors to a break."""

import asyncio
from functools import partial

import numpy as np
import pytest
from tests.fakes import one_space
from tests.fakes.one_space import EPOCH_US, SECOND_US, OneSpace

from rostra.app.studio_booth import Booth
from rostra.app.studio_means import Means
from rostra.domain.space import Cause, Role
from rostra.programme.limiter import Sound

SPEECH = np.full(48_000, 0.1, np.float32)


class QuietBooth(Booth):
    """Makes each sentence a second of the same, at once."""

    async def speak(self, text: str, language: str) -> Sound:
        assert text
        assert language == "en"
        return SPEECH


@pytest.fixture
async def evening(monkeypatch: pytest.MonkeyPatch) -> OneSpace:
    """It begins in a minute, and nobody is there yet."""
    monkeypatch.setattr(one_space, "Means", partial(Means, booth=QuietBooth()))
    return OneSpace(monkeypatch, t0_utc_us=EPOCH_US + 60 * SECOND_US)


async def told(one: OneSpace, seconds: float) -> list[tuple[int, str]]:
    """The captions of so much time, each with its second, rounded."""
    before = len(one.messages)
    await one.run(seconds)
    return [
        (round(notice.pts_samples / 48_000), notice.body["text"].split(". ")[0].rstrip("."))
        for message in one.messages[before:]
        for notice in message.notices
        if notice.kind == "caption"
    ]


async def test_a_late_host_and_a_break(evening: OneSpace) -> None:
    sending = asyncio.create_task(evening.space.outbox.run())
    evening.space._tick()
    assert await told(evening, 52) == [(0, "Welcome"), (50, "We are waiting for the host")]
    await evening.enter("ada", Role.HOST)
    evening.space.command("start", Cause.HOST)
    assert await told(evening, 1) == []
    assert evening.state().source == "stage"
    evening.space.command("break", Cause.HOST)
    assert await told(evening, 4) == [(55, "This is a break")]
    assert evening.state().source == "hold"
    evening.space.command("start", Cause.HOST)
    assert await told(evening, 1) == []
    assert evening.state().source == "stage"
    sending.cancel()
