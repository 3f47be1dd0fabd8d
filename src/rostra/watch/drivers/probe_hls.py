"""Probes a stream of HLS: it is there, its newest segment too, and it goes on from probe to probe.

Three small requests a probe. Whether the playlist moves is seen by comparing with the probe
before, so that no probe has to wait for a segment to come.
"""

import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin

from rostra.watch import playlists
from rostra.watch.drivers.probe_http import Answer, page
from rostra.watch.drivers.probe_net import Means
from rostra.watch.drivers.probe_steps import FailedError, Trail
from rostra.watch.playlists import Playlist, Seen

PLAYLIST_BYTES_MAX: Final = 1024 * 1024
"""A three-hour event of two-second segments, with signed addresses."""

SEGMENT_BYTES_MAX: Final = 8 * 1024 * 1024
"""Ten seconds of video at 6 Mbit/s; the encoding of least bandwidth is asked for."""

SILENT_PROBES: Final = 3
"""Digital silence in so many newest segments in a row is no pause of a speaker: with the
intervals between them it lasts about a minute."""


def now_s() -> float:
    """The monotonic clock."""
    return time.monotonic()


class HlsProbe:
    """Probes one stream and remembers what it saw."""

    def __init__(
        self,
        url: str,
        means: Means,
        loudness: Callable[[bytes, bytes], float | None] | None = None,
    ) -> None:
        self._url = url
        self._means = means
        self._loudness = loudness
        self._seen: Seen | None = None
        self._silent = 0

    async def probe(self, trail: Trail) -> None:
        """Playlist, newest segment, its sound, and how it all goes on."""
        url, playlist = await self._playlist(trail)
        newest, init = await self._newest(trail, url, playlist)
        with trail.step("first_sound"):
            loudest = self._decode(init, newest, playlist)
        with trail.step("gap"):
            self._goes_on(playlist)
        with trail.step("silence"):
            self._not_silent(loudest)

    async def _playlist(self, trail: Trail) -> tuple[str, Playlist]:
        answer = await page(self._means, self._url, trail, PLAYLIST_BYTES_MAX)
        with trail.step("page"):
            playlist = _read(answer)
        if playlist.variants:
            url = urljoin(answer.url, playlist.variants[0])
            answer = await page(self._means, url, trail, PLAYLIST_BYTES_MAX)
            with trail.step("page"):
                playlist = _read(answer)
                if playlist.variants:
                    words = "The playlist of an encoding names further encodings."
                    raise FailedError(words)
        return answer.url, playlist

    async def _newest(self, trail: Trail, url: str, playlist: Playlist) -> tuple[bytes, bytes]:
        with trail.step("page"):
            if not playlist.names:
                words = "The playlist names no segment."
                raise FailedError(words)
        with trail.step("first_sound"):
            inner = Trail()
            try:
                newest = await page(
                    self._means, urljoin(url, playlist.names[-1]), inner, SEGMENT_BYTES_MAX
                )
                init = (
                    await page(self._means, urljoin(url, playlist.init), inner, SEGMENT_BYTES_MAX)
                    if playlist.init and self._loudness is not None
                    else None
                )
            except FailedError as error:
                words = f"The newest segment cannot be had. {error.sentence}"
                raise FailedError(words) from error
            if not newest.body:
                words = "The newest segment is empty."
                raise FailedError(words)
        return newest.body, init.body if init else b""

    def _decode(self, init: bytes, newest: bytes, playlist: Playlist) -> float | None:
        if self._loudness is None or playlist.encrypted:
            return None
        return self._loudness(init, newest)

    def _goes_on(self, playlist: Playlist) -> None:
        if playlist.over:
            self._seen = None
            return
        self._seen, wrong = playlists.goes_on(self._seen, playlist, now_s())
        if wrong:
            raise FailedError(wrong)

    def _not_silent(self, loudest: float | None) -> None:
        self._silent = self._silent + 1 if loudest == 0 else 0
        if self._silent >= SILENT_PROBES:
            words = f"The newest segment was digital silence {self._silent} times in a row."
            raise FailedError(words)


def _read(answer: Answer) -> Playlist:
    return playlists.read(answer.body.decode("utf-8", "replace"))
