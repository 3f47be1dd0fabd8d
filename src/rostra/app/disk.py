"""The room on the data folder's disk: enough to begin with, and said in time when it ends."""

import shutil
from pathlib import Path
from typing import Final

from rostra.app.config import Settings
from rostra.app.secrets import storage_sentence
from rostra.domain.errors import HouseError

FREE_BYTES_MIN: Final = 32 * 1024**2
"""A new house writes 300 kB before it opens; the rest is for the evening's journal and books."""


def trouble(folder: Path) -> str:
    """One sentence with the remedy if the disk of `folder` is nearly full, else an empty one."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return storage_sentence(folder, error)
    if free >= FREE_BYTES_MIN:
        return ""
    return (
        f"The disk of the data folder {folder} is nearly full: less than"
        f" {FREE_BYTES_MIN // 1024**2} MB are free. Free some space, or choose another disk"
        " with --data."
    )


def require_room(settings: Settings) -> None:
    """HouseError before anything is started, unless there is room for a house."""
    sentence = trouble(settings.data)
    if sentence:
        raise HouseError(sentence)
