"""HLS playlists: the text that players get, and what the strict reader refuses."""

import pytest

from rostra.domain.errors import HouseError, MalformedError
from rostra.wire.playlist import MediaPlaylist, Part, Report, Segment, Variant, master, media
from rostra.wire.playlist_read import PLAYLIST_CHARS_MAX, read_master, read_media

T0_US = 1_723_507_200_123_456
WINDOW = MediaPlaylist(
    segments=(
        Segment(41, "seg-41.m4s", 92_160, T0_US),
        Segment(42, "fill-e1-42.m4s", 92_160, discontinuity=True),
    ),
    discontinuity_sequence=3,
)


def test_a_window_of_segments() -> None:
    assert media(WINDOW).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:2",
        "#EXT-X-MEDIA-SEQUENCE:41",
        "#EXT-X-DISCONTINUITY-SEQUENCE:3",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2024-08-13T00:00:00.123Z",
        "#EXTINF:1.92000,",
        "seg-41.m4s",
        "#EXT-X-DISCONTINUITY",
        "#EXTINF:1.92000,",
        "fill-e1-42.m4s",
    ]


def test_low_latency_and_the_end() -> None:
    part = Part("part-0-0.m4s", 15_360)
    segment = Segment(0, "seg-0.m4s", 92_160, parts=(part,))
    lines = media(
        MediaPlaylist(
            (segment,),
            part_target_samples=15_360,
            next_parts=(part, Part("part-1-1.m4s", 15_360, gap=True)),
            next_discontinuity=True,
            preload_hint="p",
            reports=(Report("../opus/audio.m3u8", 1, 0),),
            over=True,
        )
    ).splitlines()
    control = "CAN-BLOCK-RELOAD=YES,HOLD-BACK=6.00000,PART-HOLD-BACK=1.60000"
    assert f"#EXT-X-SERVER-CONTROL:{control}" in lines
    assert "#EXT-X-PART-INF:PART-TARGET=0.32000" in lines
    assert lines.count('#EXT-X-PART:DURATION=0.32000,URI="part-0-0.m4s",INDEPENDENT=YES') == 2
    assert lines[-6:] == [
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-PART:DURATION=0.32000,URI="part-0-0.m4s",INDEPENDENT=YES',
        '#EXT-X-PART:DURATION=0.32000,URI="part-1-1.m4s",INDEPENDENT=YES,GAP=YES',
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p"',
        '#EXT-X-RENDITION-REPORT:URI="../opus/audio.m3u8",LAST-MSN=1,LAST-PART=0',
        "#EXT-X-ENDLIST",
    ]


def test_a_segment_without_sound_is_a_gap() -> None:
    lines = media(MediaPlaylist((Segment(0, "fill-e1-0.m4s", 92_160, gap=True),))).splitlines()
    assert lines[-3:] == ["#EXT-X-GAP", "#EXTINF:1.92000,", "fill-e1-0.m4s"]


def test_a_hole_in_the_window_is_the_houses_error() -> None:
    with pytest.raises(HouseError, match="not consecutive"):
        media(MediaPlaylist((Segment(1, "a", 1), Segment(3, "b", 1))))


def test_a_master_lists_its_variants() -> None:
    variants = (
        Variant("r1/aac/audio.m3u8", "mp4a.40.2", 56_000, score=2),
        Variant("r1/opus/audio.m3u8", "opus", 40_000),
    )
    assert read_master(master(variants)) == variants


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("#EXTM3U", "<html>", 1),
        ("TARGETDURATION:2", "TARGETDURATION:9", 3),
        ("MEDIA-SEQUENCE:41", "MEDIA-SEQUENCE:x", 4),
        ("#EXT-X-MAP", "#EXT-X-KEY", 7),
        ("2024-08-13", "2024-18-13", 8),
        ("#EXTINF:1.92000,\nseg", "seg", 9),
        ("fill-e1", "fill e1", 13),
        ('#EXT-X-MAP:URI="init.mp4"\n', "", 13),
        ("fill-e1-42.m4s\n", "", 13),
        ("seg-41.m4s\n", "seg-41.m4s\n#EXT-X-MEDIA-SEQUENCE:9\n", 11),
    ],
)
def test_a_wrong_line_is_named(before: str, after: str, line: int) -> None:
    with pytest.raises(MalformedError, match=f"Line {line} "):
        read_media(media(WINDOW).replace(before, after, 1))


@pytest.mark.parametrize("text", ["", "#EXTM3U\nx", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1"])
def test_a_wrong_master_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        read_master(text)


def test_a_master_ends_with_an_address() -> None:
    with pytest.raises(MalformedError, match="end of playlist"):
        read_master('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="x"\n')


def test_a_playlist_past_its_limit_is_refused() -> None:
    with pytest.raises(MalformedError, match="exceeds"):
        read_media("#" * (PLAYLIST_CHARS_MAX + 1))
