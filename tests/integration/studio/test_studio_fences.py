"""What another studio did, and what a host decided, outlasts this one: on a real backbone."""

import asyncio

import msgspec
from tests.integration.stage.stage_rig import coded, tone
from tests.integration.studio.evening import PATIENCE_S, SPACE, Evening
from tests.until import until

from rostra.domain.space import State
from rostra.stage.drivers.speaker import Speaker
from rostra.wire.messages import BUCKET_STATE, Answer, Offer, Refusal, to_json
from rostra.wire.stagelink import Mute, Remove
from rostra.wire.tickets import TicketKind


async def test_a_space_that_another_studio_has_ended_is_let_go_and_not_revived(
    evening: Evening,
) -> None:
    """As a studio finds it that slept for longer than its lease lived."""
    await evening.plan(start_at_once=True)
    live = await evening.until_state(State.LIVE)
    speaker = Speaker(coded(tone(700.0, 20.0)))
    await speaker.connect(evening.offers(evening.link(TicketKind.SPEAKER), "Ada"))
    other = await evening.server.client("studio")
    ended = msgspec.structs.replace(live, state=State.ENDED)
    await other.put(BUCKET_STATE, SPACE, to_json(ended))
    speaker.say(Mute(n=1, on=True))  # what would be written over it
    await evening.until_state(State.ENDED)
    await until(lambda: not evening.studio.spaces())
    await asyncio.wait_for(speaker.gone.wait(), PATIENCE_S)
    kept = await other.get(BUCKET_STATE, SPACE)
    assert kept is not None
    assert kept.value == to_json(ended)
    await speaker.close()


async def test_a_removed_speaker_stays_removed_after_the_studio_has_crashed(
    evening: Evening,
) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    host = Speaker(coded(tone(500.0, 20.0)))
    await host.connect(evening.offers(evening.link(TicketKind.HOST), "Grace"))
    post = evening.offers(evening.link(TicketKind.SPEAKER), "Ada")
    answers: list[Answer] = []

    async def kept(sdp: str) -> Answer:
        answers.append(await post(sdp))
        return answers[-1]

    speaker = Speaker(coded(tone(700.0, 20.0)))
    await speaker.connect(kept)
    host.say(Remove(n=1, who=answers[0].participant))
    await asyncio.wait_for(speaker.gone.wait(), PATIENCE_S)
    await evening.until(lambda: evening.states[-1].removed == (answers[0].participant,))
    await evening.crash_studio()
    await evening.start_studio()
    await until(evening.studio.spaces)
    reply = await evening.call(Offer(answers[0].resume, (await offer_of()), "Ada"))
    assert isinstance(reply, Refusal)
    assert (reply.status, "A host took you off" in reply.sentence) == (403, True)
    await host.close()


async def offer_of() -> str:
    made = Speaker(iter(()))
    await made._pc.setLocalDescription(await made._pc.createOffer())
    text: str = made._pc.localDescription.sdp
    await made.close()
    return text
