"""Reads a report as a page or a program sends it, or says in one sentence what is wrong."""

import re
from collections.abc import Container, Mapping
from typing import Final

import msgspec

from rostra.domain.errors import PeerError
from rostra.watch.components import ID_CHARS_MAX
from rostra.watch.facts import Facts, kept
from rostra.watch.kinds import PLACE_PATTERN, Kind

REPORT_BYTES_MAX: Final = 8 * 1024
"""A report with every fact has under 1 kB, a proof of work about 1 kB more."""

DEVICE_CHARS_MAX: Final = 64
"""A page's own random word; it needs 22 for 128 bits."""

PROOF_CHARS_MAX: Final = 4_096
"""A solved challenge of ALTCHA has about 900 characters."""

SOURCES: Final = frozenset({"page", "listener", "api"})

_KINDS: Final = frozenset(kind.value for kind in Kind)
_PLACE: Final = re.compile(PLACE_PATTERN)
_DEVICE: Final = re.compile(rf"[A-Za-z0-9_-]{{0,{DEVICE_CHARS_MAX}}}")


class ReportError(PeerError):
    """A report that cannot be taken (422)."""

    status = 422


class Submission(msgspec.Struct, frozen=True):
    """A report as it was sent and read; nobody's address is in it.

    `device` is a word that the page made up with consent, to tell people behind one address
    apart; `proof` a solved challenge, or empty.
    """

    component: str
    kind: Kind
    place: str = ""
    device: str = ""
    proof: str = ""
    source: str = "api"
    facts: Facts = {}


class _Sent(msgspec.Struct):
    """The JSON object; unknown names are left alone, so that newer pages are understood."""

    component: str
    kind: str
    place: str = ""
    device: str = ""
    proof: str = ""
    source: str = "api"
    facts: dict[str, str | int | float | bool | None] = {}


def read(body: bytes, components: Container[str]) -> Submission:
    """A report from its JSON; ReportError says what is wrong and what to do."""
    try:
        sent = msgspec.json.decode(body, type=_Sent)
    except msgspec.ValidationError as error:
        sentence = f"The report is not as it should be: {error}. See the reference of reports."
        raise ReportError(sentence) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        sentence = "The report is not JSON. Mend its syntax."
        raise ReportError(sentence) from error
    return _checked(sent, components)


def read_form(fields: Mapping[str, str], components: Container[str]) -> Submission:
    """A report from the fields of the form; ReportError as of `read`."""
    sent = _Sent(
        fields.get("component", ""),
        fields.get("kind", ""),
        fields.get("place", ""),
        proof=fields.get("proof", ""),
        source="page",
    )
    return _checked(sent, components)


def _checked(sent: _Sent, components: Container[str]) -> Submission:
    if len(sent.component) > ID_CHARS_MAX or sent.component not in components:
        sentence = "This page has no such component. Choose one of its list."
        raise ReportError(sentence)
    if sent.kind not in _KINDS:
        names = ", ".join(Kind)
        sentence = f"This is no kind of trouble. Choose one of {names}."
        raise ReportError(sentence)
    place = sent.place.strip().upper() if len(sent.place) <= PROOF_CHARS_MAX else "?"
    if not _PLACE.fullmatch(place):
        sentence = (
            "The place is a country such as ES or a part of it such as ES-MD. Or leave it out."
        )
        raise ReportError(sentence)
    if not _DEVICE.fullmatch(sent.device):
        sentence = f"The device's word has up to {DEVICE_CHARS_MAX} letters and digits. Shorten it."
        raise ReportError(sentence)
    if len(sent.proof) > PROOF_CHARS_MAX:
        sentence = f"The proof exceeds {PROOF_CHARS_MAX} characters. Ask for a new challenge."
        raise ReportError(sentence)
    if sent.source not in SOURCES:
        sentence = "The source is page, listener or api. Choose one, or leave it out."
        raise ReportError(sentence)
    facts = kept(sent.facts)
    return Submission(
        sent.component, Kind(sent.kind), place, sent.device, sent.proof, sent.source, facts
    )
