"""Whose trouble it is: from probes, reports, neighbours and the house's own verdict.

`internal` needs probes of two places that agree, or a person. `external` needs the same rise in
unrelated components while the own probes are well, or a failing dependency that others run. All
else is `undetermined`, with its reasons. `docs/decisions/0016-attribution.md` says why.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from rostra.watch.board import Attribution
from rostra.watch.components import Component
from rostra.watch.moments import US_PER_S
from rostra.watch.sights import Sight

TOGETHER_S: Final = 900
"""Rises that begin within a quarter of an hour are the same rise: people notice, try again, and
report over some minutes."""

CROWD_TIMES: Final = 2.0
"""Twice as many listeners as on the day's average is a crowd that explains more reports."""

NEIGHBOURS_MAX: Final = 10
"""Neighbours that are named; more make the sentence no truer."""


def related(components: Iterable[Component]) -> dict[str, frozenset[str]]:
    """For each component those that its trouble may be one with, itself included.

    Related are components of one group, those without a group among them, and those that
    `depends_on` connects, however far. What is run by others belongs in a group of its own.
    """
    known = {one.id: one for one in components}
    links: dict[str, set[str]] = {one: set() for one in known}
    for one in known.values():
        for other in one.depends_on:
            if other in known:
                links[one.id].add(other)
                links[other].add(one.id)
    return {
        one: frozenset(_reached(one, links) | _of_group(known[one].group, known)) for one in known
    }


def attribute(
    sight: Sight,
    sights: Mapping[str, Sight],
    kin: frozenset[str],
    verdict: str = "none",
) -> Attribution:
    """The attribution of one component; `kin` are those related to it (`related`).

    A calm component has no reasons. `verdict` is the house's own: it is a reason, not a proof.
    """
    if not (sight.rises or sight.fails or sight.probes.state == "mixed"):
        return Attribution(verdict=verdict)
    neighbours = _neighbours(sight, sights, kin)
    foreign = _failing_dependency(sight, sights)
    reasons = _decisive(sight, sights, neighbours, foreign=foreign)
    word = _WORDS.get(reasons[0], "undetermined") if reasons else "undetermined"
    reasons += tuple(_accessory(sight, verdict))
    return Attribution(word, reasons, neighbours[:NEIGHBOURS_MAX], verdict)


def strongest(found: Iterable[Attribution]) -> Attribution:
    """What an incident of several components is attributed to: proof before hints."""
    return min(found, key=lambda one: _ORDER[one.word], default=Attribution())


_WORDS: Final[Mapping[str, str]] = {
    "dependency": "external",
    "places_agree": "internal",
    "neighbour_failing": "external",
    "neighbours_rise": "external",
}
_ORDER: Final[Mapping[str, int]] = {"internal": 0, "external": 1, "undetermined": 2}


def _decisive(
    sight: Sight, sights: Mapping[str, Sight], neighbours: tuple[str, ...], *, foreign: bool
) -> tuple[str, ...]:
    """Reasons by strength: what is found by probes comes before what people report."""
    found = []
    if foreign:
        found.append("dependency")
    if sight.places_agree:
        found.append("places_agree")
    elif sight.fails:
        found.append("one_place_only")
    elif sight.probes.state == "mixed":
        found.append("places_differ")
    # Only probes that find nothing wrong turn the eye to the neighbours.
    together = sight.rises and sight.probes.state == "ok" and bool(neighbours)
    if together and any(sights[one].places_agree for one in neighbours):
        found.append("neighbour_failing")
    if together:
        found.append("neighbours_rise")
    if sight.rises and sight.probes.state in _BESIDE:
        found.append(_BESIDE[sight.probes.state])
    return tuple(found)


_BESIDE: Final[Mapping[str, str]] = {
    "ok": "probes_ok",
    "none": "no_probes",
    "unknown": "probes_unknown",
}


def _accessory(sight: Sight, verdict: str) -> Iterable[str]:
    """What helps to read the evidence and proves nothing."""
    if verdict in {"internal", "external"}:
        yield f"verdict_{verdict}"
    if sight.level.unproven > sight.level.reports:
        yield "unproven"
    if 0 < sight.listening_usual * CROWD_TIMES <= sight.listening:
        yield "crowd"
    if sight.rises and sight.level.learning:
        yield "learning"


def _neighbours(sight: Sight, sights: Mapping[str, Sight], kin: frozenset[str]) -> tuple[str, ...]:
    """Unrelated components whose reports rise with this one's."""
    if not sight.rises:
        return ()
    within_us = TOGETHER_S * US_PER_S
    return tuple(
        one
        for one, other in sorted(sights.items())
        if one not in kin
        and other.rises
        and abs(other.level.since_utc_us - sight.level.since_utc_us) <= within_us
    )


def _failing_dependency(sight: Sight, sights: Mapping[str, Sight]) -> bool:
    """Something of another group that it depends on fails, as two places agree."""
    found = (sights.get(one) for one in sight.component.depends_on)
    return any(
        other is not None and other.places_agree and other.component.group != sight.component.group
        for other in found
    )


def _reached(start: str, links: Mapping[str, set[str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        fresh = links[waiting.pop()] - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen


def _of_group(group: str, known: Mapping[str, Component]) -> set[str]:
    return {one.id for one in known.values() if one.group == group}
