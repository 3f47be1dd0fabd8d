"""Peers that have a link and mean harm: each is closed alone, and nobody else notices."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiortc.rtp import RtcpRrPacket, RtpPacket
from structlog.testing import capture_logs
from tests.integration.stage.stage_rig import Ear, stage, tone

from rostra.stage.drivers.excess import SSRCS_MAX, STREAMS_MAX, UNFINISHED_BYTES_MAX
from rostra.stage.drivers.speaker import Speaker

WAIT_S = 10.0
STRING_PPID = 51


async def endless_message(speaker: Speaker) -> None:
    """A message of which the end never comes, as far as our patience goes."""
    sctp: Any = speaker._pc.sctp
    sctp._remote_max_message_size = 0  # what the studio announces, a hostile peer passes by
    speaker.say_raw("x" * 64 * UNFINISHED_BYTES_MAX)


async def many_streams(speaker: Speaker) -> None:
    sctp: Any = speaker._pc.sctp
    for stream in range(2, 6 * STREAMS_MAX, 2):
        await sctp._send(stream, STRING_PPID, b"x")


async def many_sources(speaker: Speaker) -> None:
    transport: Any = speaker._pc.getTransceivers()[0].receiver.transport
    for source in range(1, 4 * SSRCS_MAX):
        packet = RtpPacket(payload_type=96, sequence_number=1, ssrc=source, payload=b"\x08")
        await transport._send_rtp(packet.serialize())


async def many_reporters(speaker: Speaker) -> None:
    transport: Any = speaker._pc.getTransceivers()[0].receiver.transport
    for source in range(1, 4 * SSRCS_MAX):
        await transport._send_rtp(bytes(RtcpRrPacket(ssrc=source)))


@pytest.mark.parametrize("attack", [endless_message, many_streams, many_sources, many_reporters])
async def test_a_peer_that_makes_us_hold_too_much_is_closed_alone(
    attack: Callable[[Speaker], Awaitable[None]],
) -> None:
    async with stage() as rig:
        ear = Ear()
        anna = await rig.speaker("anna", tone(500.0, 30.0), ear)
        mallory = await rig.speaker("mallory", tone(700.0, 30.0))
        with capture_logs() as lines:
            await attack(mallory)
            await asyncio.wait_for(mallory.gone.wait(), WAIT_S)
        assert rig.engine.peers_expelled == 1
        [excess] = [line["excess"] for line in lines if "excess" in line]
        assert excess
        await ear.next(25)
        assert not anna.gone.is_set()
        assert [person.here for person in rig.room.people()] == [True, False]
        await asyncio.gather(anna.close(), mallory.close())


async def test_a_page_that_only_talks_is_never_closed() -> None:
    async with stage() as rig:
        anna = await rig.speaker("anna", tone(500.0, 30.0))
        ear = Ear()
        bert = await rig.speaker("bert", tone(700.0, 30.0), ear)
        await ear.next(130)  # two looks, and reports of RTCP meanwhile
        assert rig.engine.peers_expelled == 0
        await asyncio.gather(anna.close(), bert.close())
