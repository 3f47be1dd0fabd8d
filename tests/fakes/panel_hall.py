"""What the places find of every component: takes results, and is asked for views."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Protocol

from rostra.watch.board import ProbesView
from rostra.watch.components import Component
from rostra.watch.probing import Result


class OnePanel(Protocol):
    """The rule over the places of one component (`watch.panel.Panel`)."""

    def take(self, result: Result) -> None:
        """Hear one result."""
        ...

    def view(self, now_utc_us: int) -> ProbesView:
        """What the places find together."""
        ...


class PanelHall:
    """`watch.ports.Panels`: one panel a component, and the newest number of listeners."""

    def __init__(
        self, components: Iterable[Component], make: Callable[[Component], OnePanel]
    ) -> None:
        self._panels = {one.id: make(one) for one in components}
        self._listening: dict[str, int] = {}
        self._lock = Lock()  # results come in the loop, views are asked for in a thread

    def take(self, result: Result) -> None:
        """Hear one result; of an unknown component it changes nothing."""
        panel = self._panels.get(result.component)
        if panel is None:
            return
        with self._lock:
            panel.take(result)
        if not result.own_fault:
            self._listening[result.component] = result.listening

    def view(self, component: str, now_utc_us: int) -> ProbesView:
        """As the board shows it; the default for a component without probes."""
        panel = self._panels.get(component)
        if panel is None:
            return ProbesView()
        with self._lock:
            return panel.view(now_utc_us)

    def listening(self, component: str) -> int:
        """How many listen, by the newest probe; -1 where nobody tells."""
        return self._listening.get(component, -1)
