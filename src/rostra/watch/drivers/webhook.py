"""Sends JSON to subscribers' programs, signed with the secret of each (Standard Webhooks 1.0)."""

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Final

from rostra.watch.drivers.outward import Answer, InsideError, Outward, UnreachableError
from rostra.watch.outbox import Outcome, Verdict
from rostra.watch.subscribers import HOOK_SECRET_PREFIX, Hook

HOOKS_AT_ONCE: Final = 16
"""A program that never answers holds a place for ten seconds."""
_GONE: Final = 410
_BUSY: Final = frozenset({429, 502, 503, 504})


class Hooks:
    """Posts letters to programs."""

    at_once = HOOKS_AT_ONCE

    def __init__(self, outward: Outward, now_s: Callable[[], int]) -> None:
        self._outward = outward
        self._now_s = now_s

    async def send(self, hook: Hook, body: bytes, name: str, challenge: str = "") -> Outcome:
        """Post once. With a `challenge`, an answer that holds it confirms the subscription."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Rostra-Watch/1",
            **signed(hook.secret, name, self._now_s(), body),
        }
        try:
            answer = await self._outward.post(hook.url, headers, body)
        except InsideError as error:
            return Outcome(Verdict.REFUSED, str(error))
        except UnreachableError as error:
            return Outcome(Verdict.LATER, str(error))
        return outcome_of(answer, challenge)


def signed(secret: str, name: str, now_s: int, body: bytes) -> dict[str, str]:
    """The three headers: `webhook-id`, `webhook-timestamp`, `webhook-signature`.

    HMAC-SHA256 over `ID.TIMESTAMP.BODY` with the bytes that the secret encodes, in base64 behind
    `v1,` (Standard Webhooks 1.0.0, "Signature scheme"). ValueError for a secret that is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(HOOK_SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        sentence = "a webhook's secret is not base64"
        raise ValueError(sentence) from error
    digest = hmac.digest(key, f"{name}.{now_s}.".encode() + body, "sha256")
    return {
        "webhook-id": name,
        "webhook-timestamp": str(now_s),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def outcome_of(answer: Answer, challenge: str = "") -> Outcome:
    """What an answer means. Redirects are not followed: whoever moved changes the address."""
    if 200 <= answer.status < 300:  # noqa: PLR2004 - RFC 9110: successful
        echoed = bool(challenge) and challenge.encode() in answer.body
        return Outcome(Verdict.SENT, confirmed=echoed)
    why = f"the program answered {answer.status}"
    if answer.status == _GONE:
        return Outcome(Verdict.GONE, why)
    after_s = answer.after_s if answer.status in _BUSY else 0.0
    return Outcome(Verdict.LATER, why, after_s)
