"""The edges' certificate: where it is, whether it is whole, and taking a new one while they run."""

import hashlib
import os
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rostra.app.config import Settings
from rostra.delivery.drivers.handshakes import Tls
from rostra.domain.errors import HouseError

PEM_BYTES_MAX: Final = 256 * 1024
"""A chain and a key are some kilobytes; a file that is larger is another one."""

LOOK_S: Final = 1.0
"""How often the files are looked at. What has changed is read one look later, when it has not
changed again: a renewal writes two files, and they belong together."""

_log = structlog.get_logger("edges")


class UnreadError(HouseError):
    """The files were not read, and may be good: there is no file, no handle, or no right."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two PEM files: certificate with its chain, and the key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was read from a pair and fits together."""

    pem: bytes
    """The chain and the key."""
    not_after_s: float
    """Unix time at which it ends."""
    kind: str
    """The key's algorithm."""
    fingerprint: str


def find(settings: Settings) -> Pair | None:
    """The files that are configured, or those of the domain in the front door's storage.

    Caddy keeps `certificates/ISSUER/NAME/NAME.crt` and `.key` (certmagic, `KeyBuilder`); of several
    issuers' the newest counts. None while there is nothing.
    """
    if settings.edge.tls_cert:
        return Pair(Path(settings.edge.tls_cert), Path(settings.edge.tls_key))
    if not settings.domain:
        return None
    name = settings.domain
    kept = (settings.data / "caddy" / "certificates").glob(f"*/{name}/{name}.crt")
    pairs = [Pair(one, one.with_name(f"{name}.key")) for one in kept]
    whole = [one for one in pairs if None not in _seen(one)]
    return max(whole, key=lambda one: one.certificate.stat().st_mtime_ns, default=None)


def read(pair: Pair) -> Certificate:
    """Read and check both files; HouseError says which is wrong, and why.

    It is UnreadError where another try with the same files may do.
    """
    chain = _bytes(pair.certificate)
    key = _bytes(pair.key)
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
        public = leaf.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        sentence = f"{pair.certificate} is no certificate in PEM ({error})."
        raise HouseError(sentence) from error
    try:
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        sentence = f"{pair.key} is no key in PEM without a password ({error})."
        raise HouseError(sentence) from error
    if private.public_key() != public:
        sentence = f"{pair.key} is not the key of {pair.certificate}: name a pair."
        raise HouseError(sentence)
    pem = chain + b"\n" + key
    made = Certificate(
        pem,
        leaf.not_valid_after_utc.timestamp(),
        type(private).__name__,
        hashlib.sha256(pem).hexdigest(),
    )
    _trial(made, pair)
    return made


def _trial(certificate: Certificate, pair: Pair) -> None:
    """What OpenSSL does not take must not get to the context that serves."""
    try:
        load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate)
    except ssl.SSLError as error:
        sentence = f"OpenSSL does not take {pair.certificate} with {pair.key} ({error.reason})."
        raise HouseError(sentence) from error
    except OSError as error:
        sentence = f"{pair.certificate} cannot be tried ({error.strerror}): free file handles."
        raise UnreadError(sentence) from error


def load(context: ssl.SSLContext, certificate: Certificate) -> None:
    """Have new handshakes use it; connections that are open go on, and so do the ticket keys."""
    with _as_file(certificate.pem) as path:
        context.load_cert_chain(path)


@contextmanager
def _as_file(pem: bytes) -> Iterator[str]:
    """`ssl` reads from files alone: what was checked is what is loaded, whatever is on disk now."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("certificate")
        with os.fdopen(number, "wb") as file:
            file.write(pem)
            file.flush()
            yield f"/proc/self/fd/{number}"
        return
    with tempfile.NamedTemporaryFile() as file:  # of mode 0600
        file.write(pem)
        file.flush()
        yield file.name


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(PEM_BYTES_MAX + 1)
    except OSError as error:
        sentence = f"{path} cannot be read ({error.strerror}): edges need it for TLS."
        raise UnreadError(sentence) from error
    if len(data) > PEM_BYTES_MAX:
        sentence = f"{path} has more than {PEM_BYTES_MAX} bytes: that is no certificate or key."
        raise HouseError(sentence)
    return data


class Keeper:
    """Looks whether the files have changed, and says so when they have been read and are good.

    `look` may wait for a disk; `take` touches the context and belongs into the thread that uses
    it. Neither raises. A file that is broken is refused and the certificate from before stays;
    what could not be read or loaded is tried again at each look, and said once.
    """

    def __init__(self, tls: Tls, find: Callable[[], Pair | None]) -> None:
        self._tls = tls
        self._find = find
        self._looked: object = None
        self._read: object = None
        self._refused: object = None

    def first(self) -> None:
        """Take what is there now, at a start."""
        self.look()
        self.take(self.look())

    def look(self) -> Certificate | None:
        """A certificate to take, where there is a new one."""
        try:
            pair = self._find()
            seen = (pair, _seen(pair) if pair else None)
            settled, self._looked = seen == self._looked, seen
            if pair is None or not settled or seen == self._read:
                return None
            return self._new(pair, seen)
        except OSError as error:
            self._refuse(f"The certificate's files cannot be found ({error.strerror}).")
            return None

    def _new(self, pair: Pair, seen: object) -> Certificate | None:
        try:
            found = read(pair)
            self._same_kind(found, pair)
        except UnreadError as error:
            self._refuse(error.sentence)
            return None
        except HouseError as error:
            self._read = seen
            self._refuse(error.sentence)
            return None
        self._read = seen
        return None if found.fingerprint == self._tls.fingerprint else found

    def take(self, certificate: Certificate | None) -> bool:
        """Use it from the next handshake on; False where there is none, or it did not load."""
        if certificate is None:
            return False
        tls = self._tls
        try:
            load(tls.context, certificate)
        except OSError as error:
            self._read = None
            self._refuse(f"The certificate cannot be loaded ({error}): free file handles.")
            return False
        self._refused = None
        tls.ready = True
        tls.kind, tls.not_after_s = certificate.kind, certificate.not_after_s
        tls.fingerprint = certificate.fingerprint
        _log.info("edges have a certificate", sha256=certificate.fingerprint[:16])
        return True

    def _refuse(self, sentence: str) -> None:
        """Count it and say it, once for the files as they are."""
        refused = (sentence, self._looked)
        if refused == self._refused:
            return
        self._refused = refused
        self._tls.files_refused += 1
        _log.error("a certificate is refused, the one from before stays", why=sentence)

    def _same_kind(self, found: Certificate, pair: Pair) -> None:
        """OpenSSL keeps one certificate for each kind of key: the old one would go on beside."""
        if self._tls.kind and found.kind != self._tls.kind:
            sentence = f"{pair.key} is a key of another kind than before: restart the edges."
            raise HouseError(sentence)


def _seen(pair: Pair) -> tuple[object, object]:
    return _of(pair.certificate), _of(pair.key)


def _of(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file does; None where there is none that may be seen."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
