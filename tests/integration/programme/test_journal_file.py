import os
import resource
from pathlib import Path

import pytest

from rostra.domain.errors import HouseError, NotFoundError
from rostra.domain.ports import Moment
from rostra.programme.drivers.journal import (
    SYNC_EVERY_NS,
    Journal,
    check_journal,
    journal_path,
    read_journal,
)
from rostra.programme.journal import RECOVERED

S = 1_000_000_000


def at(second: float) -> Moment:
    return Moment(int(second * S), 1_723_500_000_000_000 + int(second * 1_000_000))


def kinds(path: Path) -> list[str]:
    return [entry.kind for entry in read_journal(path)]


def test_an_evening_is_written_and_read_again(tmp_path: Path) -> None:
    path = journal_path(tmp_path, "hall")
    journal = Journal(path, at(0))
    journal.append(at(0), "doors", {"title": "Guten Abend"})
    journal.append(at(1), "t0", {})
    journal.close()
    journal.close()
    entries = list(read_journal(path))
    assert [(entry.n, entry.kind, entry.utc_us) for entry in entries] == [
        (0, "doors", at(0).utc_us),
        (1, "t0", at(1).utc_us),
    ]
    assert entries[0].body == {"title": "Guten Abend"}
    assert check_journal(path).head == journal.head


def test_a_restart_continues_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "hall.jsonl"
    for second in range(3):
        journal = Journal(path, at(second))
        journal.append(at(second), "restart", {"second": second})
        journal.close()
    finding = check_journal(path)
    assert (finding.lines, finding.torn, finding.broken_at) == (3, 0, None)


@pytest.mark.parametrize("lost", [1, 2, 40])
def test_a_line_torn_by_a_crash_is_told_and_nothing_else_is_lost(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "hall.jsonl"
    journal = Journal(path, at(0))
    for second in range(3):
        journal.append(at(second), "counts", {"listening": second})
    journal.close()
    os.truncate(path, path.stat().st_size - lost)
    torn_only = check_journal(path)
    assert (torn_only.torn, torn_only.broken_at) == (int(lost > 1), None)
    journal = Journal(path, at(9))
    journal.append(at(9), "restart", {})
    journal.close()
    expected = ["counts", "counts", "counts", "restart"]
    if lost > 1:
        expected[2] = RECOVERED
    assert kinds(path) == expected
    assert check_journal(path).broken_at is None


def test_a_change_on_disk_is_found(tmp_path: Path) -> None:
    path = tmp_path / "hall.jsonl"
    journal = Journal(path, at(0))
    for second in range(5):
        journal.append(at(second), "counts", {"listening": 1_000 + second})
    journal.close()
    path.write_bytes(path.read_bytes().replace(b"1002", b"9002"))
    assert check_journal(path).broken_at == 3


def test_the_disk_is_asked_to_sync_at_most_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    journal = Journal(tmp_path / "hall.jsonl", at(0))
    for tenth in range(31):
        journal.append(at(tenth / 10), "counts", {})
        journal.sync(at(tenth / 10))
    assert len(synced) == 3 * S // SYNC_EVERY_NS
    journal.append(at(3.1), "counts", {})
    journal.sync(at(3.2))
    assert len(synced) == 3
    journal.sync(at(4.1))
    assert len(synced) == 4
    journal.close()
    assert len(synced) == 4


def test_a_full_disk_is_a_sentence_and_the_chain_survives_it(tmp_path: Path) -> None:
    path = tmp_path / "hall.jsonl"
    journal = Journal(path, at(0))
    journal.append(at(0), "doors", {})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 50, hard))
    try:
        with pytest.raises(HouseError, match="Free space"):
            journal.append(at(1), "counts", {"listening": 1})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    journal.append(at(2), "counts", {"listening": 2})
    journal.close()
    assert kinds(path) == ["doors", "counts"]
    assert check_journal(path).broken_at is None


def test_a_device_that_is_always_full_is_a_sentence_each_time(tmp_path: Path) -> None:
    path = tmp_path / "hall.jsonl"
    path.symlink_to("/dev/full")
    journal = Journal(path, at(0))
    for second in range(3):
        with pytest.raises(HouseError, match="No space left"):
            journal.append(at(second), "counts", {})
    journal.close()


def test_a_journal_has_a_largest_size(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "hall.jsonl", at(0), file_bytes_max=400)
    journal.append(at(0), "doors", {})
    journal.append(at(1), "counts", {})
    with pytest.raises(HouseError, match="Move it away"):
        journal.append(at(2), "counts", {})
    journal.close()


def test_a_place_that_cannot_be_and_a_journal_that_is_not(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file where a folder should be")
    with pytest.raises(HouseError, match="cannot be written"):
        Journal(journal_path(tmp_path, "hall"), at(0))
    with pytest.raises(NotFoundError, match="no such space"):
        check_journal(tmp_path / "nobody.jsonl")
