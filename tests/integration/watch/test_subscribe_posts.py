"""Browsers and programs over real HTTP: decrypted, verified, and never an inner address."""

import asyncio
import base64
import hmac
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.fakes.authority import Authority
from tests.integration.watch.subscribe_kit import (
    Hands,
    HttpHost,
    board,
    event,
    gathered,
    running,
    subscribe,
)
from tests.until import until

from rostra.app.watch_outbox import Post
from rostra.app.watch_posts import HookPost, PushPost
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.watch.asking import Ask
from rostra.watch.drivers.outward import (
    ADDRESSES_TRIED_MAX,
    ANSWER_BYTES_MAX,
    InsideError,
    Outward,
    UnreachableError,
)
from rostra.watch.drivers.webhook import Hooks
from rostra.watch.drivers.webpush import Pushes, vapid_at
from rostra.watch.events import What
from rostra.watch.subscribers import Browser, Channel, Hook, Life, Wish

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchStore]:
    one = open_watch_store(tmp_path)
    yield one
    one.close()


@pytest.fixture
def outward() -> Outward:
    return Outward(loopback=True)


@asynccontextmanager
async def host() -> AsyncIterator[HttpHost]:
    one = HttpHost()
    async with one.open():
        yield one


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class OwnBrowser:
    """A browser's half: its keys, and what it reads of what it is sent."""

    def __init__(self, endpoint: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.address = Browser(endpoint, base64url(point), base64url(self._auth))

    def read(self, body: bytes) -> dict[str, str]:
        plain = http_ece.decrypt(
            body, private_key=self._key, auth_secret=self._auth, version="aes128gcm"
        )
        read: dict[str, str] = json.loads(plain)
        return read


def vapid_claims(authorization: str, public: str) -> dict[str, str]:
    """The claims of a VAPID header, once its ES256 signature is proven by the open key."""
    fields = dict(one.split("=", 1) for one in authorization.removeprefix("vapid ").split(","))
    assert fields["k"].strip() == public
    signed, _, signature = fields["t"].rpartition(".")
    raw = unpadded(signature)
    dss = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpadded(public))
    point.verify(dss, signed.encode(), ec.ECDSA(SHA256()))
    claims: dict[str, str] = json.loads(unpadded(signed.split(".")[1]))
    return claims


async def test_a_browser_alone_can_read_what_it_is_sent(
    store: WatchStore, outward: Outward, tmp_path: Path
) -> None:
    clock = Hands()
    vapid = vapid_at(tmp_path / "secrets", "mailto:watch@example.org")
    assert vapid_at(tmp_path / "secrets", "mailto:x@example.org").public == vapid.public
    pushes = Pushes(outward, vapid, lambda: clock.utc_us // 1_000_000)
    posts: dict[Channel, Post] = {Channel.WEBPUSH: PushPost(pushes)}
    async with host() as server, running(store, posts, clock) as outbox:
        browser = OwnBrowser(f"{server.url}/push/1")
        token = subscribe(store, "b", browser.address, Wish(language="es"))
        server.answers["/push/1"] = (201, {}, b"")
        outbox.tell(event(1))
        outbox.tell(event(2, What.UPDATED, body="Two lines."))
        await gathered(store, outbox, clock)
        await until(lambda: server.came)
        sent = server.came[0]
        shown = browser.read(sent.body)
        assert shown == {
            "title": "Novedad: No sound in Madrid",
            "body": "Two lines.",
            "tag": "inc1",
            "url": "https://status.example.org/status/incidents/inc1",
            "lang": "es",
        }
        assert b"Madrid" not in sent.body
        assert sent.headers["content-encoding"] == "aes128gcm"
        assert sent.headers["urgency"] == "high"
        assert int(sent.headers["ttl"]) > 0
        assert len(sent.headers["topic"]) == 32
        claims = vapid_claims(sent.headers["authorization"], vapid.public)
        assert claims["aud"] == server.url
        assert claims["sub"] == "mailto:watch@example.org"

        server.answers["/push/1"] = (410, {}, b"")
        outbox.tell(event(3, What.RESOLVED))
        await gathered(store, outbox, clock)
        await until(lambda: life(store, token) is Life.ENDED)
    assert len(server.came) == 2


def life(store: WatchStore, token: str) -> Life:
    found = store.subscribers.find(token)
    assert found is not None
    return found.life


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As docs/reference/watch_subscriptions.md shows it to those who receive."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(expected, one) for one in given)


async def test_a_program_confirms_by_its_answer_and_verifies_what_comes(
    store: WatchStore, outward: Outward
) -> None:
    clock = Hands()
    hooks = Hooks(outward, lambda: clock.utc_us // 1_000_000)
    posts: dict[Channel, Post] = {Channel.WEBHOOK: HookPost(hooks)}
    async with host() as server, running(store, posts, clock) as outbox:
        server.answers["/hook"] = (200, {}, b"echo")
        ask = Ask(Hook(f"{server.url}/hook", SECRET), Wish(components=("sound",)))
        assert store.subscribers.ask("h", "t" * 43, ask, clock.utc_us) is Life.ASKED
        outbox.wake()
        await until(lambda: life(store, "t" * 43) is Life.CONFIRMED)
        first = server.came[0]
        assert verified(SECRET, first.headers, first.body)
        assert json.loads(first.body)["confirm"]["challenge"] == "t" * 43

        outbox.tell(event(1, components=("stage",)))
        outbox.tell(event(1, subject="inc2"))
        await gathered(store, outbox, clock)
        await until(lambda: len(server.came) == 2)
        sent = server.came[1]
        assert verified(SECRET, sent.headers, sent.body)
        assert not verified(SECRET, sent.headers, sent.body + b" ")
        other = {**sent.headers, "webhook-timestamp": "1"}
        assert not verified(SECRET, other, sent.body)
        told = json.loads(sent.body)
        assert told["page"]["status_indicator"] == "none"
        assert told["incident"]["id"] == "inc2"
        assert told["incident"]["incident_updates"][0]["body"] == "No sound since 20:04 UTC."
        assert [one["id"] for one in told["incident"]["components"]] == ["sound"]


async def test_a_program_that_fails_hears_later_and_its_name_stays_the_same(
    store: WatchStore, outward: Outward
) -> None:
    clock = Hands()
    posts: dict[Channel, Post] = {Channel.WEBHOOK: HookPost(Hooks(outward, lambda: 1))}
    async with host() as server, running(store, posts, clock) as outbox:
        subscribe(store, "h", Hook(f"{server.url}/hook", SECRET))
        server.answers["/hook"] = (503, {"Retry-After": "60"}, b"")
        outbox.tell(event(1))
        await gathered(store, outbox, clock)
        await until(
            lambda: store.outbox.next_due_utc_us(Channel.WEBHOOK) == clock.utc_us + 60_000_000
        )
        server.answers["/hook"] = (302, {"Location": f"{server.url}/elsewhere"}, b"")
        clock.pass_s(60)
        outbox.wake()
        await until(lambda: len(server.came) == 2)
        await until(lambda: (store.outbox.next_due_utc_us(Channel.WEBHOOK) or 0) > clock.utc_us)
        server.answers["/hook"] = (204, {}, b"")
        clock.pass_s(60)
        outbox.wake()
        await until(lambda: store.outbox.next_due_utc_us(Channel.WEBHOOK) is None)
    assert len({one.headers["webhook-id"] for one in server.came}) == 1
    assert {one.path for one in server.came} == {"/hook"}, "no redirect is followed"


async def test_a_dead_channel_delays_no_other(store: WatchStore, outward: Outward) -> None:
    clock, stuck = Hands(), asyncio.Event()

    class Stuck:
        at_once = 1

        async def send(self, *_: object) -> None:
            stuck.set()
            await asyncio.Event().wait()

    hooks = HookPost(Hooks(outward, lambda: 1))
    posts: dict[Channel, Post] = {Channel.WEBPUSH: Stuck(), Channel.WEBHOOK: hooks}  # type: ignore[dict-item]  # it never answers
    async with host() as server:
        browser = OwnBrowser(f"{server.url}/push")
        subscribe(store, "b", browser.address)
        for number in range(3):
            subscribe(store, f"h{number}", Hook(f"{server.url}/hook/{number}", SECRET))
        async with running(store, posts, clock) as outbox:
            outbox.tell(event(1))
            await gathered(store, outbox, clock)
            await stuck.wait()
            await until(lambda: store.outbox.unsettled()[Channel.WEBHOOK] == 0)
        assert store.outbox.release(clock.utc_us) == 1, "one is in doubt, and is sent again"
        async with running(store, {Channel.WEBHOOK: hooks}, clock):
            await asyncio.sleep(0)
        assert len(server.came) == 3, "nothing that was settled is sent again"


@pytest.mark.parametrize(
    "inside",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.0.1"],
)
async def test_a_name_that_leads_inside_is_not_called(inside: str) -> None:
    asked = []

    async def resolve(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["93.184.216.34", inside]

    outward = Outward(resolve=resolve)
    with pytest.raises(InsideError, match="inner network"):
        await outward.post("https://hook.example.org/", {}, b"{}")
    assert asked == ["hook.example.org"]
    with pytest.raises(InsideError, match="not one that is called"):
        await outward.post(f"http://{inside}/", {}, b"{}")


async def test_tls_proves_the_name_though_the_connection_goes_to_the_address(
    tmp_path: Path,
) -> None:
    authority = Authority()
    here = ["127.0.0.1"]

    async def resolve(_name: str, _port: int) -> list[str]:
        return here

    outward = Outward(loopback=True, resolve=resolve, trust=authority.client())
    server = HttpHost(authority.write(tmp_path, "hook.example.org"))
    async with server.open():
        port = server.url.rpartition(":")[2]
        server.answers["/"] = (200, {}, b"x" * (ANSWER_BYTES_MAX + 1))
        answer = await outward.post(f"https://hook.example.org:{port}/", {}, b"{}")
        assert len(answer.body) == ANSWER_BYTES_MAX
        assert server.came[0].headers["host"] == f"hook.example.org:{port}"
        with pytest.raises(UnreachableError, match="ConnectError"):
            await outward.post(f"https://other.example.org:{port}/", {}, b"{}")
        # An address that nobody listens on comes first: the next one is tried.
        here = ["::1", "127.0.0.1"]
        assert (await outward.post(f"https://hook.example.org:{port}/", {}, b"")).status == 200
        here = ["::1"] * ADDRESSES_TRIED_MAX + ["127.0.0.1"]
        with pytest.raises(UnreachableError):
            await outward.post(f"https://hook.example.org:{port}/", {}, b"")


async def test_an_answer_that_does_not_end_is_left() -> None:
    outward = Outward(loopback=True, timeout_s=0.2)
    async with host() as server:
        server.answers["/"] = (200, {"Content-Length": "100"}, b"")
        with pytest.raises(UnreachableError, match="no answer within"):
            await outward.post(f"{server.url}/", {}, b"{}")
    assert board().components
