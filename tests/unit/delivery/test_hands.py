"""Which hands an edge keeps up, whose network has room, and when they go down by themselves."""

import pytest

from rostra.delivery import hands
from rostra.delivery.allowance import NS_PER_S
from rostra.delivery.drivers.hall import CHANNELS_MAX
from rostra.delivery.hands import (
    HAND_NS,
    HANDS_PER_ADDRESS,
    HANDS_PER_PREFIX,
    HANDS_UP_MAX,
    Hands,
    Source,
)
from rostra.domain.voices import HAND_S

HOME = Source("home", "street")


def test_an_address_and_its_prefix_have_so_many() -> None:
    up = Hands()
    for index in range(HANDS_PER_PREFIX):
        source = Source(f"house {index // HANDS_PER_ADDRESS}", "street")
        assert up.raised("hall", f"listener {index}", source, 0)
    assert not up.raised("hall", "ann", Source("house 0", "another street"), 0)
    assert not up.raised("hall", "ann", Source("house 9", "street"), 0)
    assert up.raised("hall", "ann", Source("house 9", "another street"), 0)
    assert up.raised("tea", "ann", Source("house 0", "street"), 0), "each space has its own"


def test_a_hand_that_is_lowered_or_not_raised_again_makes_room() -> None:
    up = Hands()
    for index in range(HANDS_PER_ADDRESS):
        assert up.raised("hall", f"listener {index}", HOME, index)
    up.lowered("hall", "listener 5")
    up.lowered("hall", "listener 5")
    up.lowered("nowhere", "nobody")
    assert up.raised("hall", "ann", HOME, 100)
    assert up.raised("hall", "listener 0", HOME, HAND_NS - 1), "who has it up keeps it up"
    assert not up.raised("hall", "ben", HOME, HAND_NS)
    assert up.raised("hall", "ben", HOME, HAND_NS + 1)
    assert up.raised("hall", "cy", HOME, 3 * HAND_NS)
    assert len(up) == 1
    assert (len(up._addresses), len(up._prefixes)) == (1, 1)


def test_who_goes_to_another_network_counts_there_alone() -> None:
    up = Hands()
    for index in range(HANDS_PER_ADDRESS):
        assert up.raised("hall", f"listener {index}", HOME, 0)
    assert up.raised("hall", "listener 0", Source("phone", "mast"), 0)
    assert up.raised("hall", "ann", HOME, 0)
    assert len(up) == HANDS_PER_ADDRESS + 1
    up.forget("hall")
    assert (len(up), up._up, up._addresses, up._prefixes) == (0, {}, {}, {})


def test_an_edge_keeps_so_many_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "HANDS_UP_MAX", 2)
    up = Hands()
    assert up.raised("a", "ann", HOME, 0)
    assert up.raised("b", "ben", HOME, 1)
    assert not up.raised("c", "cy", HOME, 2)
    assert up.raised("b", "ben", HOME, 3)
    assert up.raised("c", "cy", HOME, HAND_NS)
    assert len(up) == 2


def test_the_limits_fit_together() -> None:
    assert HANDS_PER_PREFIX * CHANNELS_MAX < HANDS_UP_MAX
    assert HAND_NS == HAND_S * NS_PER_S
