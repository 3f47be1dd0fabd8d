"""The studio's speaking booth: one thread that makes and decodes sound, beside every clock."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

from rostra.domain.errors import HouseError
from rostra.programme.drivers.speech import Voice
from rostra.programme.limiter import Sound

JOBS_MAX: Final = 64
"""Sentences and loops that wait for the booth: twenty spaces' at once, a second each."""

_T = TypeVar("_T")


class Booth:
    """Works one job after the other; belongs to the studio, whose spaces share it.

    Its thread ends with the process: whatever it is at, nobody waits for it.
    """

    def __init__(self) -> None:
        self.voice = Voice()
        self._jobs: queue.Queue[Callable[[], None]] = queue.Queue(JOBS_MAX)
        self._thread = threading.Thread(target=self._work, name="booth", daemon=True)
        self._begun = False

    async def speak(self, text: str, language: str) -> Sound:
        """A sentence as sound; HouseError where there is no voice, or too much to do."""
        return await self.do(lambda: self.voice.speak(text, language))

    async def do(self, job: Callable[[], _T]) -> _T:
        """What `job` gives, made in the booth; its errors are raised here."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_T] = loop.create_future()

        def done(result: _T | None, error: BaseException | None) -> None:
            if not answer.done():
                _settle(answer, result, error)

        def work() -> None:
            result: Any = None
            failure: BaseException | None = None
            try:
                result = job()
            except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
                failure = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(done, result, failure)

        if not self._begun:
            self._begun = True
            self._thread.start()
        try:
            self._jobs.put_nowait(work)
        except queue.Full:
            sentence = f"{JOBS_MAX} announcements and loops wait already."
            raise HouseError(sentence) from None
        return await answer

    def close(self) -> None:
        """Leave no process of the voice behind; what still waits fails."""
        self.voice.hush()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except RuntimeError:  # the loop closed meanwhile: nobody asks any more
                continue


def _settle(answer: "asyncio.Future[Any]", result: object, error: BaseException | None) -> None:
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(result)
