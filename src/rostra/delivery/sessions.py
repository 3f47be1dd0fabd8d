"""Counts who listens over HLS: the different players that asked in the last three segments."""

from collections import OrderedDict
from typing import Final

from rostra.delivery.allowance import NS_PER_S, Allowance, Rate

SESSION_NS: Final = 6 * NS_PER_S
"""Three segments are 5.76 s: a player that asks for none of three has stopped, or runs dry."""

SESSIONS_PER_SPACE_MAX: Final = 65_536
"""More players than one core feeds with playlists and segments; about 9 MB."""

SESSIONS_MAX: Final = 131_072
"""In all spaces of one edge: two full ones."""

NEW_SESSIONS: Final = Rate(per_s=20, burst=500)
"""From one address: a school behind one comes in together; a script of forged ids adds 120 to
what is counted at a time, after its first 500."""

SOURCES_MAX: Final = 20_000
"""Addresses whose new sessions are limited at once, about 3 MB."""


class Sessions:
    """The sessions of every space at one edge; keys and sources are hashes."""

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[int, tuple[int, str]]] = {}
        self._fresh = Allowance(NEW_SESSIONS, SOURCES_MAX)
        self._total = 0
        self.refused = 0
        """Requests that were answered but not counted, for a limit was reached."""

    def __len__(self) -> int:
        return self._total

    def seen(self, space: str, key: int, source: int, now_ns: int, run: str = "") -> bool:
        """A request of one session came; True if it begins one that is counted, or another run."""
        rows = self._seen.setdefault(space, OrderedDict())
        if key in rows:
            known = rows[key][1] == run
            rows[key] = now_ns, run
            rows.move_to_end(key)
            return not known
        self._leave(rows, now_ns)
        full = len(rows) >= SESSIONS_PER_SPACE_MAX or self._total >= SESSIONS_MAX
        if full or self._fresh.take(source, now_ns):
            self.refused += 1
            return False
        rows[key] = now_ns, run
        self._total += 1
        return True

    def count(self, space: str, now_ns: int) -> int:
        """Sessions of a space now."""
        rows = self._seen.get(space)
        if rows is None:
            return 0
        self._leave(rows, now_ns)
        return len(rows)

    def forget(self, space: str) -> None:
        """The space is over."""
        self._total -= len(self._seen.pop(space, ()))

    def _leave(self, rows: OrderedDict[int, tuple[int, str]], now_ns: int) -> None:
        while rows:
            key = next(iter(rows))
            if now_ns - rows[key][0] <= SESSION_NS:
                return
            del rows[key]
            self._total -= 1
