"""The edges' certificate: a new one without a listener lost, a broken one refused."""

import os
import resource
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from tests.fakes.authority import NAME, Authority
from tests.house import free_block
from tests.integration.edge.edge_house import until
from tests.integration.edge.tls_house import TlsClient, tls_house

from rostra.app import edge_child, edge_tls
from rostra.app.binaries import find_binary
from rostra.app.config import Settings
from rostra.app.edge_certificate import PEM_BYTES_MAX, Keeper, Pair, find, read
from rostra.app.edge_child import info_of
from rostra.app.frontdoor import caddyfile
from rostra.delivery.drivers.handshakes import Tls
from rostra.delivery.drivers.tls import context

HANDLES = 256
"""File handles of a process that has none left: more than the tests have open."""


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def serial(client: TlsClient) -> int:
    """Which certificate the edge showed."""
    shown = client.secure.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number


def keeper(folder: Path, tls: Tls) -> Keeper:
    return Keeper(tls, lambda: Pair(folder / f"{NAME}.crt", folder / f"{NAME}.key"))


def renewed(kept: Keeper) -> bool:
    """Look as often as it takes for what has changed to be read; whether it is taken."""
    kept.look()
    found = kept.look()
    kept.take(found)
    return found is not None


def test_a_renewed_certificate_is_shown_and_nobody_is_dropped(
    tmp_path: Path, authority: Authority
) -> None:
    tls = Tls(context())
    kept = keeper(tmp_path, tls)
    kept.first()
    assert not tls.ready
    authority.write(tmp_path)
    kept.first()
    assert tls.ready
    with tls_house(tls, authority) as subject:
        subject.house.say()
        subject.house.send(20)
        early = subject.get("/live/hall/push.mp4")
        early.read_until(lambda c: len(c.body()) > 1_000, "sound")
        session = early.secure.session
        authority.write(tmp_path)
        assert renewed(kept)
        late = subject.get("/live/hall/state.json").answer()
        assert serial(late) != serial(early)
        before = len(early.data)
        subject.house.send(6)
        early.read_until(lambda c: len(c.data) > before + 1_000, "more sound")
        again = subject.get("/live/hall/state.json", session=session).answer()
        assert again.secure.session_reused, "the keys of tickets stay"
        assert not renewed(kept), "nothing has changed since"


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        ("half a certificate", "no certificate"),
        ("another key", "is not the key"),
        ("no key", "cannot be read"),
        ("a password", "no key in PEM"),
        ("too large", "more than"),
        ("another kind", "restart"),
    ],
)
def test_a_broken_pair_is_refused_and_the_old_one_stays(
    tmp_path: Path,
    authority: Authority,
    spoil: str,
    word: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tls = Tls(context())
    kept = keeper(tmp_path, tls)
    certificate, key = authority.write(tmp_path)
    kept.first()
    was = tls.fingerprint
    spoiling(spoil, authority, certificate, key)
    assert not renewed(kept)
    assert tls.files_refused == 1
    assert word in capsys.readouterr().out
    assert tls.fingerprint == was
    with tls_house(tls, authority) as subject:
        assert subject.get("/live/edges.json").answer().status == 200
    authority.write(tmp_path)
    assert renewed(kept), "the next good one is taken"


def spoiling(how: str, authority: Authority, certificate: Path, key: Path) -> None:
    """Do to the files what goes wrong with them."""
    if how == "half a certificate":
        certificate.write_bytes(certificate.read_bytes()[:300])
    elif how == "another key":
        key.write_bytes(authority.write(key.parent / "other")[1].read_bytes())
    elif how == "no key":
        key.unlink()
    elif how == "a password":
        word = "ENCRYPTED PRIVATE KEY"
        key.write_text(f"-----BEGIN {word}-----\nMIIB\n-----END {word}-----\n")
    elif how == "too large":
        certificate.write_bytes(b"x" * (PEM_BYTES_MAX + 1))
    else:
        authority.write(key.parent, strong_rsa=True)


@contextmanager
def handles_left(count: int) -> Iterator[None]:
    """Leave this process so many file handles for the length of a block."""
    with ExitStack() as kept:
        _, hard = was = resource.getrlimit(resource.RLIMIT_NOFILE)
        kept.callback(resource.setrlimit, resource.RLIMIT_NOFILE, was)
        resource.setrlimit(resource.RLIMIT_NOFILE, (HANDLES, hard))
        taken = []
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        for number in taken[count:]:
            kept.callback(os.close, number)
        for number in taken[:count]:
            os.close(number)
        yield


@pytest.mark.parametrize("left", [0, 1])
def test_what_is_not_read_for_want_of_handles_is_read_when_there_are_some(
    tmp_path: Path, authority: Authority, left: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tls = Tls(context())
    kept = keeper(tmp_path, tls)
    authority.write(tmp_path)
    kept.look()
    with handles_left(left):
        assert [kept.look() for _ in range(3)] == [None] * 3
    assert tls.files_refused == 1, "said once"
    assert capsys.readouterr().out.count("Too many open files") == 1
    assert kept.take(kept.look())
    assert tls.ready


def test_what_is_not_loaded_for_want_of_handles_is_loaded_later(
    tmp_path: Path, authority: Authority
) -> None:
    tls = Tls(context())
    kept = keeper(tmp_path, tls)
    authority.write(tmp_path)
    kept.look()
    found = kept.look()
    with handles_left(0):
        assert not kept.take(found)
    assert (tls.ready, tls.files_refused) == (False, 1)
    assert kept.take(kept.look())


def test_a_folder_that_cannot_be_listed_ends_nobody(tmp_path: Path, authority: Authority) -> None:
    tls = Tls(context())
    kept = edge_tls.keeper_of(Settings(data=tmp_path, domain=NAME), tls)
    authority.write(tmp_path / "caddy" / "certificates" / "local" / NAME)
    with handles_left(0):
        kept.first()
    assert (tls.ready, tls.files_refused) == (False, 1)
    kept.first()
    assert tls.ready


def test_half_written_files_are_left_alone_until_they_rest(
    tmp_path: Path, authority: Authority
) -> None:
    tls = Tls(context())
    kept = keeper(tmp_path, tls)
    _, key = authority.write(tmp_path)
    whole = key.read_bytes()
    key.write_bytes(b"-----BEGIN")
    assert kept.look() is None, "changed just now"
    key.write_bytes(whole)
    assert kept.look() is None, "and changed again"
    assert kept.look() is not None
    assert tls.files_refused == 0


def test_without_a_certificate_tls_is_closed_and_this_machine_is_served(
    authority: Authority,
) -> None:
    with tls_house(Tls(context()), authority) as subject:
        assert subject.house.get("/live/edges.json").answer().status == 200
        with (
            pytest.raises((ssl.SSLError, ConnectionError)),
            socket.create_connection(subject.house.address, 10) as sock,
        ):
            subject.trust.wrap_socket(sock, server_hostname=NAME)


def test_an_edge_names_its_own_port_when_the_front_door_has_a_certificate(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_tls, "LOOK_S", 0.02)
    settings = Settings(data=tmp_path, domain=NAME)
    with tls_house(Tls(context()), authority) as subject:
        subject.house.edge.service.directory.me = info_of(settings, 0)
        watch = edge_child._watch(settings, 0, subject.house.edge, subject.house.bridge)
        assert b'":8001"' not in subject.house.get("/live/edges.json").answer().raw_body()
        authority.write(tmp_path / "caddy" / "certificates" / "local" / NAME)
        until(lambda: subject.tls.ready, "a certificate")
        answer = subject.get("/live/edges.json").answer()
        assert b'"bases":[":8001","/e/edge-0"]' in answer.raw_body()
        watch.close()


def test_the_front_door_keeps_certificates_where_edges_look(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, domain="talk.localhost", port=free_block())
    text = caddyfile(settings).replace(
        "{\n\tadmin off", "{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust", 1
    )
    ports = f"\n\thttp_port {settings.port}\n\thttps_port {settings.port + 1}"
    path = tmp_path / "Caddyfile"
    path.write_text(text.replace("\n\tlocal_certs", ports + "\n\tlocal_certs", 1))
    command = [find_binary("caddy"), "run", "--adapter", "caddyfile", "--config", str(path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env={"HOME": str(tmp_path)}) as caddy:
        try:
            until(lambda: find(settings) is not None, "a certificate of Caddy's own authority")
        finally:
            caddy.terminate()
    found = find(settings)
    assert found is not None
    assert read(found).kind
