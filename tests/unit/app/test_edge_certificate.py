"""Where the edges' certificate is found, and what the doctor says about it."""

import os
import time
from pathlib import Path

import pytest
from tests.fakes.authority import Authority

from rostra.app.config import Edge, Settings
from rostra.app.doctor import CERTIFICATE_DAYS_WANTED, certificate
from rostra.app.edge_certificate import Pair, find

NAME = "talk.example.org"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, domain=NAME)


def storage(settings: Settings, issuer: str) -> Path:
    return settings.data / "caddy" / "certificates" / issuer / NAME


def test_the_newest_of_the_front_door_is_taken_and_half_a_pair_is_none(
    settings: Settings, authority: Authority
) -> None:
    assert find(settings) is None
    old, _ = authority.write(storage(settings, "local"), NAME)
    os.utime(old, (1, 1))
    new, key = authority.write(storage(settings, "acme-v02.api.letsencrypt.org-directory"), NAME)
    assert find(settings) == Pair(new, key)
    key.unlink()
    assert find(settings) == Pair(old, old.with_name(f"{NAME}.key"))


def test_configured_files_come_first_and_a_plain_house_has_none(settings: Settings) -> None:
    own = settings.model_copy(update={"edge": Edge(tls_cert="a.pem", tls_key="b.pem")})
    assert find(own) == Pair(Path("a.pem"), Path("b.pem"))
    assert find(Settings(data=settings.data)) is None


@pytest.mark.parametrize(
    ("days", "state"),
    [(CERTIFICATE_DAYS_WANTED + 1, "ok"), (CERTIFICATE_DAYS_WANTED - 1, "weak"), (-2, "bad")],
)
def test_the_doctor_sees_the_end_coming(
    settings: Settings, authority: Authority, days: int, state: str
) -> None:
    authority.write(storage(settings, "local"), NAME, days=days)
    assert certificate(settings, time.time()).state == state


def test_the_doctor_names_what_is_missing_or_broken(
    settings: Settings, authority: Authority
) -> None:
    assert "none yet" in certificate(settings, 0).found
    path, _ = authority.write(storage(settings, "local"), NAME)
    path.write_text("nonsense")
    found = certificate(settings, 0)
    assert found.state == "weak"
    assert "is no certificate" in found.found
