"""The figures of a headless listener, from moments given by hand."""

import pytest

from rostra.app.listen_house import edge_order, target
from rostra.app.listen_meter import BURST_NS, NEW_TIMELINE_SAMPLES, Meter
from rostra.domain.errors import PeerError
from rostra.wire.states import EdgeInfo

MS = 1_000_000
PART = 15_360


def test_latency_is_the_age_of_each_pieces_first_sample_without_the_burst() -> None:
    meter = Meter()
    epoch_utc_us, house_minus_mono_us = 5_000_000, 4_000_000
    # pts 0 was at monotonic 1 s; parts arrive 350 ms after their first sample, the burst late.
    meter.fresh(2_000 * MS, 0, PART)
    meter.fresh(2_000 * MS + BURST_NS, PART, PART)
    for number in range(5, 9):
        meter.fresh((1_000 + 320 * number + 350) * MS, number * PART, PART)
    assert meter.latency_s(epoch_utc_us, house_minus_mono_us) == pytest.approx(0.35)


def test_a_burst_alone_has_no_latency() -> None:
    meter = Meter()
    meter.fresh(0, 0, PART)
    assert meter.latency_s(0, 0) is None


def test_gaps_and_repetitions() -> None:
    meter = Meter()
    assert meter.fresh(0, 0, PART) == PART
    assert meter.fresh(1, PART - 1_024, PART) == PART - 1_024
    assert meter.fresh(2, 0, PART) == 0
    assert meter.fresh(3, 3 * PART, PART) == PART
    assert (meter.gaps, meter.gap_samples) == (1, PART + 1_024)


def test_another_run_is_no_repetition() -> None:
    meter = Meter()
    meter.fresh(0, NEW_TIMELINE_SAMPLES + 2 * PART, PART)
    assert meter.fresh(1, 0, PART) == PART
    assert meter.gaps == 0


def test_stalls_are_what_a_player_without_buffer_would_miss() -> None:
    meter = Meter()
    meter.sound(5 * MS, 0)
    assert meter.first_sound_ns is None
    meter.sound(100 * MS, 48 * 300)
    meter.sound(350 * MS, 48 * 100)
    meter.sound(540 * MS, 48 * 100)
    heard = meter.heard("aac", "u", 40 * MS, None, 0)
    assert (heard.time_to_first_sound_s, heard.heard_s) == (0.06, 0.5)
    assert (heard.stalls, heard.stall_ms) == (1, 40.0)
    assert heard.gaps is None


@pytest.mark.parametrize(
    ("url", "transport", "origin", "chosen"),
    [
        ("http://h:8000/s/talk", None, "http://h:8000", "push"),
        ("https://h/s/talk/", "hls", "https://h", "hls"),
        ("http://h/e/e1/live/talk/stream.aac", "mp3", "http://h/e/e1", "aac"),
        ("http://[::1]:81/live/talk/master.m3u8?x=1", None, "http://[::1]:81", "hls"),
    ],
)
def test_a_listeners_address(url: str, transport: str | None, origin: str, chosen: str) -> None:
    found = target(url, transport)
    assert (found.origin, found.space, found.transport) == (origin, "talk", chosen)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://h:8000/s/talk?ticket=ab-c.d_e", "push.mp4?ticket=ab-c.d_e"),
        ("http://h/live/talk/master.m3u8?l=me&ticket=a.b#x", "master.m3u8?ticket=a.b"),
        ("http://h/s/talk?ticket=a/../b", "push.mp4"),
        ("http://h/s/talk?ticket=\udc80", "push.mp4"),
    ],
)
def test_the_ticket_of_an_address_goes_along(url: str, asked: str) -> None:
    assert target(url, None).asked == asked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "talk",
        "ftp://h/s/talk",
        "http:///s/talk",
        "http://h/s/",
        "http://h/live/t/x.ogg",
        "http://h:x/s/t",
        "http://[/s/t",
    ],
)
def test_what_is_no_listeners_address_is_named(url: str) -> None:
    with pytest.raises(PeerError, match="no listener's address"):
        target(url, None)


def test_an_unknown_transport_names_the_known() -> None:
    with pytest.raises(PeerError, match="push, opus, aac, mp3, hls"):
        target("http://h/s/talk", "pigeon")


def test_edges_are_chosen_by_weight_and_the_choice_is_stable() -> None:
    edges = [EdgeInfo("a", (), 1), EdgeInfo("b", (), 3), EdgeInfo("off", (), 0)]
    seeds = [number.to_bytes(4, "big") for number in range(2_000)]
    first = [edge_order(edges, seed)[0].id for seed in seeds]
    assert first.count("b") / len(first) == pytest.approx(0.75, abs=0.03)
    assert "off" not in first
    without = [edge_order(edges[1:], seed)[0].id for seed in seeds]
    assert all(then == "b" for then, before in zip(without, first, strict=True) if before == "b")
    assert first == [edge_order(edges[::-1], seed)[0].id for seed in seeds]
