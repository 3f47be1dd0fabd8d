"""The file handles that an edge keeps before it takes listeners."""

import re
from pathlib import Path

import pytest

from rostra.app.config import Edge
from rostra.delivery.drivers.gate import RESERVED_MAX
from rostra.delivery.drivers.handles import (
    KEPT,
    OWN_HANDLES,
    SPARE_CONNECTIONS,
    Places,
    places,
    wanted,
)
from rostra.delivery.drivers.handshakes import HANDSHAKES_MAX
from rostra.delivery.refusing import NARROW_MAX

ROOT = Path(__file__).parents[3]


def test_the_default_fits_what_the_unit_grants() -> None:
    (limit,) = re.findall(r"LimitNOFILE=(\d+)", (ROOT / "deploy" / "rostra.service").read_text())
    listeners = Edge().listeners_max
    assert wanted(listeners) <= int(limit)
    assert places(listeners, int(limit)) == Places(listeners, listeners + SPARE_CONNECTIONS)
    assert HANDSHAKES_MAX <= SPARE_CONNECTIONS, "silent peers alone push no listener out"


def test_with_every_handle_that_is_wanted_all_places_are_given_and_with_one_less_not() -> None:
    assert places(18_000, wanted(18_000)).listeners == 18_000
    assert places(18_000, wanted(18_000) - 1).listeners == 17_999


@pytest.mark.parametrize("listeners_max", [1, 100, 18_000, 1_000_000])
@pytest.mark.parametrize("handles", [2, 256, 1_024, 4_096, 20_000, 1_048_576])
def test_whatever_is_configured_some_handles_are_kept(listeners_max: int, handles: int) -> None:
    found = places(listeners_max, handles)
    assert found.connections + min(KEPT, handles // 2) <= max(handles, wanted(listeners_max))
    assert found.connections <= handles - min(KEPT, handles // 2)
    assert found.listeners <= min(listeners_max, found.connections)
    assert KEPT >= NARROW_MAX + RESERVED_MAX + OWN_HANDLES
