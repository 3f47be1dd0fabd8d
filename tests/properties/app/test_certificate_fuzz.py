"""Invariant: whatever two files hold, they are a pair that is taken, or refused in a sentence."""

import functools
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.authority import Authority

from rostra.app.edge_certificate import Pair, read
from rostra.domain.errors import HouseError


@functools.cache
def good() -> tuple[bytes, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Authority().write(Path(folder))
        return certificate.read_bytes(), key.read_bytes()


@st.composite
def spoiled(draw: st.DrawFn, which: int) -> bytes:
    """One of the two files with a stretch of it replaced."""
    whole = good()[which]
    at = draw(st.integers(0, len(whole)))
    until = draw(st.integers(at, min(len(whole), at + 40)))
    return whole[:at] + draw(st.binary(max_size=40)) + whole[until:]


FILES = st.one_of(spoiled(0), spoiled(1), st.binary(max_size=200), st.just(b""))


def outcome(certificate: bytes, key: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        pair = Pair(Path(folder) / "a.crt", Path(folder) / "a.key")
        pair.certificate.write_bytes(certificate)
        pair.key.write_bytes(key)
        try:
            return bool(read(pair).pem)
        except HouseError as error:
            said = error.sentence
    assert str(folder) in said, "it says which file"
    return False


@given(FILES, FILES)
@settings(max_examples=60, deadline=None)
def test_files_are_a_pair_or_refused(certificate: bytes, key: bytes) -> None:
    outcome(certificate, key)
    outcome(good()[0], key)
    outcome(certificate, good()[1])


def test_a_good_pair_is_taken() -> None:
    assert outcome(*good())
