"""Real WebRTC on loopback: who hears whom."""

import asyncio

import pytest
from tests.integration.stage.stage_rig import Ear, power_db, stage, tone

from rostra.domain.errors import PeerError
from rostra.domain.space import Role
from rostra.wire.stagelink import Ack, Levels, Mute, Nack, Parting, Quality, Remove, StageView

ANNA_HZ, BERT_HZ = 440.0, 1_000.0


async def test_two_speakers_hear_each_other_but_not_themselves() -> None:
    async with stage() as rig:
        ear_a, ear_b = Ear(), Ear()
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20), ear_a)
        bert = await rig.speaker("bert", tone(BERT_HZ, 20), ear_b)
        await ear_a.next(75)
        heard_a, heard_b = await asyncio.gather(ear_a.next(50), ear_b.next(50))
        for heard, own, other in ((heard_a, ANNA_HZ, BERT_HZ), (heard_b, BERT_HZ, ANNA_HZ)):
            assert power_db(heard, other) > -20
            assert power_db(heard, own) < power_db(heard, other) - 25
        levels = await anna.word(Levels, lambda word: min(word.l.values()) > -30)
        assert set(levels.l) == {"anna", "bert"}
        assert (await anna.word(Quality)).loss_pct == 0
        await asyncio.gather(anna.close(), bert.close())


async def test_who_is_muted_is_silent_at_the_mixer_and_in_the_programme() -> None:
    async with stage() as rig:
        ear = Ear()
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20), ear, Role.HOST)
        bert = await rig.speaker("bert", tone(BERT_HZ, 20))
        await ear.next(75)
        anna.say(Mute(n=7, on=True, who="bert"))
        assert (await anna.word(Ack)).n == 7
        await anna.word(StageView, lambda view: any(person.muted for person in view.people))
        await ear.next(25)
        assert power_db(await ear.next(50), BERT_HZ) < -70
        assert power_db(rig.mixes[-1], BERT_HZ) < -70
        bert.say(Mute(n=1, on=False))
        await bert.word(Ack)
        await ear.next(25)
        assert power_db(await ear.next(50), BERT_HZ) > -20
        await asyncio.gather(anna.close(), bert.close())


async def test_a_new_connection_with_the_same_ticket_takes_over_within_two_seconds() -> None:
    async with stage() as rig:
        ear = Ear()
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20), ear)
        old = await rig.speaker("bert", tone(BERT_HZ, 20))
        await ear.next(50)
        start = asyncio.get_running_loop().time()
        new = await rig.speaker("bert", tone(2_000.0, 20))
        assert (await new.word(StageView)).people[1].here
        while power_db(await ear.next(5), 2_000.0) < -20:
            assert asyncio.get_running_loop().time() - start < 2
        await asyncio.wait_for(old.gone.wait(), 3)
        assert "elsewhere" in old.bye
        assert [person.id for person in rig.room.people()] == ["anna", "bert"]
        await asyncio.gather(anna.close(), new.close())


async def test_a_broken_offer_leaves_nothing_behind_and_disturbs_nobody() -> None:
    async with stage() as rig:
        ear = Ear()
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20), ear)
        await ear.next(25)
        heard = len(ear.packets)
        for number, broken in enumerate(
            ("", "v=0\r\n", "v=0\r\nm=audio x", "<html>", "v=0\n" * 99)
        ):
            with pytest.raises(PeerError) as refused:
                await rig.room.join(f"mallory{number}", "Mallory", Role.SPEAKER, broken)
            assert refused.value.status == 400
        assert rig.engine.peers == 1
        assert [person.id for person in rig.room.people()] == ["anna"]
        await ear.next(10)
        assert len(ear.packets) > heard
        assert (
            max(
                after - before
                for before, after in zip(ear.arrivals_us[10:], ear.arrivals_us[11:], strict=False)
            )
            < 150_000
        )
        await anna.close()


async def test_garbage_over_the_data_channel_gets_a_nack_and_nothing_else() -> None:
    async with stage() as rig:
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20))
        changes = rig.changes
        people = rig.room.people()
        for garbage in ("{", '{"t":"fly","n":3}', b"\xff\x00", "[" * 3_000, "x" * 9_000):
            anna.say_raw(garbage)
            nack = await anna.word(Nack)
            assert nack.sentence.endswith(".")
        assert [place.id for place in people] == [place.id for place in rig.room.people()]
        assert not rig.commands
        assert rig.changes - changes <= 1
        anna.say(Mute(n=9, on=True))
        assert (await anna.word(Ack)).n == 9
        await anna.close()


async def test_a_lost_connection_keeps_the_place() -> None:
    async with stage() as rig:
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20))
        bert = await rig.speaker("bert", tone(BERT_HZ, 20), role=Role.HOST)
        await anna.close()
        await bert.word(StageView, lambda view: not view.people[0].here)
        again = await rig.speaker("anna", tone(ANNA_HZ, 20))
        assert (await again.word(StageView, lambda view: view.people[0].here)).title == "Test"
        await asyncio.gather(again.close(), bert.close())


async def test_a_host_removes_somebody_who_does_not_come_back() -> None:
    async with stage() as rig:
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20), role=Role.HOST)
        bert = await rig.speaker("bert", tone(BERT_HZ, 20))
        anna.say(Remove(n=4, who="bert"))
        assert (await anna.word(Ack)).n == 4
        await asyncio.wait_for(bert.gone.wait(), 3)
        assert "host" in bert.bye
        with pytest.raises(PeerError) as refused:
            await rig.speaker("bert", tone(BERT_HZ, 1))
        assert refused.value.status == 403
        await anna.close()


async def test_a_full_stage_refuses_with_a_sentence() -> None:
    async with stage() as rig:
        rig.floor.speakers_max = 1
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20))
        with pytest.raises(PeerError, match="full") as refused:
            await rig.speaker("bert", tone(BERT_HZ, 1))
        assert refused.value.status == 409
        await anna.close()


async def test_goodbye_when_the_space_ends() -> None:
    async with stage() as rig:
        anna = await rig.speaker("anna", tone(ANNA_HZ, 20))
        assert anna.bye == ""
        await rig.room.close(Parting.ENDED)
        await asyncio.wait_for(anna.gone.wait(), 3)
        assert anna.bye == Parting.ENDED.sentence
        with pytest.raises(PeerError):
            await rig.room.join("x", "X", Role.SPEAKER, "v=0")
