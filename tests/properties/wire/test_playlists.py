"""Playlists: what is written is read back, and whatever is read is a playlist or an error."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError
from rostra.wire.playlist import MediaPlaylist, Part, Report, Segment, Variant, master, media
from rostra.wire.playlist_read import read_master, read_media

NAMES = st.text(alphabet="abz019-_./", min_size=1, max_size=30)
SAMPLES = st.integers(1, 200_000)
PARTS = st.lists(st.builds(Part, NAMES, SAMPLES, st.booleans()), max_size=3).map(tuple)
REPORTS = st.lists(st.builds(Report, NAMES, SAMPLES, SAMPLES), max_size=2).map(tuple)
MOMENTS = st.integers(0, 4_000_000_000_000).map(lambda ms: ms * 1_000)
SEGMENT = st.tuples(NAMES, SAMPLES, st.none() | MOMENTS, st.booleans(), PARTS, st.booleans())
VARIANT = st.builds(Variant, NAMES, NAMES, st.integers(1, 10**9 - 1), st.integers(0, 9999))


@st.composite
def playlists(draw: st.DrawFn) -> MediaPlaylist:
    rows = draw(st.lists(SEGMENT, max_size=5))
    first = draw(st.integers(0, 10**9)) if rows else 0
    next_parts = draw(PARTS)
    return MediaPlaylist(
        segments=tuple(Segment(first + at, *row) for at, row in enumerate(rows)),
        init_name=draw(NAMES),
        discontinuity_sequence=draw(st.integers(0, 10**6)),
        over=draw(st.booleans()),
        part_target_samples=draw(st.sampled_from((0, 15_360))),
        next_parts=next_parts,
        next_discontinuity=bool(next_parts) and draw(st.booleans()),
        next_date_utc_us=draw(st.none() | MOMENTS) if next_parts else None,
        preload_hint=draw(st.just("") | NAMES),
        reports=draw(REPORTS),
    )


@given(playlists())
def test_a_playlist_is_read_back(playlist: MediaPlaylist) -> None:
    assert read_media(media(playlist)) == playlist


@given(playlists(), st.integers(0, 600), st.text(max_size=4))
def test_a_damaged_playlist_is_read_or_refused(
    playlist: MediaPlaylist, at: int, patch: str
) -> None:
    text = media(playlist)
    with suppress(MalformedError):
        read = read_media(text[:at] + patch + text[at + len(patch) :])
        assert read_media(media(read)) == read


@given(st.lists(VARIANT, max_size=4))
def test_a_master_is_read_back(variants: list[Variant]) -> None:
    assert read_master(master(variants)) == tuple(variants)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(MalformedError):
        assert isinstance(read_master("#EXTM3U\n" + text), tuple)
    with suppress(MalformedError):
        assert isinstance(read_media("#EXTM3U\n" + text), MediaPlaylist)
