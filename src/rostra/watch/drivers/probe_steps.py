"""The steps of one probe: each timed, and each failure turned into one short sentence."""

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rostra.domain.errors import PeerError, RostraError
from rostra.watch.probing import Step, sentence

CERTIFICATE_EXPIRED: Final = 10
"""OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED."""
OTHER_NAME: Final = 62
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH."""

MS_PER_S: Final = 1_000


class FailedError(PeerError):
    """The target broke what a user of it relies on; `sentence` says how."""


class OwnTroubleError(RostraError):
    """The place itself cannot probe; it says nothing of the target."""


class NoNameError(FailedError):
    """The resolver says that there is no such name, or (`silent`) it says nothing."""

    def __init__(self, words: str, *, silent: bool) -> None:
        super().__init__(words)
        self.silent = silent


class Trail:
    """The steps that a probe has made so far; a step that comes again adds to its time."""

    def __init__(self) -> None:
        self.listening = -1
        self.timed_out = False
        self.crowded = False
        self.resolver_silent = False
        self._steps: dict[str, Step] = {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in the order in which they were begun."""
        return tuple(self._steps.values())

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step; what fails in it is written down and ends the probe (FailedError)."""
        began = time.monotonic()
        self._note(name, 0.0, "")
        try:
            yield
        except asyncio.CancelledError:
            self.timed_out = True
            self._note(name, began, "There was no answer in time.")
            raise
        except OwnTroubleError:
            self.crowded = True
            raise
        except FailedError as error:
            self.resolver_silent = isinstance(error, NoNameError) and error.silent
            self._note(name, began, error.sentence)
            raise
        except (RostraError, OSError, TimeoutError, EOFError, ValueError) as error:
            self.timed_out = isinstance(error, TimeoutError)
            said = why(error)
            self._note(name, began, said)
            raise FailedError(said) from error
        self._note(name, began, "")

    def took(self, name: str, ms: float, wrong: str = "") -> None:
        """Write a step down that was measured elsewhere; `wrong` says why it failed."""
        self._steps[name] = Step(name, round(ms, 1), not wrong, sentence(wrong))

    def _note(self, name: str, began: float, wrong: str) -> None:
        before = self._steps.get(name)
        ms = (time.monotonic() - began) * MS_PER_S if began else 0.0
        self.took(name, (before.ms if before else 0.0) + ms, wrong)


def why(error: BaseException) -> str:
    """The sentence for what a socket, TLS or a reader of ours raised."""
    if isinstance(error, RostraError):
        return error.sentence
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error)
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(error.reason or 'no reason').replace('_', ' ').lower()}."
    said = next((words for kind, words in _SAID.items() if isinstance(error, kind)), "")
    if not said and isinstance(error, OSError) and error.strerror:
        said = f"The network says: {error.strerror}."
    return said or f"The answer could not be read: {error}."


_SAID: Final[dict[type[Exception], str]] = {
    TimeoutError: "There was no answer in time.",
    ConnectionRefusedError: "The connection was refused.",
    ConnectionError: "The connection was closed before the answer was whole.",
    EOFError: "The connection was closed before the answer was whole.",
}


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == CERTIFICATE_EXPIRED:
        return "The certificate has expired."
    if error.verify_code == OTHER_NAME:
        return "The certificate is for another name."
    return f"The certificate is not valid: {error.verify_message}."
