"""Pages, ports and certificates probed over real sockets, against servers with every fault."""

import asyncio
import socket
import ssl
import threading
from pathlib import Path

import pytest
from tests.fakes.authority import Authority
from tests.fakes.faulty_server import FaultyServer, answer, endless, endless_head, never

from rostra.watch.components import Component, Target
from rostra.watch.drivers import probe_http
from rostra.watch.drivers.probe_http import HEAD_BYTES_MAX, PAGE_BYTES_MAX, REDIRECTS_MAX
from rostra.watch.drivers.probe_kinds import EXPIRY_DAYS, probe_of, run
from rostra.watch.drivers.probe_net import (
    ADDRESSES_MAX,
    LOOKUPS_MAX,
    Address,
    Lookups,
    Means,
    host_and_port,
)
from rostra.watch.drivers.probe_steps import FailedError, OwnTroubleError, Trail
from rostra.watch.probing import Step

AUTHORITY = Authority()
QUICK_S = 0.3


def server_tls(folder: Path, name: str = "localhost", days: int = 30) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*AUTHORITY.write(folder, name, days=days))
    return made


def trusting() -> Means:
    return Means(trust=AUTHORITY.client())


async def probed(
    target: Target, address: str, means: Means | None = None, timeout_s: float = 5.0
) -> Trail:
    trail = Trail()
    component = Component("c", "C", target, address)
    await run(probe_of(component, means or Means()), trail, timeout_s)
    return trail


def failed(trail: Trail) -> Step:
    """The one step that failed, which is the last."""
    assert [step.ok for step in trail.steps] == [True] * (len(trail.steps) - 1) + [False]
    return trail.steps[-1]


async def test_a_page_that_is_well_has_a_time_for_each_step(tmp_path: Path) -> None:
    async with FaultyServer(server_tls(tmp_path)) as web:
        web.paths["/s?x=1"] = answer()
        trail = await probed(Target.HTTP, f"{web.url}/s?x=1", trusting())
    assert [step.name for step in trail.steps] == ["resolve", "connect", "tls", "page"]
    assert all(step.ok and step.ms > 0 and not step.why for step in trail.steps)
    assert b"User-Agent: rostra-watch\r\n" in web.heads[0]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(b"", "503 Service Unavailable"), "status 503"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "closed before"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshor", "closed before"),
        (b"", "closed before"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\nContent-Length: 0\r\n\r\n", "no address"),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "more than 5 times"),
        (answer(b"x" * (PAGE_BYTES_MAX + 1)), f"exceeds {PAGE_BYTES_MAX}"),
    ],
)
async def test_a_bad_answer_has_its_sentence(said: bytes, why: str) -> None:
    async with FaultyServer() as web:
        web.paths["/"] = said
        step = failed(await probed(Target.HTTP, web.url))
    assert step.name == "page"
    assert why in step.why


async def test_informational_answers_are_passed_and_a_close_ends_a_body() -> None:
    async with FaultyServer() as web:
        web.paths["/"] = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nwell"
        trail = await probed(Target.HTTP, web.url)
    assert all(step.ok for step in trail.steps)


async def test_an_answer_without_end_is_cut_off() -> None:
    async with FaultyServer() as web:
        web.paths = {"/": endless, "/head": endless_head}
        assert "exceeds" in failed(await probed(Target.HTTP, web.url)).why
        head = failed(await probed(Target.HTTP, f"{web.url}/head"))
        assert head.why == f"The answer's head exceeds {HEAD_BYTES_MAX} bytes."


async def test_who_says_nothing_is_waited_for_no_longer_than_allowed() -> None:
    async with FaultyServer() as web:
        web.paths["/"] = never
        trail = await probed(Target.HTTP, web.url, timeout_s=QUICK_S)
    assert failed(trail) == Step("page", trail.steps[-1].ms, False, "There was no answer in time.")
    assert trail.timed_out


async def test_redirects_are_followed_so_far_and_no_farther() -> None:
    async with FaultyServer() as web:
        for number in range(REDIRECTS_MAX + 1):
            web.paths[f"/{number}"] = answer(b"", "302 Found", f"Location: /{number + 1}\r\n")
        web.paths[f"/{REDIRECTS_MAX}"] = answer()
        trail = await probed(Target.HTTP, f"{web.url}/0")
        assert all(step.ok for step in trail.steps)
        web.paths[f"/{REDIRECTS_MAX}"] = answer(b"", "307 Again", "Location: /0\r\n")
        asked = len(web.asked)
        assert "redirects more than" in failed(await probed(Target.HTTP, f"{web.url}/0")).why
        assert len(web.asked) - asked == REDIRECTS_MAX + 1


async def test_a_public_page_cannot_lead_a_place_to_its_own_network() -> None:
    first = probe_http.Answer("http://a", 302, {}, b"", ("93.184.216.34", 80))
    with pytest.raises(FailedError, match="inside this place's network"):
        probe_http._must_not_lead_inside(first, ("169.254.169.254", 80))
    probe_http._must_not_lead_inside(first, ("1.1.1.1", 80))
    probe_http._must_not_lead_inside(None, ("127.0.0.1", 80))


@pytest.mark.parametrize(
    ("name", "days", "why"),
    [
        ("localhost", -1, "The certificate has expired."),
        ("elsewhere", 30, "The certificate is for another name."),
    ],
)
async def test_a_bad_certificate_fails_at_tls(
    tmp_path: Path, name: str, days: int, why: str
) -> None:
    async with FaultyServer(server_tls(tmp_path, name, days)) as web:
        step = failed(await probed(Target.HTTP, web.url, trusting()))
    assert (step.name, step.why) == ("tls", why)


async def test_an_unknown_authority_and_no_tls_at_all_fail_at_tls(tmp_path: Path) -> None:
    async with FaultyServer(server_tls(tmp_path)) as web:
        step = failed(await probed(Target.HTTP, web.url))
        assert step.name == "tls"
        assert "not valid" in step.why
    async with FaultyServer() as plain:
        url = f"https://localhost:{plain.port}"
        step = failed(await probed(Target.HTTP, url, trusting(), QUICK_S))
    assert step.name == "tls"


async def test_a_certificate_that_is_soon_over_is_told_in_time(tmp_path: Path) -> None:
    async with FaultyServer(server_tls(tmp_path / "long", days=int(EXPIRY_DAYS) + 2)) as web:
        trail = await probed(Target.TLS, f"localhost:{web.port}", trusting())
        assert [step.name for step in trail.steps] == ["resolve", "connect", "tls", "expiry"]
        assert all(step.ok for step in trail.steps)
    async with FaultyServer(server_tls(tmp_path / "short", days=int(EXPIRY_DAYS) - 2)) as web:
        step = failed(await probed(Target.TLS, f"localhost:{web.port}", trusting()))
    assert (step.name, step.why) == ("expiry", "The certificate is over in 5.0 days.")


async def test_a_port_that_is_open_and_one_that_is_not() -> None:
    async with FaultyServer() as web:
        address = f"127.0.0.1:{web.port}"
        trail = await probed(Target.TCP, address)
        assert [(step.name, step.ok) for step in trail.steps] == [
            ("resolve", True),
            ("connect", True),
        ]
    step = failed(await probed(Target.TCP, address))
    assert (step.name, step.why) == ("connect", "The connection was refused.")


@pytest.mark.parametrize(
    ("target", "address"),
    [
        (Target.HTTP, "ftp://host/"),
        (Target.HTTP, "http://[::1"),
        (Target.HTTP, "http://host/a b"),
        (Target.TCP, "host"),
        (Target.TCP, "host:99999"),
        (Target.TLS, ""),
    ],
)
async def test_an_address_that_is_none_is_said_to_be(target: Target, address: str) -> None:
    assert "is no address" in failed(await probed(target, address)).why


async def test_a_name_that_is_not_there_and_a_resolver_that_is_not_there() -> None:
    def nothing(_host: str, _port: int) -> list[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "")

    def silence(_host: str, _port: int) -> list[Address]:
        raise socket.gaierror(socket.EAI_AGAIN, "")

    trail = await probed(Target.TCP, "nowhere:1", Means(Lookups(nothing)))
    assert failed(trail).why == "There is no such name."
    assert not trail.resolver_silent
    trail = await probed(Target.TCP, "nowhere:1", Means(Lookups(silence)))
    assert failed(trail).why == "The resolver does not answer."
    assert trail.resolver_silent


async def test_lookups_that_hang_are_bounded_and_are_the_places_own_trouble() -> None:
    held = threading.Event()

    def hangs(_host: str, _port: int) -> list[Address]:
        held.wait(10)
        return []

    means = Means(Lookups(hangs))
    component = Component("c", "C", Target.TCP, "slow:1")
    probe = probe_of(component, means)
    trails = [Trail() for _ in range(LOOKUPS_MAX)]
    assert not any(await asyncio.gather(*(run(probe, one, QUICK_S) for one in trails)))
    with pytest.raises(OwnTroubleError):
        await run(probe, Trail(), QUICK_S)
    held.set()


async def test_only_so_many_addresses_of_a_name_are_tried() -> None:
    async with FaultyServer() as web:
        closed = [(f"127.0.0.{last}", 9) for last in range(2, 2 + ADDRESSES_MAX)]
        last_one = [*closed[:-1], ("127.0.0.1", web.port)]
        found = await probed(Target.TCP, "many:1", Means(Lookups(lambda *_: last_one)))
        assert all(step.ok for step in found.steps)
        too_far = [*closed, ("127.0.0.1", web.port)]
        missed = await probed(Target.TCP, "many:1", Means(Lookups(lambda *_: too_far)))
    assert failed(missed).name == "connect"


def test_hosts_and_ports_are_read_as_they_are_written() -> None:
    assert host_and_port("example.org:993").port == 993
    assert host_and_port("https://example.org", 443).host == "example.org"
    assert host_and_port("[::1]:80").host == "::1"
    assert host_and_port("bücher.example:80").host == "xn--bcher-kva.example"
