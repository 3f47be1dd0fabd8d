"""The house's own secrets: made once below `--data`, readable by its user only."""

import errno
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from rostra.app.config import Settings
from rostra.app.nats_config import ROLES
from rostra.domain.errors import HouseError
from rostra.wire.listening import KEY_BYTES_MIN

WORD_BYTES: Final = 32
"""256 bits of chance: nobody guesses a password or the operator's token."""
SIGNERS: Final = ("desk", "studio")
"""Who signs tickets: the desk links, the studio resume tickets."""

LISTENING_KEY: Final = "listening.key"
"""Desk and edges share it: the desk signs listening tickets, an edge checks them."""

WATCH_TOKEN: Final = "watch.token"  # noqa: S105 - the name of a file
"""Who shows it to the watch is its operator."""

_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a role shows to the backbone."""

    user: str
    password: str


def bootstrap(settings: Settings) -> None:
    """Create what is missing below the data folder; nothing that exists is changed.

    `secrets/nats-ROLE.json`, `secrets/{operator,watch}.token`, `secrets/listening.key` (HMAC),
    `secrets/{desk,studio}.{key,pub}` (Ed25519, PEM), and the folders `run`, `nats`, `caddy`.
    Only this user may look into `secrets`, whoever made it. HouseError names folder and remedy.
    """
    bootstrap_watch(settings)
    try:
        _folders(settings.data / "nats", settings.data / "caddy")
        for role in ROLES:
            _once(settings.secrets / f"nats-{role}.json", partial(_credentials, role))
        _once(settings.secrets / "operator.token", lambda: _word() + "\n")
        _once(settings.secrets / LISTENING_KEY, lambda: _word() + "\n")
        for signer in SIGNERS:
            _key_pair(settings.secrets, signer)
    except OSError as error:
        raise HouseError(storage_sentence(settings.data, error)) from error


def bootstrap_watch(settings: Settings) -> None:
    """The same for a watch alone: `secrets/watch.token`, and the folders `run` and `log`."""
    try:
        _folders(settings.data, settings.secrets, settings.data / "run", settings.data / "log")
        settings.secrets.chmod(_PRIVATE_FOLDER)
        _once(settings.secrets / WATCH_TOKEN, lambda: _word() + "\n")
    except OSError as error:
        raise HouseError(storage_sentence(settings.data, error)) from error


def _folders(*wanted: Path) -> None:
    for folder in wanted:
        if not folder.is_dir():
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True)


def credentials(settings: Settings, role: str) -> Credentials:
    """The backbone's user and password of a role; HouseError if they are not there."""
    path = settings.secrets / f"nats-{role}.json"
    try:
        body = json.loads(path.read_text())
        return Credentials(body["user"], body["password"])
    except (OSError, ValueError, KeyError) as error:
        sentence = f"{path} cannot be read ({error}). Copy it from where the house was started."
        raise HouseError(sentence) from error


def operator_token(settings: Settings) -> str:
    """The token that the command line shows to the desk."""
    return read_token(settings.secrets / "operator.token")


def watch_token(settings: Settings) -> str:
    """The token that operators show to the watch."""
    return read_token(settings.secrets / WATCH_TOKEN)


def fresh_token(settings: Settings, name: str) -> str:
    """The word in file `name` below `secrets`, made if it is not there yet."""
    path = settings.secrets / name
    try:
        _once(path, lambda: _word() + "\n")
    except OSError as error:
        raise HouseError(storage_sentence(settings.data, error)) from error
    return read_token(path)


def read_token(path: Path) -> str:
    """The word in a file; HouseError if it cannot be read."""
    try:
        return path.read_text().strip()
    except OSError as error:
        sentence = f"{path} cannot be read ({error.strerror}). Use --data of the running house."
        raise HouseError(sentence) from error


def listening_key(settings: Settings) -> bytes:
    """The key of listening tickets; HouseError if it is not there or too short to be one."""
    path = settings.secrets / LISTENING_KEY
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        sentence = f"{path} cannot be read ({error.strerror}). Copy it from where the house began."
        raise HouseError(sentence) from error
    if len(key) < KEY_BYTES_MIN:
        sentence = f"{path} holds no key of {KEY_BYTES_MIN} bytes. Copy it again, or remove it on"
        sentence += " every machine of the house: then a new one is made."
        raise HouseError(sentence)
    return key


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by this user only."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def storage_sentence(folder: Path, error: OSError) -> str:
    """One sentence on why a folder cannot be written, and what to do."""
    remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror}. Choose another with --data.")
    return f"The data folder {folder} cannot be used: {remedy}"


_REMEDIES: Final = {
    errno.ENOSPC: "its disk is full. Free some space, or choose another disk with --data.",
    errno.EDQUOT: "its quota is used up. Free some space, or choose another disk with --data.",
    errno.EACCES: "this user may not write there. 'chown' it, or choose another with --data.",
    errno.EPERM: "this user may not change it. 'chown' it, or choose another with --data.",
    errno.EROFS: "its disk is read-only. Choose another with --data.",
    errno.ENOTDIR: "a file is in its way. Move that file, or choose another with --data.",
    errno.EEXIST: "a file is in its way. Move that file, or choose another with --data.",
}


def _once(path: Path, make: Callable[[], str]) -> None:
    if not path.exists():
        write_private(path, make())


def _credentials(role: str) -> str:
    return json.dumps({"user": role, "password": _word()}) + "\n"


def _word() -> str:
    return secrets.token_urlsafe(WORD_BYTES)


def _key_pair(folder: Path, signer: str) -> None:
    """A private key and the public one that belongs to it.

    A public half alone stays as it is: it is another machine's, whose word this one believes.
    """
    private, public = folder / f"{signer}.key", folder / f"{signer}.pub"
    if public.exists():
        return
    if not private.exists():
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(private, pem.decode())
    write_private(public, _open_half(private))


def _open_half(private: Path) -> str:
    try:
        key = load_pem_private_key(private.read_bytes(), None)
    except ValueError as error:
        sentence = f"{private} holds no key ({error}). Restore it; links signed by it stay dead."
        raise HouseError(sentence) from error
    open_half = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return open_half.decode()
