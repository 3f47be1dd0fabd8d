"""A library of simulated components: reports of a calm time from a seed, and outages on top."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.watch.kinds import SLOT_S
from rostra.watch.slots import KINDS, SERIES

Array = NDArray[np.float64]
Rng = np.random.Generator

START_S: Final = 1_735_689_600 // 604_800 * 604_800
WEEK_SLOTS: Final = 604_800 // SLOT_S
DAY_SLOTS: Final = 288
HISTORY_WEEKS: Final = 9
"""Eight that are learnt from, and the last day that has no say."""
YEAR_WEEKS: Final = 52
MINUTES: Final = 5
"""Of a slot."""
FACTORS: Final = (1.5, 2.0, 3.0, 5.0, 10.0)
STYLES: Final = ("exact", "wandering", "shows")
"""Exact: what the model says. Wandering: its rate drifts by 15 %. Shows: audiences come and go."""


@dataclass(frozen=True)
class Library:
    """One component: what its reports are like."""

    seed: int
    style: str
    quarter: float
    """Mean reports of a quarter of an hour."""
    dispersion: float
    growth: float
    """Natural logarithm, by year."""
    mix: Array
    """Share of each kind."""


@dataclass(frozen=True)
class Calm:
    """Reports without any outage, and what they come from."""

    reports: Array
    """[slots, SERIES]."""
    mean: Array
    """[slots]: what was expected of all kinds together."""
    exposure: Array


def component(seed: int) -> Library:
    """A component by its seed: 0.1 to 30 reports a quarter, dispersion 1 to 5, -30 to +100 %."""
    rng = np.random.default_rng([seed, 1])
    return Library(
        seed=seed,
        style=STYLES[seed % len(STYLES)],
        quarter=float(np.exp(rng.uniform(np.log(0.1), np.log(30)))),
        dispersion=float(rng.uniform(1, 5)),
        growth=float(rng.uniform(np.log(0.7), np.log(2))),
        mix=rng.dirichlet(np.full(len(KINDS), 1.5)),
    )


def calm(library: Library, weeks: int) -> Calm:
    """So many weeks of it, from `START_S` on."""
    rng = np.random.default_rng([library.seed, 2])
    slots = weeks * WEEK_SLOTS
    exposure = _shows(rng, slots) if library.style == "shows" else np.zeros(slots)
    mean = library.quarter / 3 * _season(rng, slots)
    if library.style == "shows":
        mean = library.quarter / 3 * (exposure + 10) / 200
    mean = mean * np.exp(library.growth * np.arange(slots) / (YEAR_WEEKS * WEEK_SLOTS))
    if library.style == "wandering":
        mean = mean * np.exp(0.15 * _wander(rng, slots))
    whole = draw(rng, mean, library.dispersion)
    return Calm(split(rng, whole, library.mix), mean, exposure)


def draw(rng: Rng, mean: Array, dispersion: float) -> NDArray[np.int64]:
    """Negative binomial counts with variance = dispersion x mean."""
    if dispersion <= 1.001:
        return rng.poisson(mean)
    size = np.maximum(mean, 1e-12) / (dispersion - 1)
    return rng.poisson(rng.gamma(size, dispersion - 1))


def split(rng: Rng, whole: NDArray[np.int64], mix: Array) -> Array:
    """Reports by kind, with the sum in column 0: [slots, SERIES]."""
    reports = np.empty((len(whole), SERIES))
    reports[:, 0] = whole
    reports[:, 1:] = rng.multinomial(whole, mix)
    return reports


def _season(rng: Rng, slots: int) -> Array:
    hour = np.arange(slots) / 12
    depth, peak = rng.uniform(0.2, 1.2), rng.uniform(0, 24)
    day = np.exp(depth * np.cos(2 * np.pi * (hour - peak) / 24))
    second = np.exp(0.3 * np.cos(4 * np.pi * (hour - rng.uniform(0, 12)) / 24))
    weekdays = rng.uniform(0.6, 1.4, 7)[(hour // 24).astype(int) % 7]
    shape = day * second * weekdays
    found: Array = shape / shape[:WEEK_SLOTS].mean()
    return found


def _shows(rng: Rng, slots: int) -> Array:
    """Listeners: a few at any time, and shows of 90 minutes that differ in size each week."""
    heard = np.full(slots, 20.0)
    for _ in range(5):
        begin = int(rng.integers(0, WEEK_SLOTS - 30))
        typical = np.exp(rng.normal(6.5, 0.8))
        for week in range(0, slots, WEEK_SLOTS):
            size = typical * np.exp(rng.normal(0, 0.4))
            heard[week + begin : week + begin + 18] += size
    return heard


def _wander(rng: Rng, slots: int) -> Array:
    """An autoregression of unit variance that forgets within three hours."""
    keep = np.exp(-1 / 36)
    noise = rng.normal(0, np.sqrt(1 - keep**2), slots)
    found = np.empty(slots)
    last = 0.0
    for n in range(slots):
        last = found[n] = keep * last + noise[n]
    return found


@dataclass(frozen=True)
class Outage:
    """An outage, or a rise that is another component's."""

    slot: int
    slots: int
    factor: float
    slow: bool
    """It takes half of its time to grow."""
    collateral: bool


def outages(library: Library, first: int, slots: int, count: int) -> list[Outage]:
    """Outages in a stretch, each in a part of its own; one in five is a collateral rise."""
    rng = np.random.default_rng([library.seed, 3, count])
    part = slots // count
    found = []
    for n in range(count):
        length = int(rng.integers(6, 37))
        at = first + n * part + int(rng.integers(150, max(151, part - length)))
        collateral = n % 5 == 4
        factor = FACTORS[int(rng.integers(len(FACTORS)))]
        if collateral:
            factor = float(rng.uniform(1.5, 3))
        found.append(Outage(at, length, factor, bool(rng.random() < 0.3), collateral))
    return found


def extra(library: Library, outage: Outage, mean: Array) -> Array:
    """Reports that an outage adds, by minute: [minutes, SERIES]; they fall on one or two kinds."""
    rng = np.random.default_rng([library.seed, 4, outage.slot])
    usual = np.repeat(mean[outage.slot : outage.slot + outage.slots] / MINUTES, MINUTES)
    rise = np.ones(len(usual))
    if outage.slow:
        rise = np.minimum(1, np.linspace(0, 2, len(usual)))
    added = draw(rng, (outage.factor - 1) * usual * rise, library.dispersion)
    mix = library.mix if outage.collateral else rng.dirichlet(np.full(len(KINDS), 0.3))
    return split(rng, added, mix)
