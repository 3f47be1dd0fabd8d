"""What a house keeps for itself below its folder: keys, credentials, what it tells of itself."""

import os
import socket
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from rostra.app.addresses import EVERY_FAMILY, Address, require_free
from rostra.app.config import Settings
from rostra.app.edge_rows import EdgeRow, EdgesState, read_edges, read_rows, write_edges
from rostra.app.house_state import HouseState, NoHouseError, began_at, read_state, write_state
from rostra.app.secrets import SIGNERS, bootstrap
from rostra.domain.errors import HouseError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


def belong_together(settings: Settings, signer: str) -> bool:
    own = load_pem_private_key((settings.secrets / f"{signer}.key").read_bytes(), None)
    public = load_pem_public_key((settings.secrets / f"{signer}.pub").read_bytes())
    assert isinstance(own, Ed25519PrivateKey)
    assert isinstance(public, Ed25519PublicKey)
    return own.public_key() == public


def files_of(settings: Settings) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in settings.secrets.iterdir()}


def test_what_exists_is_never_made_anew(settings: Settings) -> None:
    bootstrap(settings)
    before = files_of(settings)
    bootstrap(settings)
    assert files_of(settings) == before
    assert all(belong_together(settings, signer) for signer in SIGNERS)


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_private_key_that_was_restored_alone_gets_its_public_half_back(
    settings: Settings, signer: str
) -> None:
    bootstrap(settings)
    before = files_of(settings)
    (settings.secrets / f"{signer}.pub").unlink()
    bootstrap(settings)
    assert files_of(settings) == before


def test_a_public_key_of_another_machine_stays_what_it_is(settings: Settings) -> None:
    bootstrap(settings)
    before = (settings.secrets / "desk.pub").read_bytes()
    (settings.secrets / "desk.key").unlink()
    bootstrap(settings)
    assert (settings.secrets / "desk.pub").read_bytes() == before
    assert not (settings.secrets / "desk.key").exists()


def test_a_key_that_is_none_is_one_sentence_and_stays(settings: Settings) -> None:
    bootstrap(settings)
    (settings.secrets / "desk.key").write_text("half a file")
    (settings.secrets / "desk.pub").unlink()
    with pytest.raises(HouseError, match=r"desk\.key holds no key"):
        bootstrap(settings)
    assert (settings.secrets / "desk.key").read_text() == "half a file"


def test_only_what_is_secret_is_closed_to_others(settings: Settings) -> None:
    settings.data.mkdir(mode=0o755)
    settings.data.chmod(0o755)
    bootstrap(settings)
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o755, "somebody else's folder stays"
    assert stat.S_IMODE(settings.secrets.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in settings.secrets.iterdir()}
    assert modes == {0o600}


def test_a_new_folder_is_this_users_alone(settings: Settings) -> None:
    bootstrap(settings)
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700


def test_a_house_is_told_apart_from_a_later_process_of_its_number(settings: Settings) -> None:
    bootstrap(settings)
    own = os.getpid()
    write_state(settings, HouseState(own, began_at(own), 8000, "http://localhost:8000"))
    assert read_state(settings).pid == own
    write_state(settings, HouseState(own, began_at(own) - 1, 8000, "http://localhost:8000"))
    with pytest.raises(NoHouseError):
        read_state(settings)
    assert began_at(2**22 + 1) == -1, "there is no such process"


def test_rows_of_edges_are_read_back_or_are_none(settings: Settings) -> None:
    bootstrap(settings)
    assert read_rows(settings) == ()
    rows = (EdgeRow(0, 41, 2), EdgeRow(1, 0, 0, drained=True))
    state = EdgesState(os.getpid(), began_at(os.getpid()), 8_000, rows)
    write_edges(settings, state)
    assert read_rows(settings) == rows
    assert read_edges(settings) == state
    assert state.alive
    assert not EdgeRow(0, os.getpid(), 0, started=-2).alive, "the number is another's by now"
    (settings.data / "run" / "edges.json").write_text("[")
    assert read_rows(settings) == ()


def test_rows_that_cannot_be_written_disturb_nobody(tmp_path: Path) -> None:
    write_edges(Settings(data=tmp_path / "nowhere"), EdgesState(1, 0, 8_000, ()))


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")]
)
def test_the_front_doors_port_is_free_in_both_families_or_not_free(
    family: socket.AddressFamily, host: str
) -> None:
    with socket.socket(family) as taken:
        taken.bind((host, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(HouseError, match=f"Port {port} for the front door is taken"):
            require_free([Address(EVERY_FAMILY, port, "the front door")])
    require_free([Address(EVERY_FAMILY, port, "the front door")])
