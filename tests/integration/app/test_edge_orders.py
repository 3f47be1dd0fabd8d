"""What an edge is told between its fork and its own signal handlers is not lost."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.app import edge
from rostra.app.config import Settings
from rostra.app.edge import Parent
from rostra.app.edge_child import Stock
from rostra.app.parents import ORDERS, heed_orders
from rostra.app.secrets import bootstrap

HEARD = 7


@pytest.fixture
def handlers() -> Iterator[None]:
    """The parent's own: they take a signal and do nothing that a child would notice."""
    before = {one: signal.signal(one, lambda _number, _frame: None) for one in ORDERS}
    yield
    for number, was in before.items():
        signal.signal(number, was)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("order", sorted(ORDERS))
def test_an_edge_hears_what_it_was_told_before_it_was_ready(
    order: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, tell = os.pipe()

    def run_child(*_: object) -> int:
        os.read(told, 1)
        heard: list[int] = []
        signal.signal(order, lambda number, _frame: heard.append(number))
        heed_orders()
        return HEARD if heard == [order] else 1

    monkeypatch.setattr(edge, "run_child", run_child)
    settings = Settings(data=tmp_path)
    bootstrap(settings)
    with socket.create_server(("127.0.0.1", 0)) as server:
        parent = Parent(settings, [server], Stock(None, {}, None))
        (child,) = parent._children
        parent._fork(child, 0.0)
    os.kill(child.pid, order)
    os.write(tell, b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) == HEARD
    assert not ORDERS & signal.pthread_sigmask(signal.SIG_BLOCK, ()), "the parent hears, too"
    for number in (told, tell):
        os.close(number)
