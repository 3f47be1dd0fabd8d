"""Sends letters through a mail server: smtplib in threads of its own, TLS, one-click leaving.

TLS is never given up: where STARTTLS is asked for and not offered, nothing is sent.
"""

import asyncio
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from threading import Lock
from typing import Final

import structlog

from rostra.watch.drivers.threads import in_thread
from rostra.watch.letters import Letter
from rostra.watch.outbox import Outcome, Verdict

MAILS_AT_ONCE: Final = 4
"""Connections to the mail server; providers commonly take ten from one address."""
SMTP_TIMEOUT_S: Final = 20.0
"""For each step; RFC 5321 (4.5.3.2) allows minutes, our threads are few."""
LINE_LETTERS_MAX: Final = 50
"""Letters on one connection; servers commonly end it after a hundred."""
LINE_IDLE_S: Final = 10.0
"""A connection that was idle for longer is made anew."""

_POLICY: Final = SMTP.clone(max_line_length=900)
"""Long addresses in headers stay whole: RFC 5322 allows lines of 998 octets."""
_PERMANENT: Final = 500
_DEAD_MAILBOX: Final = re.compile(r"\b5\.(?:1\.[0-9]{1,3}|2\.1)\b")
"""Enhanced status codes of bad and disabled mailboxes (RFC 3463, 3.2 and 3.3)."""
_ENHANCED: Final = re.compile(r"\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b")
_NO_SUCH_USER: Final = frozenset({550, 551, 553})
_log = structlog.get_logger("watch")


@dataclass(frozen=True, slots=True)
class MailRoute:
    """The mail server, and who writes. `security` is `starttls`, `tls` or `none`."""

    host: str
    port: int
    sender: str
    name: str = ""
    """Shown beside the address in From."""
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    trust: ssl.SSLContext | None = None
    """Who may sign the server's certificate; None means this machine's authorities."""


@dataclass(slots=True)
class _Line:
    smtp: smtplib.SMTP
    letters: int = 0
    used_s: float = 0.0


class Mailer:
    """One mail server's lines; `send` may be called `MAILS_AT_ONCE` times at once."""

    at_once = MAILS_AT_ONCE

    def __init__(self, route: MailRoute, now_s: Callable[[], float] = time.monotonic) -> None:
        self._route = route
        self._now_s = now_s
        self._context = route.trust or ssl.create_default_context()
        self._free = asyncio.Semaphore(MAILS_AT_ONCE)
        self._idle: list[_Line] = []
        self._closed = False
        self._lock = Lock()

    async def send(self, to: str, letter: Letter, name: str) -> Outcome:
        """Hand one letter to the server. `name` is the same in each try: it is the Message-ID.

        Cancelled, nobody knows whether it went out; the server is waited for no longer.
        """
        await self._free.acquire()
        return await in_thread("mail", lambda: self._send(to, letter, name), self._free.release)

    def close(self) -> None:
        """Hang up without waiting: not for an answer, and not for what is under way."""
        with self._lock:
            self._closed, idle, self._idle = True, self._idle, []
        for line in idle:
            with suppress(smtplib.SMTPException, OSError):
                line.smtp.putcmd("quit")
            line.smtp.close()

    def _send(self, to: str, letter: Letter, name: str) -> Outcome:
        line = None
        try:
            message = message_of(self._route, to, letter, name)
            line = self._line()
            line.smtp.send_message(message, self._route.sender, [to])
        except (smtplib.SMTPException, OSError, ValueError, UnicodeError) as error:
            if line is not None:
                _hang_up(line)
            return _outcome(error)
        self._keep(line)
        return Outcome(Verdict.SENT)

    def _line(self) -> _Line:
        """A connection that is known to live, or a new one."""
        while True:
            with self._lock:
                line = self._idle.pop() if self._idle else None
            if line is None:
                return _Line(self._call())
            fresh = self._now_s() - line.used_s < LINE_IDLE_S
            with suppress(smtplib.SMTPException, OSError):
                # Asked before and not after: a letter must not go out a second time.
                if fresh and line.smtp.noop()[0] == 250:  # noqa: PLR2004 - RFC 5321: OK
                    return line
            _hang_up(line)

    def _call(self) -> smtplib.SMTP:
        route = self._route
        if route.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                route.host, route.port, timeout=SMTP_TIMEOUT_S, context=self._context
            )
        else:
            smtp = smtplib.SMTP(route.host, route.port, timeout=SMTP_TIMEOUT_S)
        try:
            if route.security == "starttls":
                smtp.starttls(context=self._context)
            if route.user:
                smtp.login(route.user, route.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _keep(self, line: _Line) -> None:
        line.letters += 1
        line.used_s = self._now_s()
        if line.letters >= LINE_LETTERS_MAX:
            _hang_up(line)
            return
        with self._lock:
            if not self._closed:
                self._idle.append(line)
                return
        _hang_up(line)


def message_of(route: MailRoute, to: str, letter: Letter, name: str) -> EmailMessage:
    """The letter as it goes out (RFC 5322), with one-click leaving (RFC 8058).

    ValueError for a header with a line break: `EmailMessage` lets none through.
    """
    domain = route.sender.rpartition("@")[2]
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(route.name, addr_spec=route.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{name}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Id"] = f"<status.{domain}>"
    if letter.leave:
        message["List-Unsubscribe"] = f"<{letter.leave}>"
        if letter.leave.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _hang_up(line: _Line) -> None:
    with suppress(smtplib.SMTPException, OSError):
        line.smtp.quit()
    line.smtp.close()


def _outcome(error: Exception) -> Outcome:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _refused_recipient(code, said.decode("utf-8", "replace"))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        _log.error("the mail server takes not our login: see watch.mail", code=error.smtp_code)
        return Outcome(Verdict.LATER, "the mail server takes not our login")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        _log.error("the mail server offers not what is asked: see watch.mail", why=str(error))
        return Outcome(Verdict.LATER, "the mail server offers no STARTTLS or no login")
    if isinstance(error, smtplib.SMTPResponseException):
        verdict = Verdict.REFUSED if error.smtp_code >= _PERMANENT else Verdict.LATER
        return Outcome(verdict, f"the mail server answered {error.smtp_code}")
    if isinstance(error, (ValueError, UnicodeError)) and not isinstance(error, OSError):
        return Outcome(Verdict.REFUSED, "the letter cannot be written as mail")
    return Outcome(Verdict.LATER, f"the mail server is not reached ({type(error).__name__})")


def _refused_recipient(code: int, said: str) -> Outcome:
    """A mailbox that is dead ends its subscription; a policy, or a full one, does not."""
    why = f"the mailbox was refused ({code})"
    if code < _PERMANENT:
        return Outcome(Verdict.LATER, why)
    named = _ENHANCED.search(said)
    dead = _DEAD_MAILBOX.search(said) if named else code in _NO_SUCH_USER
    return Outcome(Verdict.GONE if dead else Verdict.REFUSED, why)
