"""What a test measured, for who runs it with `-s`."""

import json
import sys
from typing import Any


def show(figures: dict[str, Any]) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(json.dumps(figures) + "\n")
