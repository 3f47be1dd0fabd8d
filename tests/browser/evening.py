"""One edge in this process, with a real programme in real time, for a browser to listen to."""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from tests.browser.hearing import RATE_HZ
from tests.fakes.grid_messages import state
from tests.integration.edge.edge_house import House, house, until

from rostra.app.edge_child import Stock
from rostra.app.edge_files import read_loop, read_page
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.elastic import ladder
from rostra.delivery.service import Now
from rostra.domain.grid import TICK_MESSAGES
from rostra.domain.space import State
from rostra.programme.drivers.run import ProgrammeRun
from rostra.wire.messages import SpaceTally, read_tally, to_json

BLOCK_S = 0.02
TONE_HZ = 440.0
LEFT = 60
"""Listeners that leave within a minute: who waits is told the shortest time."""
AN_HOUR_NS = 3_600 * 10**9
BEGUN = 9
"""Messages after which a joiner gets a whole burst."""
SILENCE = np.zeros(46_080, np.float32)


@dataclass
class Evening:
    """An edge with one live space, `hall`, in which a tone sounds until the end."""

    house: House
    epoch_us: int
    ending: threading.Event = field(default_factory=threading.Event)
    notices: deque[tuple[str, dict[str, Any]]] = field(default_factory=deque)
    """What the programme says with its next block."""

    @property
    def url(self) -> str:
        """The listener's page."""
        return f"http://localhost:{self.house.address[1]}/s/hall"

    def become(self, **facts: object) -> None:
        """Have the studio's state say this, too."""
        told = state(State.LIVE, "run1")
        told = msgspec.structs.replace(told, epoch_utc_us=self.epoch_us, **facts)
        self.house.do(self.house.backbone.put("state", "hall", to_json(told)))
        directory = self.house.edge.service.directory
        until(lambda: directory.space("hall") == told, "the state at the edge")

    def told(self) -> list[SpaceTally]:
        """What the edge has told its studio."""
        sent = self.house.backbone.published["tally.edge-0"]
        return [row for one in list(sent) for row in read_tally(one).spaces]

    def retick(self, tick: int, lead_s: float = 0.0) -> None:
        """Have the edge announce another tick, in its own thread."""

        def task(hall: Hall, _now: Now) -> None:
            hall.retick(tick, lead_s)

        self.house.edge.inbox.put((task, time.monotonic_ns()))
        if not lead_s:  # who joins after this call joins at that tick
            cutter = self.house.edge.hall.channels["hall"].cutter
            until(lambda: cutter.tick_messages == tick, f"a tick of {tick}")

    def climb(self, level: int) -> None:
        """Put the edge on a step of its ladder, as a load would, and leave it there."""
        elastic = self.house.edge.governor.elastic
        elastic._at, elastic._quiet_ns = level, time.monotonic_ns() + AN_HOUR_NS
        waiting = self.house.edge.governor._waiting
        for _ in range(LEFT):
            waiting.left(time.monotonic_ns())
        waiting.close()

    def play(self) -> None:
        """Publish the programme, each message at its moment, until the end."""
        run = ProgrammeRun("hall", "run1", self.epoch_us, SILENCE)
        block, began = 0, time.monotonic()
        tone = np.sin(2 * np.pi * TONE_HZ * np.arange(960) / RATE_HZ).astype(np.float32) * 0.3
        while not self.ending.wait(max(0.0, began + block * BLOCK_S - time.monotonic())):
            while self.notices:
                run.notice(*self.notices.popleft())
            for message in run.step(block, tone, anybody_here=True, state=State.LIVE):
                self.house.publish(message)
            block += 1


@contextlib.contextmanager
def evening() -> Iterator[Evening]:
    """Run it for the length of a block."""
    stock = Stock(*read_page(), read_loop(), steps=ladder(TICK_MESSAGES))
    with house(stock=stock) as subject:
        now_us = time.time_ns() // 1_000
        told = msgspec.structs.replace(state(State.LIVE, "run1"), epoch_utc_us=now_us)
        subject.do(subject.backbone.put("state", "hall", to_json(told)))
        one = Evening(subject, now_us)
        player = threading.Thread(target=one.play)
        player.start()
        try:
            until(lambda: subject.newest() >= BEGUN, "the programme's first second")
            yield one
        finally:
            one.ending.set()
            player.join()
