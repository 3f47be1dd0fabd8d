"""What one look of `rostra doctor` finds."""

from typing import Literal

import msgspec

State = Literal["ok", "weak", "bad"]


class Finding(msgspec.Struct, frozen=True):
    """One look: `weak` limits the house, `bad` keeps it from running."""

    name: str
    state: State
    found: str
    limits: str = ""
    remedy: str = ""
