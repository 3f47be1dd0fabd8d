"""The name of a studio: kept over restarts, and never that of another studio that lives.

A studio that was killed comes back under its name and finds its leases still its own. The name
belongs to whoever holds the lock on its file, which the kernel lets go with the process.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from rostra.domain.errors import HouseError

_NAME_CHARS_READ = 64


class Identity:
    """A studio's name, ours for as long as this object is not closed."""

    def __init__(self, path: Path, fresh_id: Callable[[], str]) -> None:
        """Take the name in the file at `path`; a fresh one if another process holds it.

        HouseError if the folder refuses.
        """
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            self.name = self._kept(fresh_id) if self._locked() else fresh_id()
        except OSError as error:
            sentence = f"{path} cannot be used: {error.strerror}. Give its folder to this user."
            raise HouseError(sentence) from error

    def close(self) -> None:
        """Let the name go."""
        os.close(self._file)

    def _locked(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _kept(self, fresh_id: Callable[[], str]) -> str:
        known = os.pread(self._file, _NAME_CHARS_READ, 0).decode("ascii", "replace").strip()
        if known.isalnum():
            return known
        name = fresh_id()
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, name.encode(), 0)
        return name
