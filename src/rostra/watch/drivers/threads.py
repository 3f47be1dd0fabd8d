"""Calls that may hang, in threads that nobody has to wait for: no task, and no end of the process.

The threads of a `ThreadPoolExecutor` are waited for when the process ends, whatever they wait for.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar, cast

_T = TypeVar("_T")


def in_thread(
    name: str, work: Callable[[], _T], ended: Callable[[], object]
) -> "asyncio.Future[_T]":
    """Begin a call, and what comes of it: its result, or the exception that it raised.

    `ended` is called in the loop when the thread has ended, be it waited for or not: until then a
    call that was given up holds its place. RuntimeError where no thread is to be had.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: Exception | None) -> None:
        ended()
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(cast("_T", result))

    def call() -> None:
        result, raised = None, None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - handed to who waits for it
            raised = error
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, result, raised)

    try:
        threading.Thread(target=call, daemon=True, name=name).start()
    except RuntimeError:  # the machine has no thread left
        ended()
        raise
    return answer
