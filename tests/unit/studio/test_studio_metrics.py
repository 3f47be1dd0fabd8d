"""What a studio counts is exported, each figure under a name that the reference has."""

from dataclasses import fields
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from tests.fakes.one_space import OneSpace

from rostra.app.studio_metrics import StudioCounts, registry_of
from rostra.audience.crowd import Figures
from rostra.domain.space import Role
from rostra.stage.jitter import Counters

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"


async def test_every_count_of_a_space_and_of_the_studio_is_exported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = OneSpace(monkeypatch)
    host = await one.enter("host", Role.HOST)
    host.sink.packet(1, 0, b"", 1_000)
    host.sink.packet(2, 0, b"\x08", 1_000)
    await one.run(1.0)
    one.space.outbox.published, one.space.outbox.dropped = 11, 12
    one.space._show.skipped_messages, one.space._show.reopened = 13, 14
    one.space._show._notices_dropped, one.space._record.lost_lines = 15, 16
    one.space.room.undelivered = 17
    one.figures = Figures(connections=10, hls=8, unique=19, hands=20)
    registry = registry_of(lambda: (one.space,), lambda: StudioCounts(21, 22, 23, 24, 25, 26))
    told = dict(
        line.rsplit(" ", 1)
        for line in generate_latest(registry).decode().splitlines()
        if line.startswith("rostra_")
    )
    for name, value in {
        "rostra_stage_people": 1,
        "rostra_programme_messages_total": 11,
        "rostra_programme_messages_dropped_total": 12,
        "rostra_programme_messages_skipped_total": 13,
        "rostra_programme_clock_restarts_total": 14,
        "rostra_programme_notices_dropped_total": 15,
        "rostra_journal_lines_lost_total": 16,
        "rostra_stage_blocks_undelivered_total": 17,
        "rostra_listening": 18,
        "rostra_listening_hls": 8,
        "rostra_listeners_unique": 19,
        "rostra_hands": 20,
        "rostra_stage_malformed_packets_total": 1,
    }.items():
        assert float(told[f'{name}{{space="tea"}}']) == value, name
    assert float(told['rostra_stage_packets_total{fate="received",space="tea"}']) == 1
    for name, value in {
        "rostra_stage_connections": 21,
        "rostra_stage_datagrams_dropped_total": 22,
        "rostra_stage_offers_failed_total": 23,
        "rostra_stage_peers_expelled_total": 24,
        "rostra_tallies_refused_total": 25,
        "rostra_hands_refused_total": 26,
    }.items():
        assert float(told[name]) == value, name
    await one.space.close()


def test_every_fate_of_a_packet_is_in_the_reference() -> None:
    [row] = [line for line in REFERENCE.read_text().splitlines() if "rostra_stage_packets" in line]
    assert all(f"`{one.name}`" in row for one in fields(Counters))
