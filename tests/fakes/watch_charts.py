"""Charts made by rule, for tests and pictures: a day's waves, a rise at the end, failed probes."""

import math

from tests.fakes.boards import NOW, SECOND

from rostra.watch.board import Chart, Point

SLOTS = {"24h": (96, 900), "90d": (90, 86_400)}


def chart(  # noqa: PLR0913 - each is a trait that a picture may have
    component: str,
    range_: str = "24h",
    *,
    rise: float = 0.0,
    failing: int = 0,
    usual: float = 3.0,
    unproven: int = 0,
) -> Chart:
    """A calm one; `rise` times usual in the last three slots, `failing` slots of failed probes."""
    count, slot_s = SLOTS[range_]
    begin_s = NOW // SECOND // slot_s * slot_s - (count - 1) * slot_s
    points = []
    for index in range(count):
        wave = 1 + 0.6 * math.sin(index / count * 4 * math.pi - 1.2)
        expected = usual * wave * slot_s / 900 / (8 if range_ == "90d" else 1)
        left = count - index
        noise = (index * 7919 % 13 - 6) / 9
        reports = max(0, round(expected * (1 + 0.5 * noise)))
        if rise and left <= 3:
            reports = round(expected * rise * (0.5 + (3 - left) * 0.25) + usual)
        points.append(
            Point(
                utc_s=begin_s + index * slot_s,
                reports=reports,
                usual=round(expected, 1),
                upper=round(expected + 2.6 * math.sqrt(1.6 * expected) + 1, 1),
                probes=45 if left > 1 else 12,
                failed=30 if failing and left <= failing else 0,
                unproven=unproven if rise and left <= 2 else 0,
            )
        )
    places = (("ES", 38), ("ES-MD", 21), ("US", 17), ("GB", 12), ("FR", 4)) if rise else ()
    return Chart(component, range_, slot_s, tuple(points), places)
