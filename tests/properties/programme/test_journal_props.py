import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError
from rostra.programme.journal import RECOVERED, Link, read_line, resume, verify, write_line

kinds = st.sampled_from(["doors", "t0", "counts", "clock_step", "join", "leave"])
bodies = st.dictionaries(st.text(max_size=10), st.text(max_size=40) | st.integers(), max_size=4)
events = st.lists(st.tuples(kinds, bodies), min_size=1, max_size=12)


def written(entries: list[tuple[str, dict[str, Any]]], link: Link) -> tuple[bytes, Link]:
    data = b""
    for index, (kind, body) in enumerate(entries):
        line, link = write_line(link, index, kind, body)
        data += line
    return data, link


def lines_of(data: bytes) -> list[bytes]:
    return data.removesuffix(b"\n").split(b"\n") if data else []


@given(st.binary(max_size=300))
def test_rubbish_is_no_line(line: bytes) -> None:
    with contextlib.suppress(MalformedError):
        assert read_line(line).kind in line.decode()


@given(events, st.data())
def test_any_changed_byte_is_found_by_whoever_holds_the_head(
    entries: list[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    whole, link = written(entries, Link())
    place = data.draw(st.integers(0, len(whole) - 2))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != whole[place]))
    changed = whole[:place] + bytes([other]) + whole[place + 1 :]
    finding = verify(lines_of(changed))
    assert finding.broken_at is not None or finding.head != link.prev
    assert verify(lines_of(whole)).head == link.prev


@given(events, events, st.lists(st.integers(1, 400), max_size=4))
def test_after_crashes_at_any_byte_the_chain_goes_on(
    before: list[tuple[str, dict[str, Any]]],
    after: list[tuple[str, dict[str, Any]]],
    crashes: list[int],
) -> None:
    data, _ = written(before, Link())
    for lost in crashes:
        data = data[: max(0, len(data) - lost)]
        link, torn = resume(data)
        if data and not data.endswith(b"\n"):
            data += b"\n"
        if torn:
            line, link = write_line(link, 1, RECOVERED, {})
            data += line
        more, _ = written(after, link)
        data += more
    assert verify(lines_of(data)).broken_at is None
