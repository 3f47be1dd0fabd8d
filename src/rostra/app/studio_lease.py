"""The lease of a space: one studio runs it, and another may take it when that one is silent."""

import asyncio
from typing import Final

import structlog

from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone
from rostra.wire.messages import BUCKET_LEASES

RENEW_S: Final = 1.5
"""A lease expires after 5 s: three renewals may be lost before another studio takes over."""

_LOG = structlog.get_logger(__name__)


class Lease:
    """One studio's hold on one space."""

    def __init__(self, backbone: Backbone, space: str, studio: str) -> None:
        self._backbone = backbone
        self._space = space
        self._studio = studio.encode()
        self._revision = 0

    async def taken(self) -> None:
        """Return when the lease is ours: at once, or when its holder falls silent."""
        while True:
            try:
                revision = await self._backbone.create(BUCKET_LEASES, self._space, self._studio)
            except HouseError as error:
                _LOG.warning("lease", space=self._space, reason=error.sentence)
                revision = None
            if revision is not None:
                self._revision = revision
                return
            await asyncio.sleep(RENEW_S)

    async def lost(self) -> None:
        """Renew for as long as it is ours; return when another studio holds it.

        While the backbone is away nobody can take it, and the show goes on.
        """
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                revision = await self._backbone.update(
                    BUCKET_LEASES, self._space, self._studio, self._revision
                )
                if revision is None:  # it expired while the backbone was away, or was taken
                    revision = await self._backbone.create(BUCKET_LEASES, self._space, self._studio)
            except HouseError as error:
                _LOG.warning("lease not renewed", space=self._space, reason=error.sentence)
                continue
            if revision is None:
                return
            self._revision = revision

    async def release(self) -> None:
        """Let another studio take it at once."""
        try:
            await self._backbone.delete(BUCKET_LEASES, self._space)
        except HouseError as error:
            _LOG.warning("lease not released", space=self._space, reason=error.sentence)
