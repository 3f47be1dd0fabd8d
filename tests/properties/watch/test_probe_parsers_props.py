"""Whatever a target, or a place, sends: a sentence or a value within bounds, and nothing else."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError, PeerError
from rostra.watch import playlists
from rostra.watch.components import Component
from rostra.watch.playlists import (
    PLAYLIST_LINES_MAX,
    TARGET_S_MAX,
    URI_CHARS_MAX,
    Playlist,
    Seen,
    goes_on,
)
from rostra.watch.probing import STEPS, WHY_CHARS_MAX, Step, sentence
from rostra.watch.telling import (
    FUTURE_S_MAX,
    LISTENING_MAX,
    PAST_S_MAX,
    RESULTS_A_POST_MAX,
    STEP_MS_MAX,
    STEPS_MAX,
    Telling,
    Told,
    believed,
    read,
)

S = 1_000_000
NOW = 1_800_000_000 * S
KNOWN = {"house": Component("house", "House")}
LINES = st.sampled_from(
    [
        "#EXTM3U",
        "#EXT-X-TARGETDURATION:6",
        "#EXT-X-TARGETDURATION:99999",
        "#EXT-X-MEDIA-SEQUENCE:41",
        "#EXT-X-MEDIA-SEQUENCE:-1",
        '#EXT-X-STREAM-INF:BANDWIDTH=1280000,CODECS="mp4a.40.2"',
        '#EXT-X-KEY:METHOD=AES-128,URI="k"',
        '#EXT-X-MAP:URI="init.mp4"',
        "#EXTINF:5.005,title",
        "#EXTINF:x",
        "#EXT-X-ENDLIST",
        "seg.ts",
        "",
    ]
)


@given(st.lists(LINES, max_size=12), st.text(max_size=40))
def test_any_playlist_is_read_or_refused(lines: list[str], more: str) -> None:
    with contextlib.suppress(MalformedError):
        found = playlists.read("\n".join(["#EXTM3U", *lines, more]))
        if not found.variants:
            assert 0 < found.target_s <= TARGET_S_MAX
        assert all(len(name) <= URI_CHARS_MAX for name in (*found.names, *found.variants))


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n" + "\n" * PLAYLIST_LINES_MAX,
        f"#EXTM3U\n#EXT-X-TARGETDURATION:{TARGET_S_MAX + 1}\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:1,\n{'x' * (URI_CHARS_MAX + 1)}",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n",
    ],
)
def test_a_playlist_beyond_its_bounds_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="This is no playlist"):
        playlists.read(text)


@given(st.integers(0, 50), st.integers(1, 8), st.integers(0, 50), st.integers(0, 8))
def test_a_live_window_that_slides_on_is_well(
    first: int, count: int, more: int, wider: int
) -> None:
    def names(begin: int, end: int) -> tuple[str, ...]:
        return tuple(f"s{number}" for number in range(begin, end))

    before = Seen(first, names(first, first + count), 0.0)
    then = first + more
    now = Playlist(first=then, names=names(then, then + count + wider), target_s=2)
    seen, wrong = goes_on(before, now, 1.0)
    assert wrong == ""
    assert seen.newest == max(before.newest, now.newest)


@given(st.text(max_size=2_000))
def test_a_sentence_is_one_short_printable_line(words: str) -> None:
    said = sentence(words)
    assert said.isprintable()
    assert len(said) <= WHY_CHARS_MAX


def told(**fields: object) -> Telling:
    given_ = {"component": "house", "utc_us": NOW, "ok": True, **fields}
    return Telling((Told(**given_),))  # type: ignore[arg-type]


@given(
    st.builds(
        Told,
        component=st.sampled_from(["house", "other"]),
        utc_us=st.integers(NOW - 7_200 * S, NOW + 60 * S),
        ok=st.booleans(),
        steps=st.lists(
            st.builds(
                Step,
                name=st.sampled_from([*STEPS, "dance"]),
                ms=st.floats(allow_nan=True, allow_infinity=True),
                ok=st.booleans(),
                why=st.text(max_size=300),
            ),
            max_size=3,
        ).map(tuple),
        own_fault=st.booleans(),
        listening=st.integers(-5, 10**12),
    )
)
def test_what_is_believed_of_a_place_is_within_bounds(one: Told) -> None:
    with contextlib.suppress(PeerError):
        result = believed(Telling((one,)), "there", KNOWN, NOW)[0]
        assert result.place == "there"
        assert -PAST_S_MAX * S <= result.utc_us - NOW <= FUTURE_S_MAX * S
        assert -1 <= result.listening <= LISTENING_MAX
        assert all(0 <= step.ms <= STEP_MS_MAX for step in result.steps)
        assert not result.ok or (all(step.ok for step in result.steps) and not result.own_fault)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"component": "x\n"}, "There is no component 'x' here"),
        ({"utc_us": NOW + 11 * S}, "11 s ahead of the watch's clock"),
        ({"utc_us": NOW - 3_601 * S}, "3601 s old"),
        ({"steps": tuple(Step("page", 1) for _ in range(STEPS_MAX + 1))}, "too many steps"),
        ({"listening": LISTENING_MAX + 1}, "number of listeners"),
        ({"steps": (Step("dance", 1),)}, "There is no step 'dance'"),
        ({"steps": (Step("page", STEP_MS_MAX + 1),)}, "A step takes"),
        ({"steps": (Step("page", float("nan")),)}, "A step takes"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(fields: dict[str, object], said: str) -> None:
    with pytest.raises(PeerError, match=said):
        believed(told(**fields), "there", KNOWN, NOW)


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    with pytest.raises(PeerError, match="no list of results"):
        read(body)


def test_a_body_holds_so_many_results_and_no_more() -> None:
    one = Told("house", NOW, ok=True)
    assert len(read(msgspec.json.encode(Telling((one,) * RESULTS_A_POST_MAX))).results) == 50
    with pytest.raises(PeerError, match="Send them in parts"):
        read(msgspec.json.encode(Telling((one,) * (RESULTS_A_POST_MAX + 1))))
