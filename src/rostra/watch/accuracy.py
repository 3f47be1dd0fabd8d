"""How well the page did: its alarms as people judged them, and what it missed."""

from collections.abc import Iterable
from typing import Final

from rostra.watch.board import Accuracy
from rostra.watch.incidents import Incident

DAYS: Final = 90
"""As long as the page's long chart."""

_DAY_US: Final = 86_400_000_000


def accuracy(incidents: Iterable[Incident], now_utc_us: int) -> Accuracy:
    """Count the incidents that were opened within `DAYS` before now.

    An incident counts as missed when a person opened it; that an alarm came later does not mend
    that. One that a person opened and later called a false alarm counts nowhere.
    """
    since_utc_us = now_utc_us - DAYS * _DAY_US
    recent = [one for one in incidents if one.created_utc_us > since_utc_us]
    alarms = [one for one in recent if one.sensed]
    return Accuracy(
        days=DAYS,
        alarms=len(alarms),
        confirmed=sum(one.outcome == "confirmed" for one in alarms),
        false_alarms=sum(one.outcome == "false_alarm" for one in alarms),
        open=sum(not one.outcome for one in alarms),
        missed=sum(not one.sensed and one.outcome == "confirmed" for one in recent),
    )
