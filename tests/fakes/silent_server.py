"""A real TCP server that accepts and says nothing, until the test hangs up."""

import socket
import threading
from types import TracebackType
from typing import Self


class SilentServer:
    """`calls` are the connections that it has taken."""

    def __init__(self) -> None:
        self.calls: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._take)

    @property
    def port(self) -> int:
        port: int = self._door.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _one: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._door.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection."""
        for call in self.calls:
            call.close()

    def _take(self) -> None:
        while True:
            try:
                call, _ = self._door.accept()
            except OSError:
                return
            self.calls.append(call)
