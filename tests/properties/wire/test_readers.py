"""Every reader of a media stream: any chunking gives the same, garbage never breaks its bounds."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError
from rostra.wire import adts, icy, id3, mp4, notices
from rostra.wire.messages import Notice
from rostra.wire.mp4_read import BOX_BYTES_MAX, InitSegment, MediaFragment, Mp4Reader

UNITS = st.lists(st.binary(max_size=40), min_size=1, max_size=18)
PTS = st.integers(0, 2**63)
EVENT = st.tuples(PTS, st.integers(0, 2**32 - 1), st.binary(max_size=60))
SOUND = st.tuples(st.integers(0, 2**32 - 1), PTS, UNITS)
PIECES = st.lists(
    st.one_of(
        st.just(mp4.init_segment()),
        EVENT.map(lambda event: mp4.emsg(*event)),
        SOUND.map(lambda sound: mp4.fragment(*sound)),
    ),
    max_size=6,
)
CUTS = st.lists(st.integers(1, 400), min_size=1)
NEAR_MISS = st.tuples(PIECES.map(b"".join), st.integers(0, 2_000), st.binary(max_size=12))


def chunks(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    out, at, turn = [], 0, 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        out.append(data[at : at + size])
        at, turn = at + size, turn + 1
    return out


def outcome(feed: Callable[[bytes], list[Any]], pieces: Sequence[bytes]) -> tuple[list[Any], str]:
    items: list[Any] = []
    for piece in pieces:
        try:
            items += feed(piece)
        except MalformedError as error:
            return items, error.sentence
    return items, ""


@given(PIECES, CUTS)
def test_mp4_reads_the_same_in_any_chunks(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    whole = Mp4Reader().feed(data)
    assert outcome(Mp4Reader().feed, chunks(data, cuts)) == (whole, "")
    assert len(whole) == len(pieces)


@given(SOUND)
def test_mp4_round_trip(sound: tuple[int, int, list[bytes]]) -> None:
    sequence, base_pts, units = sound
    expected = MediaFragment(sequence, base_pts, tuple(units))
    assert Mp4Reader().feed(mp4.fragment(*sound)) == [expected]


@given(NEAR_MISS, CUTS)
def test_mp4_garbage_is_refused_the_same_way_within_bounds(
    miss: tuple[bytes, int, bytes], cuts: list[int]
) -> None:
    data, at, patch = miss
    data = data[:at] + patch + data[at + len(patch) :]
    reader = Mp4Reader()
    _, said = outcome(reader.feed, chunks(data, cuts))
    assert said == outcome(Mp4Reader().feed, [data])[1]
    assert len(reader._pending) <= max(BOX_BYTES_MAX.values())


@given(st.binary(max_size=300))
def test_mp4_of_any_bytes_raises_nothing_else(data: bytes) -> None:
    items, _ = outcome(Mp4Reader().feed, [data])
    assert all(not isinstance(item, InitSegment) for item in items)


@given(UNITS, CUTS)
def test_adts_round_trip_in_any_chunks(units: list[bytes], cuts: list[int]) -> None:
    data = b"".join(map(adts.frame, units))
    assert outcome(adts.AdtsReader().feed, chunks(data, cuts)) == (units, "")


@given(st.binary(max_size=300), CUTS)
def test_adts_garbage_stays_within_bounds(data: bytes, cuts: list[int]) -> None:
    reader = adts.AdtsReader()
    outcome(reader.feed, chunks(data, cuts))
    assert len(reader._pending) <= adts.FRAME_BYTES_MAX


@given(st.text(alphabet=st.characters(max_codepoint=255, min_codepoint=1)), st.binary())
def test_id3_round_trip(owner: str, payload: bytes) -> None:
    assert id3.read_priv(id3.priv(owner, payload)) == (owner, payload)


@given(st.binary(max_size=100), st.integers(0, 40), st.binary(max_size=6))
def test_id3_and_notices_refuse_garbage(data: bytes, at: int, patch: bytes) -> None:
    tag = id3.priv("rostra", data)
    tag = tag[:at] + patch + tag[at + len(patch) :]
    with suppress(MalformedError):
        owner, payload = id3.read_priv(tag)
        assert id3.priv(owner, payload) == tag
    with suppress(MalformedError):
        assert notices.read(tag).pts_samples is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
FIELD = st.text(max_size=9).filter(lambda name: name not in {"kind", "pts"})


@given(st.text(max_size=20), PTS, st.dictionaries(FIELD, JSON, max_size=4))
def test_notices_round_trip(kind: str, pts: int, body: dict[str, Any]) -> None:
    notice = Notice(kind, pts, body)
    assert notices.read(notices.payload(notice)) == notice


@given(st.lists(st.text(max_size=80), max_size=4), st.integers(1, 50), CUTS)
def test_icy_gives_sound_and_titles_back(titles: list[str], metaint: int, cuts: list[int]) -> None:
    sound = bytes(range(metaint))
    data = b"".join(sound + icy.metadata_block(title) for title in titles)
    reader = icy.IcyReader(metaint)
    heard, read = bytearray(), list[str]()
    for piece in chunks(data, cuts):
        more, new = reader.feed(piece)
        heard += more
        read += new
    assert bytes(heard) == sound * len(titles)
    assert len(read) == len(titles)
    plain = [title for title in titles if title.isascii() and title.isprintable()]
    assert all(title.replace("'", "\u2019") in read for title in plain if "\0" not in title)


@given(st.binary(max_size=200), st.integers(1, 20), CUTS)
def test_icy_takes_any_bytes(data: bytes, metaint: int, cuts: list[int]) -> None:
    whole = icy.IcyReader(metaint).feed(data)
    reader = icy.IcyReader(metaint)
    parts = [reader.feed(piece) for piece in chunks(data, cuts)]
    assert b"".join(sound for sound, _ in parts) == whole[0]
    assert [title for _, titles in parts for title in titles] == whole[1]
