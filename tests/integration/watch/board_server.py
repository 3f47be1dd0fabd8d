"""The watch's application on a real socket, with a board that a test changes by hand."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from tests.fakes import boards
from tests.until import until

from rostra.domain.ports import Moment
from rostra.watch.board import Board, Chart
from rostra.web.watch_factory import create_watch_app
from rostra.web.watch_site import Site


@dataclass
class BoardServer:
    """`url` is its address without a slash at the end; `board` is what it shows."""

    board: Board
    url: str = ""

    def now(self) -> Moment:
        return Moment(0, self.board.utc_us)

    async def chart(self, component: str, span: str) -> Chart:
        return Chart(component, span, 900)


@asynccontextmanager
async def serving(board: Board | None = None) -> AsyncIterator[BoardServer]:
    """Serve until the block ends."""
    held = BoardServer(board or boards.calm())
    site = Site(held, lambda: held.board, held.chart)
    config = uvicorn.Config(
        create_watch_app(site), lifespan="off", log_level="error", access_log=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await until(lambda: server.started or task.done())
            yield held
        finally:
            server.should_exit = True
            await task
