"""A programme on disk: torn, killed, full, slow, and as a file for any player."""

import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from tests.fakes.grid_messages import message
from tests.fakes.tones import tone_message, tone_share
from tests.until import until

from rostra.domain.errors import HouseError, MalformedError, NotFoundError, PeerError
from rostra.domain.grid import MESSAGE_SAMPLES, SAMPLE_RATE_HZ
from rostra.programme.drivers import recording, tapes
from rostra.programme.drivers.decode import read_sound
from rostra.programme.drivers.recording import (
    CLOSE_S_MAX,
    MB,
    WAITING_MAX,
    Bounds,
    Recorder,
    Tape,
    recordings,
)
from rostra.programme.drivers.tapes import FILL_MESSAGES_MAX, check, extract
from rostra.programme.recording import place_of
from rostra.wire.messages import ProgrammeMessage, pack

WIDE = Bounds(free_bytes_min=0)


def written(folder: Path, *numbers: int, bounds: Bounds = WIDE) -> Path:
    """A file with these messages, let go of again."""
    first = pack(message(numbers[0]))
    tape = Tape(folder, place_of(first), bounds)
    for number in numbers:
        put(tape, message(number))
    tape.close()
    return folder / "run1.rec"


def put(tape: Tape, what: ProgrammeMessage) -> bool:
    packed = pack(what)
    return tape.append(place_of(packed), packed)


def numbers(path: Path) -> list[int]:
    return [one.number for one in tapes.messages(path)]


class Heard:
    """A recorder and what it said."""

    def __init__(self, folder: Path, bounds: Bounds = WIDE) -> None:
        self.said: list[str] = []
        self.recorder = Recorder(folder, bounds, self.said.append)
        self.number = 0

    def send(self, count: int, run: str = "run1") -> None:
        for _ in range(count):
            self.recorder.add(pack(message(self.number, run)))
            self.number += 1

    @property
    def settled(self) -> bool:
        return self.recorder.written + self.recorder.missed == self.number


async def test_a_run_is_a_file_and_what_is_sent_is_read_again(tmp_path: Path) -> None:
    folder = recordings(tmp_path, "hall")
    evening = Heard(folder)
    evening.send(20)
    evening.number = 0
    evening.send(3, "run2")
    evening.recorder.close()
    assert sorted(path.name for path in folder.iterdir()) == ["run1.rec", "run2.rec"]
    assert list(tapes.messages(folder / "run1.rec")) == [message(n) for n in range(20)]
    found = check(folder / "run1.rec")
    assert (found.messages, found.missing, found.damaged) == (20, 0, 0)
    assert found.seconds == pytest.approx(20 * MESSAGE_SAMPLES / SAMPLE_RATE_HZ, abs=0.001)
    assert numbers(folder / "run2.rec") == [0, 1, 2]
    assert evening.said == []


@pytest.mark.parametrize("lost", [1, 30, 200])
def test_who_takes_over_cuts_the_torn_end_off_and_writes_nothing_twice(
    tmp_path: Path, lost: int
) -> None:
    path = written(tmp_path, *range(5))
    os.truncate(path, path.stat().st_size - lost)
    assert check(path).damaged > 0
    tape = Tape(tmp_path, place_of(pack(message(3))), WIDE)
    assert [put(tape, message(n)) for n in (2, 3, 4, 5)] == [False, False, True, True]
    tape.close()
    assert numbers(path) == [0, 1, 2, 3, 4, 5]
    assert check(path).damaged == 0


def test_damage_in_the_middle_costs_no_more_than_itself(tmp_path: Path) -> None:
    path = written(tmp_path, *range(9))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    tape = Tape(tmp_path, place_of(pack(message(9))), WIDE)
    put(tape, message(9))
    tape.close()
    found = check(path)
    assert (found.messages, found.missing) == (9, 1)
    assert found.damaged > 0
    assert numbers(path)[-1] == 9


def test_a_file_that_begins_torn_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "run1.rec").write_bytes(b"RREC\0\0")
    assert numbers(written(tmp_path, 4, 5)) == [4, 5]


def test_two_studios_do_not_write_one_file(tmp_path: Path) -> None:
    place = place_of(pack(message(0)))
    tape = Tape(tmp_path, place, WIDE)
    with pytest.raises(HouseError, match="Another studio"):
        Tape(tmp_path, place, WIDE)
    tape.close()
    Tape(tmp_path, place, WIDE).close()


def test_a_killed_studio_s_recording_is_whole_and_goes_on(tmp_path: Path) -> None:
    """SIGKILL in the middle of writing: all that was written is there, and the lock is free."""
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from rostra.programme.drivers.recording import Bounds, Recorder\n"
        "from rostra.wire.messages import pack\n"
        "from tests.fakes.grid_messages import message\n"
        "tape = Recorder(Path(sys.argv[1]), Bounds(free_bytes_min=0), print)\n"
        "for number in range(10**6):\n"
        "    tape.add(pack(message(number)))\n"
        "    time.sleep(0.0005)\n"
        "    if tape.written > 20 and number % 50 == 0: print(tape.written, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE
    ) as studio:
        assert studio.stdout is not None
        assert select.select([studio.stdout], [], [], 30.0)[0]
        at_least = int(studio.stdout.readline())
        studio.send_signal(signal.SIGKILL)
    path = tmp_path / "run1.rec"
    before = numbers(path)
    assert before == list(range(len(before)))
    assert len(before) >= at_least > 20
    tape = Tape(tmp_path, place_of(pack(message(0))), WIDE)
    put(tape, message(len(before) + 9))
    tape.close()
    found = check(path)
    assert (found.messages, found.missing, found.damaged) == (len(before) + 1, 9, 0)


async def test_a_full_disk_is_said_once_counted_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "AGAIN_S", 0.0)
    evening = Heard(tmp_path)
    evening.send(5)
    await until(lambda: evening.settled)
    size = (tmp_path / "run1.rec").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
    try:
        evening.send(5)
        await until(lambda: evening.settled)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    evening.send(5)
    evening.recorder.close()
    assert (evening.recorder.written, evening.recorder.missed) == (10, 5)
    [sentence] = evening.said
    assert "cannot be written" in sentence
    assert numbers(tmp_path / "run1.rec") == [*range(5), *range(10, 15)]
    assert check(tmp_path / "run1.rec").damaged == 0


async def test_while_the_disk_refuses_it_is_not_asked_for_each_message(tmp_path: Path) -> None:
    (tmp_path / "hall").write_text("a file where a folder should be")
    evening = Heard(tmp_path / "hall")
    evening.send(50)
    evening.recorder.close()
    assert (evening.recorder.written, evening.recorder.missed) == (0, 50)
    assert len(evening.said) == 1


def fill(tape: Tape, number: int) -> None:
    for one in range(number, number + 10):
        put(tape, message(one))


def test_a_run_has_a_largest_file(tmp_path: Path) -> None:
    tape = Tape(tmp_path, place_of(pack(message(0))), Bounds(MB, 0))
    number = 0
    while tape.size < MB - 2_048:
        put(tape, message(number))
        number += 1
    with pytest.raises(HouseError, match=r"recording\.run_mb_max"):
        fill(tape, number)
    assert MB - 4_096 < tape.size <= MB
    tape.close()


def test_the_last_of_the_disk_is_not_the_recording_s(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    more = Bounds(free_bytes_min=disk.f_blocks * disk.f_frsize + MB)
    tape = Tape(tmp_path, place_of(pack(message(0))), more)
    with pytest.raises(HouseError, match=r"recording\.free_mb_min"):
        put(tape, message(0))
    tape.close()


class Stuck:
    """A disk that does not answer."""

    run = "run1"
    asked = threading.Event()
    free = threading.Event()

    def __init__(self, *_: object) -> None: ...

    def append(self, *_: object) -> bool:
        self.asked.set()
        return self.free.wait(30)

    def sync(self) -> None: ...

    def close(self) -> None: ...


async def test_a_disk_that_stands_still_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "Tape", Stuck)
    evening = Heard(tmp_path)
    evening.send(1)
    await until(Stuck.asked.is_set)
    begun = time.monotonic()
    evening.send(WAITING_MAX + 7)
    assert evening.recorder.missed == 7
    evening.recorder.close()
    assert time.monotonic() - begun < CLOSE_S_MAX + 5
    Stuck.free.set()
    await until(lambda: evening.recorder.written == WAITING_MAX + 1)


async def test_what_is_no_message_costs_only_itself(tmp_path: Path) -> None:
    evening = Heard(tmp_path)
    evening.recorder.add(b"not a message")
    await until(lambda: evening.recorder.missed == 1)
    assert "no message" in evening.said[0]
    evening.recorder.close()


def tone_tape(folder: Path, *which: range) -> Path:
    tape = Tape(folder, place_of(pack(tone_message(0))), WIDE)
    for number in (number for one in which for number in one):
        put(tape, tone_message(number))
    tape.close()
    return folder / "run1.rec"


@pytest.mark.parametrize("name", ["talk.m4a", "talk.aac"])
def test_any_player_plays_it_and_a_gap_keeps_its_time(tmp_path: Path, name: str) -> None:
    path = tone_tape(tmp_path, range(10, 30), range(50, 70))
    out = tmp_path / name
    seconds = extract(path, out)
    assert seconds == 60 * MESSAGE_SAMPLES / SAMPLE_RATE_HZ
    heard = read_sound(out)
    assert len(heard) == pytest.approx(60 * MESSAGE_SAMPLES, abs=2_048)
    assert tone_share(heard[4_096:90_000]) > 0.95
    gap = heard[22 * MESSAGE_SAMPLES : 38 * MESSAGE_SAMPLES]
    assert float(np.sqrt(np.mean(gap**2))) < 0.001
    assert tone_share(heard[42 * MESSAGE_SAMPLES : 58 * MESSAGE_SAMPLES]) > 0.95
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    with av.open(str(out)) as file:
        assert file.streams.audio[0].codec_context.name == "aac"


def test_a_gap_of_another_evening_is_left_out(tmp_path: Path) -> None:
    path = tone_tape(tmp_path, range(2), range(FILL_MESSAGES_MAX + 3, FILL_MESSAGES_MAX + 5))
    assert extract(path, tmp_path / "talk.aac") == 4 * MESSAGE_SAMPLES / SAMPLE_RATE_HZ


def test_what_cannot_be_read_or_written_is_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, 0)
    with pytest.raises(PeerError, match=r"neither \.m4a nor \.aac"):
        extract(path, tmp_path / "talk.ogg")
    with pytest.raises(HouseError, match="Choose another place"):
        extract(path, tmp_path / "nowhere" / "talk.aac")
    with pytest.raises(NotFoundError, match="no recording"):
        check(tmp_path / "other.rec")
    (tmp_path / "other.rec").write_bytes(b"some text\n" * 10)
    with pytest.raises(MalformedError, match="no recording"):
        check(tmp_path / "other.rec")
