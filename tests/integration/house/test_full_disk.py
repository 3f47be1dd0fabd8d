"""A house on a small disk of its own, which is full at the start or becomes full in the show."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.house import House, until
from tests.integration.house.crowd import Crowd

from rostra.app.disk import FREE_BYTES_MIN

pytestmark = pytest.mark.house

DISK_BYTES = FREE_BYTES_MIN + 24 * 1024**2
NEW_MOUNTS = (
    ("unshare", "--mount"),
    ("unshare", "--user", "--map-root-user", "--mount"),
    ("unshare", "--mount", "--propagation", "unchanged"),
)
"""For root, for anyone else, and for root in a chroot, whose root is no mount point."""
MOUNT = 'mount -t tmpfs -o size="$0" none "$1" && shift && exec "$@"'
SENTENCE = "is nearly full: less than 32 MB are free. Free some space, or choose another disk"


@dataclass(frozen=True)
class SmallDisks:
    """What begins a command line that sees a disk of its own at a folder."""

    new_mounts: tuple[str, ...]
    folder: Path

    def at(self, folder: Path, disk_bytes: int) -> tuple[str, ...]:
        """Make `folder` the place of such a disk."""
        folder.mkdir(exist_ok=True)
        return (*self.new_mounts, "sh", "-c", MOUNT, str(disk_bytes), str(folder))


@pytest.fixture
def disks(tmp_path: Path) -> SmallDisks:
    refusals = []
    for new_mounts in NEW_MOUNTS:
        made = SmallDisks(new_mounts, tmp_path)
        command = [*made.at(tmp_path / "tried", DISK_BYTES), "true"]
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return made
        refusals.append(tried.stderr.strip())
    pytest.fail(f"No small disk can be mounted in a namespace of its own here: {refusals}")


def test_a_disk_that_is_full_is_one_sentence_before_anything_starts(disks: SmallDisks) -> None:
    house = House(disks.folder, before=disks.at(disks.folder / "data", FREE_BYTES_MIN - 1024**2))
    house.launch()
    assert house.process is not None
    assert house.process.wait(20) == 1
    house.stop()
    assert SENTENCE in house.log()
    assert house.log().count("\n") == 1
    assert house.everyone() == set()


async def test_a_disk_that_becomes_full_stops_no_sound_and_is_told_once(disks: SmallDisks) -> None:
    house = House(disks.folder, edges=1, before=disks.at(disks.folder / "data", DISK_BYTES))
    house.start()
    assert house.process is not None
    seen_from_outside = house.data
    house.data = Path(f"/proc/{house.process.pid}/root{seen_from_outside}")
    try:
        space = house.create_space("Before")
        async with Crowd(house.port + 1, space.id, 10) as crowd:
            await crowd.until_each_heard(1)
            fill(house.data / "fill")
            until(lambda: SENTENCE in house.log())
            refused = house.cli("space", "create", "--title", "During", "--at", "now")
            assert refused.returncode == 1
            assert "database or disk is full" in refused.stderr
            await crowd.until_each_heard(3)
            (house.data / "fill").unlink()
            house.create_space("After")
            await crowd.until_each_heard(3)
            assert (crowd.gaps, crowd.dropped) == (0, 0)
        until(lambda: all(row["healthy"] for row in house.ps()))
        assert all(row["restarts"] == 0 for row in house.ps())
        assert house.log().count(SENTENCE) == 1
    finally:
        assert house.stop() == 0


def fill(path: Path) -> None:
    """Take what is left of the disk."""
    with path.open("wb") as file:
        try:
            while True:
                file.write(bytes(1024**2))
                file.flush()
        except OSError:
            return
