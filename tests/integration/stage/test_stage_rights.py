"""Clients that send sound without the right, over real WebRTC: they are in no mix that they may not
be in, whatever they send."""

import asyncio

import numpy as np
from tests.integration.stage.stage_rig import Ear, Rig, coded, power_db, stage, tone
from tests.until import until

from rostra.domain.space import Role
from rostra.stage.drivers.speaker import Speaker
from rostra.wire.messages import Answer
from rostra.wire.stagelink import Ack, Limit, Mute, MuteAll, Remove, Seat, Told, Up

ANNA, BERT, CARL = 500.0, 900.0, 1_300.0
HEARD_DB, SILENT_DB = -30.0, -45.0
"""A tone has -14 dB. On a busy machine packets come late, and holes in other tones sound."""
SECONDS = 60.0
BLOCKS = 8


def in_mix(rig: Rig, hertz: float) -> float:
    """How strong a tone is in the last 160 ms of the programme's mix."""
    return power_db(np.concatenate(rig.mixes[-BLOCKS:]), hertz)


async def gone(rig: Rig, hertz: float) -> None:
    """Wait until a tone has left the programme's mix, and see that it stays away."""
    await until(lambda: in_mix(rig, hertz) < SILENT_DB)
    await after(rig, BLOCKS)
    assert in_mix(rig, hertz) < SILENT_DB


async def after(rig: Rig, blocks: int) -> None:
    end = len(rig.mixes) + blocks
    await until(lambda: len(rig.mixes) >= end)


async def obeyed(host: Speaker, command: Up) -> None:
    host.say(command)
    async with asyncio.timeout(10):
        await host.word(Ack, lambda word: word.n == command.n)


async def heard_by(ear: Ear, hertz: float, *, silent: bool) -> None:
    """Wait until a participant hears a tone, or none of it."""
    async with asyncio.timeout(10):
        while (power_db(await ear.next(BLOCKS), hertz) < SILENT_DB) is not silent:
            pass


async def test_the_muted_the_seated_behind_and_the_removed_send_in_vain() -> None:
    async with stage("live") as rig:
        ears = {"anna": Ear(), "carl": Ear()}
        host = await rig.speaker("host", tone(100.0, 0.1), role=Role.HOST)
        anna = await rig.speaker("anna", tone(ANNA, SECONDS), ears["anna"])
        bert = await rig.speaker("bert", tone(BERT, SECONDS))
        carl = await rig.speaker("carl", tone(CARL, SECONDS), ears["carl"])
        await until(lambda: min(in_mix(rig, one) for one in (ANNA, BERT, CARL)) > HEARD_DB)

        # backstage: not in the programme, not on stage, heard by who is backstage too
        host.say(Seat(n=10, who="bert", where="backstage"))
        await obeyed(host, Seat(n=11, who="carl", where="backstage"))
        await bert.word(Told, lambda told: told.code == "to_backstage")
        await gone(rig, BERT)
        await heard_by(ears["anna"], BERT, silent=True)
        await heard_by(ears["carl"], BERT, silent=False)
        assert in_mix(rig, ANNA) > HEARD_DB

        # back on stage, then removed: the connection is closed, and the place is gone
        await obeyed(host, Seat(n=20, who="carl", where="stage"))
        await until(lambda: in_mix(rig, CARL) > HEARD_DB)
        await obeyed(host, Remove(n=21, who="carl"))
        await asyncio.wait_for(carl.gone.wait(), 10)
        await gone(rig, CARL)

        # muted by a host, without a word of theirs about it; then time that is up
        await obeyed(host, MuteAll(n=22))
        await gone(rig, ANNA)
        await obeyed(anna, Mute(n=1, on=False))
        await until(lambda: in_mix(rig, ANNA) > HEARD_DB)
        await obeyed(host, Limit(n=23, who="anna", seconds=1))
        await anna.word(Told, lambda told: told.code == "time_up")
        anna.say(Mute(n=2, on=False))
        await gone(rig, ANNA)
        await asyncio.gather(host.close(), anna.close(), bert.close(), carl.close())


class Deaf(Speaker):
    """A client that does not go when it is told to."""

    def close_soon(self) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(asyncio.sleep(0))


async def test_a_connection_that_was_superseded_is_in_no_mix() -> None:
    async with stage("live") as rig:

        async def post(sdp: str) -> Answer:
            answer = await rig.room.join("anna", "Anna", Role.SPEAKER, sdp, "again")
            return Answer(sdp=answer, participant="anna", resume="again")

        old = Deaf(coded(tone(ANNA, SECONDS)))
        await old.connect(post)
        await until(lambda: len(rig.mixes) > BLOCKS and in_mix(rig, ANNA) > HEARD_DB)
        new = Speaker(coded(tone(BERT, SECONDS)))
        await new.connect(post)
        await until(lambda: in_mix(rig, BERT) > HEARD_DB)
        assert not old.gone.is_set()
        await gone(rig, ANNA)
        assert len(rig.room.people()) == 1
        await asyncio.gather(super(Deaf, old)._close(), new.close())
