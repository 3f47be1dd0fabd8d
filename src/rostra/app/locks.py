"""One process of a kind on a data folder, by a lock that ends with its holder."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from rostra.app.secrets import storage_sentence
from rostra.domain.errors import HouseError


@contextlib.contextmanager
def only_one(what: str, data: Path, name: str) -> Iterator[None]:
    """Hold `DATA/run/NAME.lock` for the length of a block; HouseError names who has it.

    `what` begins the sentence, such as `A house`.
    """
    with contextlib.ExitStack() as stack:
        try:
            lock = stack.enter_context((data / "run" / f"{name}.lock").open("a+"))
        except OSError as error:
            raise HouseError(storage_sentence(data, error)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            sentence = (
                f"{what} already runs on {data} (process {lock.read().strip()})."
                " Stop it, or choose another folder with --data."
            )
            raise HouseError(sentence) from error
        try:
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
        except OSError as error:
            raise HouseError(storage_sentence(data, error)) from error
        yield
