"""Posts to addresses that strangers named, without being led into the house's own network (SSRF).

The name is resolved here, each address is judged, and the connection goes to the judged address
itself, so that a name that answers differently a moment later changes nothing (DNS rebinding).
TLS still proves the name. No redirect is followed, no proxy used, and time and answer are bounded.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from rostra.domain.errors import PeerError
from rostra.watch.drivers.threads import in_thread
from rostra.watch.outside import checked_url, is_loopback, is_outside

POST_TIMEOUT_S: Final = 10.0
"""From the first question to the resolver to the answer's end."""
ANSWER_BYTES_MAX: Final = 4 * 1_024
"""Of an answer as much is read as can hold a challenge; the rest is left."""
ADDRESSES_TRIED_MAX: Final = 3
"""One of each family, and one more."""
RESOLVERS: Final = 8
"""Threads that wait for resolvers: a dead one holds a thread for some seconds, and no stop."""

Resolve = Callable[[str, int], Awaitable[list[str]]]


class UnreachableError(Exception):
    """Nothing was sent, or nobody knows; the message is a short reason without any address."""


class InsideError(UnreachableError):
    """The name leads into an inner network: nothing was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` is cut at `ANSWER_BYTES_MAX`; `after_s` is Retry-After, or 0."""

    status: int
    body: bytes
    after_s: float = 0.0


class Outward:
    """Posts to the open Internet. `loopback` lets tests post to this machine as well."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        resolve: Resolve | None = None,
        trust: ssl.SSLContext | None = None,
        timeout_s: float = POST_TIMEOUT_S,
    ) -> None:
        self.loopback = loopback
        self._free = asyncio.Semaphore(RESOLVERS)
        self._resolve = resolve or self._resolved
        self._trust = trust or ssl.create_default_context()
        self._timeout_s = timeout_s

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send `body`; UnreachableError if no answer came, InsideError if it must not be sent."""
        try:
            target = httpx.URL(checked_url(url, loopback=self.loopback))
            async with asyncio.timeout(self._timeout_s):
                return await self._post(target, headers, body)
        except TimeoutError as error:
            sentence = f"no answer within {self._timeout_s:.0f} s"
            raise UnreachableError(sentence) from error
        except PeerError as error:
            sentence = "the address is not one that is called"
            raise InsideError(sentence) from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            sentence = f"no answer ({type(error).__name__})"
            raise UnreachableError(sentence) from error

    async def _post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Answer:
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = await self._judged(url.host, port)
        # A client for each post: a kept connection would serve another name of one address.
        async with httpx.AsyncClient(
            verify=self._trust, trust_env=False, follow_redirects=False, timeout=self._timeout_s
        ) as http:
            for address in addresses[:-1]:
                try:
                    return await self._to(http, url, address, headers, body)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue  # nothing was sent yet
            return await self._to(http, url, addresses[-1], headers, body)

    async def _judged(self, host: str, port: int) -> list[str]:
        addresses = await self._resolve(host, port)
        if not addresses:
            sentence = "the name has no address"
            raise UnreachableError(sentence)
        if not all(map(self._allowed, addresses)):
            sentence = "the name leads into an inner network"
            raise InsideError(sentence)
        return addresses[:ADDRESSES_TRIED_MAX]

    def _allowed(self, address: str) -> bool:
        return is_outside(address) or (self.loopback and is_loopback(address))

    async def _to(
        self,
        http: httpx.AsyncClient,
        url: httpx.URL,
        address: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        request = http.build_request(
            "POST",
            url.copy_with(host=address),
            headers={**headers, "Host": url.netloc.decode("ascii"), "Connection": "close"},
            content=body,
            extensions={"sni_hostname": url.host},
        )
        response = await http.send(request, stream=True)
        try:
            return Answer(response.status_code, await _read(response), _after_s(response))
        finally:
            await response.aclose()

    async def _resolved(self, host: str, port: int) -> list[str]:
        await self._free.acquire()
        try:
            found = await in_thread(
                "resolve",
                lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM),
                self._free.release,
            )
        except (OSError, UnicodeError):
            return []
        return list(dict.fromkeys(str(one[4][0]) for one in found))


async def _read(response: httpx.Response) -> bytes:
    """Raw bytes: what is packed is not unpacked, so that a small answer stays small."""
    read = b""
    async for piece in response.aiter_raw(ANSWER_BYTES_MAX):
        read += piece
        if len(read) >= ANSWER_BYTES_MAX:
            break
    return read[:ANSWER_BYTES_MAX]


def _after_s(response: httpx.Response) -> float:
    """Retry-After in seconds (RFC 9110, 10.2.3); a date, which needs a common clock, is 0."""
    said = response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() and len(said) <= 6 else 0.0  # noqa: PLR2004 - eleven days
