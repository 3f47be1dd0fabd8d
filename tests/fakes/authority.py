"""A certificate authority for tests: root, intermediate, and certificates of `localhost`."""

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NAME: Final = "localhost"
DAYS: Final = 30
_PEM: Final = serialization.Encoding.PEM


@dataclass(frozen=True)
class _Signer:
    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class Authority:
    """Signs with P-256; the chain in a file is the leaf and the intermediate, as ACME gives it."""

    def __init__(self) -> None:
        self._root = _signer("test root", None)
        self._middle = _signer("test intermediate", self._root)

    def write(
        self, folder: Path, name: str = NAME, *, days: int = DAYS, strong_rsa: bool = False
    ) -> tuple[Path, Path]:
        """A new certificate and its key as PEM files `name.crt` and `name.key`."""
        folder.mkdir(parents=True, exist_ok=True)
        key = rsa.generate_private_key(65_537, 2_048) if strong_rsa else _key()
        leaf = _certificate(name, key.public_key(), self._middle, days=days)
        certificate, private = folder / f"{name}.crt", folder / f"{name}.key"
        chain = (leaf, self._middle.certificate)
        certificate.write_bytes(b"".join(one.public_bytes(_PEM) for one in chain))
        private.write_bytes(
            key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return certificate, private

    def client(self) -> ssl.SSLContext:
        """What a browser that trusts this authority has."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.load_verify_locations(cadata=self._root.certificate.public_bytes(_PEM).decode())
        made.set_alpn_protocols(["h2", "http/1.1"])
        return made


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _signer(name: str, by: _Signer | None) -> _Signer:
    key = _key()
    return _Signer(name, key, _certificate(name, key.public_key(), by, own_key=key))


def _certificate(
    name: str,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    by: _Signer | None,
    own_key: ec.EllipticCurvePrivateKey | None = None,
    days: int = DAYS,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    signs = own_key is not None
    signing = by.key if by else own_key
    assert signing is not None
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(by.name if by else name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=signs, path_length=None), critical=True)
    )
    if not signs:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signing, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
