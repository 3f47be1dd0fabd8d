"""A place suspects itself first: what it found about itself, and whom it then blames."""

import pytest

from rostra.watch.own_fault import CLOCK_STEP_MS, LOOP_LATE_MS, Health, own_fault


@pytest.mark.parametrize(
    ("step", "health"),
    [
        ("connect", Health(crowded=True)),
        ("connect", Health(loop_late_ms=LOOP_LATE_MS, timed_out=True)),
        ("gap", Health(loop_late_ms=LOOP_LATE_MS)),
        ("t0", Health(clock_step_ms=-CLOCK_STEP_MS)),
        ("tls", Health(clock_step_ms=CLOCK_STEP_MS)),
        ("resolve", Health(resolver=False)),
        ("resolve", Health(resolver_silent=True)),
        ("connect", Health(routed=False)),
        ("page", Health(controls=2)),
        ("connect", Health(others=2)),
    ],
)
def test_the_place_is_to_blame(step: str, health: Health) -> None:
    assert own_fault(step, health).startswith(("This place", "The "))


@pytest.mark.parametrize(
    ("step", "health"),
    [
        ("connect", Health()),
        ("connect", Health(loop_late_ms=LOOP_LATE_MS)),
        ("connect", Health(loop_late_ms=LOOP_LATE_MS - 1, timed_out=True)),
        ("page", Health(clock_step_ms=CLOCK_STEP_MS)),
        ("resolve", Health()),
        ("resolve", Health(resolver=True, resolver_silent=True)),
        ("page", Health(controls=2, controls_well=1, others=2)),
        ("connect", Health(others=1)),
        ("connect", Health(others=2, others_well=1)),
        ("gap", Health(controls=2)),
        ("silence", Health(others=3)),
    ],
)
def test_the_target_is_to_blame(step: str, health: Health) -> None:
    assert own_fault(step, health) == ""
