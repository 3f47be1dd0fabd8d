"""Relays a speaker's offer or a host's command to the studio that holds the space."""

import asyncio
from typing import Final

from rostra.domain.errors import HouseError, PeerError
from rostra.domain.ports import Backbone
from rostra.web.metrics import Metrics
from rostra.wire.messages import (
    Answer,
    Call,
    Claim,
    Command,
    Done,
    Offer,
    Refusal,
    Reply,
    call_subject,
    pack,
    read_reply,
)

OFFER_TIMEOUT_S: Final = 10.0
"""A studio starts a connection in well under 2 s; STUN and TURN together add 3 s at most."""

COMMAND_TIMEOUT_S: Final = 5.0
"""A lost studio's lease is taken over within 5 s; a person at a button waits no longer."""

_MARGIN_S: Final = 1.0


class StudioSilentError(HouseError):
    """A studio was asked and gave no answer in time (504)."""

    status = 504


class NoStudioError(HouseError):
    """The backbone is away, or nobody runs the space (503)."""

    status = 503


class Studios:
    """The studios behind the backbone, as the desk calls them."""

    def __init__(self, backbone: Backbone, metrics: Metrics) -> None:
        self._backbone = backbone
        self._metrics = metrics

    async def offer(self, space_id: str, offer: Offer | Claim) -> Answer:
        """Relay an offer; PeerError with the studio's own status if it refuses."""
        reply = await self._call(space_id, offer, OFFER_TIMEOUT_S)
        if not isinstance(reply, Answer):
            raise self._odd()
        return reply

    async def command(self, space_id: str, command: Command) -> Done:
        """Relay a command; PeerError with the studio's own status if it refuses."""
        reply = await self._call(space_id, command, COMMAND_TIMEOUT_S)
        if not isinstance(reply, Done):
            raise self._odd()
        return reply

    async def _call(self, space_id: str, call: Call, timeout_s: float) -> Reply:
        try:
            # The margin lets our own bound tell silence from a backbone that is away.
            async with asyncio.timeout(timeout_s):
                payload = await self._backbone.ask(
                    call_subject(space_id), pack(call), timeout_s + _MARGIN_S
                )
            reply = read_reply(payload)
        except TimeoutError as error:
            self._metrics.calls.labels("silent").inc()
            sentence = f"The studio gave no answer within {timeout_s:.0f} s. Try again."
            raise StudioSilentError(sentence) from error
        except HouseError as error:
            self._metrics.calls.labels("nobody").inc()
            sentence = (
                "No studio can be reached for this space at the moment. Try again in a few seconds."
            )
            raise NoStudioError(sentence) from error
        except PeerError as error:
            raise self._odd() from error
        if isinstance(reply, Refusal):
            self._metrics.calls.labels("refused").inc()
            raise _refused(reply)
        self._metrics.calls.labels("answered").inc()
        return reply

    def _odd(self) -> HouseError:
        self._metrics.calls.labels("odd").inc()
        sentence = "The studio gave an answer that the desk does not understand. Update both."
        return NoStudioError(sentence)


def _refused(refusal: Refusal) -> PeerError:
    status = refusal.status if 400 <= refusal.status <= 599 else 502  # noqa: PLR2004 - RFC 9110
    return PeerError(refusal.sentence, status=status)
