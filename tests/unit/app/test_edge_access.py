"""What the configuration says about budgets and tickets is what an edge goes by."""

from pathlib import Path

import pytest

from rostra.app.config import Budgets, Edge, Settings
from rostra.app.edge_child import access_of
from rostra.app.secrets import bootstrap, listening_key
from rostra.app.watch_options import Watch
from rostra.delivery.budgets import GENEROUS, Limits
from rostra.delivery.refusals import RefusedError
from rostra.domain.errors import HouseError
from rostra.wire.listening import KEY_BYTES_MIN, ListeningRole, ListeningTicket, sign


def test_the_defaults_are_generous_and_open(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    bootstrap(settings)
    access = access_of(settings)
    assert access.limits == GENEROUS
    assert not access.doorkeeper.reserved(b"/live/hall/push.mp4", "hall", 0)


@pytest.mark.parametrize(
    ("watch", "told"),
    [
        (Watch(), ":9100"),
        (Watch(on=False), ""),
        (Watch(public_url="https://s.example"), "https://s.example"),
        (Watch(on=False, public_url="https://s.example"), "https://s.example"),
    ],
)
def test_pages_are_told_of_the_watch(watch: Watch, told: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=9_000, watch=watch)
    bootstrap(settings)
    assert access_of(settings).watch == told


def test_a_house_with_tickets_takes_those_of_its_own_key(tmp_path: Path) -> None:
    edge = Edge(tickets="required", budgets=Budgets(heads=7))
    settings = Settings(data=tmp_path, edge=edge)
    bootstrap(settings)
    access = access_of(settings)
    assert access.limits == Limits(heads=7)
    word = sign(ListeningTicket(ListeningRole.WATCH, "hall", 1), listening_key(settings))
    assert access.doorkeeper.reserved(f"/?ticket={word}".encode(), "hall", 0)
    with pytest.raises(RefusedError):
        access.doorkeeper.reserved(b"/", "hall", 0)


@pytest.mark.parametrize("held", [None, b"", b"k" * (KEY_BYTES_MIN - 1) + b"\n"])
def test_an_edge_without_a_key_says_what_to_copy(held: bytes | None, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    bootstrap(settings)
    path = settings.secrets / "listening.key"
    path.unlink()
    if held is not None:
        path.write_bytes(held)
    with pytest.raises(HouseError, match=r"listening\.key .* Copy it"):
        access_of(settings)
