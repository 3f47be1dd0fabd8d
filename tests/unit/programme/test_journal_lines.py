import pytest

from rostra.domain.errors import HouseError, MalformedError
from rostra.programme.journal import (
    KIND_CHARS_MAX,
    LINE_BYTES_MAX,
    ORIGIN,
    RECOVERED,
    Link,
    link_of,
    read_line,
    resume,
    verify,
    write_line,
)


def evening(count: int = 6) -> tuple[list[bytes], Link]:
    lines, link = [], Link()
    for index in range(count):
        line, link = write_line(link, index * 10_000_000, "counts", {"listening": index})
        lines.append(line.removesuffix(b"\n"))
    return lines, link


def test_an_untouched_journal_is_whole() -> None:
    lines, link = evening()
    finding = verify(lines)
    assert (finding.lines, finding.torn, finding.broken_at) == (6, 0, None)
    assert finding.head == link.prev == link_of(lines[-1])
    assert "whole: 6 lines" in finding.sentence
    assert read_line(lines[0]).prev == ORIGIN


@pytest.mark.parametrize("broken", ["changed", "removed", "inserted", "swapped", "first"])
def test_every_change_is_found(broken: str) -> None:
    lines, _ = evening()
    if broken == "changed":
        lines[2] = lines[2].replace(b'"listening":2', b'"listening":9')
    elif broken == "removed":
        del lines[3]
    elif broken == "inserted":
        lines.insert(3, lines[2])
    elif broken == "swapped":
        lines[2], lines[3] = lines[3], lines[2]
    else:
        del lines[0]
    finding = verify(lines)
    assert finding.broken_at is not None
    assert "was changed" in finding.sentence


def test_a_torn_end_is_told_and_the_chain_goes_on_behind_it() -> None:
    lines, _ = evening()
    torn = lines[-1][:25]
    link, found = resume(b"\n".join([*lines[:-1], torn]))
    assert found == torn
    line, link = write_line(link, 1, RECOVERED, {})
    whole = [*lines[:-1], torn, line.removesuffix(b"\n")]
    finding = verify(whole)
    assert (finding.torn, finding.broken_at, finding.head) == (1, None, link.prev)
    assert "cut short" in finding.sentence
    whole[-2] = torn[:-1]
    assert verify(whole).broken_at == 5


def test_a_crash_within_the_recovery_is_one_torn_place() -> None:
    lines, _ = evening(2)
    torn = [lines[1][:20], b'{"n":1,"utc']
    link, found = resume(b"\n".join([lines[0], *torn]))
    assert found == b"\n".join(torn)
    line, _ = write_line(link, 1, RECOVERED, {})
    finding = verify([lines[0], *torn, line.removesuffix(b"\n")])
    assert (finding.torn, finding.broken_at) == (1, None)


def test_rubbish_in_the_middle_is_no_torn_line() -> None:
    lines, _ = evening()
    assert verify([*lines[:2], b"rubbish", *lines[2:]]).broken_at == 2


def test_resume_of_an_empty_a_whole_and_a_hopeless_journal() -> None:
    assert resume(b"") == (Link(), b"")
    lines, link = evening()
    assert resume(b"\n".join(lines) + b"\n") == (link, b"")
    assert resume(b"{")[0] == Link(0, link_of(b"{"))
    with pytest.raises(HouseError, match="damaged"):
        resume(b"x" * (2 * LINE_BYTES_MAX))


def test_lines_and_kinds_have_their_limits() -> None:
    with pytest.raises(HouseError, match="bytes"):
        write_line(Link(), 0, "configuration", {"text": "x" * LINE_BYTES_MAX})
    with pytest.raises(HouseError, match="kind"):
        write_line(Link(), 0, "k" * (KIND_CHARS_MAX + 1), {})
    with pytest.raises(MalformedError, match="exceeds"):
        read_line(b"x" * (LINE_BYTES_MAX + 1))
