"""Notices a flood of reports that nobody had to work for, and when it is over.

Beyond a rate of reports without proof of work, the watch asks for one; what then comes without
it is shown and does not count. It begins at once and ends late (hysteresis), by *all* reports: in
a true outage pages bring their proofs by themselves, and the flood must not end because of it.
"""

from math import exp, log
from typing import Final

NS_PER_S: Final = 1_000_000_000

BEGIN_PER_MINUTE: Final = 60.0
"""Reports of one component without proof in a minute, after which one is asked for. By then any
component is far above its usual level: a true outage is seen before anybody has to work."""

BEGIN_PER_MINUTE_IN_ALL: Final = 240.0
"""The same over all components that have no flood of their own: one that is spread thinly."""

END_SHARE: Final = 0.25
"""The flood is over only below this share of the rate that began it..."""

CALM_S: Final = 300
"""...for this long without a break."""

MEMORY_S: Final = 60.0
"""Rates are sums in which a report fades by this time constant: in a steady stream, the reports
of one minute."""


class Flood:
    """The state of one component, or of all together."""

    def __init__(self, begin_per_minute: float = BEGIN_PER_MINUTE) -> None:
        self._begin = begin_per_minute
        self._free = _Fading()
        self._all = _Fading()
        self._on = False
        self._busy_until_ns = 0

    def take(self, now_ns: int, *, worked: bool) -> bool:
        """Note one report, with proof of work or without; whether there is a flood with it."""
        share = self._all.add(now_ns) / (self._begin * END_SHARE)
        if share > 1:
            self._busy_until_ns = now_ns + round(MEMORY_S * log(share) * NS_PER_S)
        if not worked and self._free.add(now_ns) > self._begin:
            self._on = True
        return self.on(now_ns)

    def on(self, now_ns: int) -> bool:
        """Whether proofs are asked for at this moment of the monotonic clock."""
        if self._on and now_ns - self._busy_until_ns >= CALM_S * NS_PER_S:
            self._on = False
        return self._on


class _Fading:
    """A sum of ones that fade."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._at_ns = 0

    def add(self, now_ns: int) -> float:
        """Let time take its part, and add one."""
        past_s = max(0, now_ns - self._at_ns) / NS_PER_S
        self._sum = self._sum * exp(-past_s / MEMORY_S) + 1
        self._at_ns = max(self._at_ns, now_ns)
        return self._sum
