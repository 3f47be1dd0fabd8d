"""Checks an offer before aiortc sees it, and words the answer (RFC 8866, RFC 7587, RFC 8839)."""

from typing import Final

from aiortc.sdp import MediaDescription, SessionDescription

from rostra.domain.errors import PeerError
from rostra.domain.limits import SDP_BYTES_MAX

CANDIDATES_MAX: Final = 32
"""A browser on a machine with many addresses offers about a dozen; each one costs us a check."""

MEDIA_MAX: Final = 2
"""One microphone and one data channel."""

_OPUS_PARAMETERS: Final = "minptime=20;useinbandfec=1;stereo=0;maxaveragebitrate=48000"
"""What we wish to receive: 20 ms, mono, with redundancy (RFC 7587, section 6.1)."""


def check_offer(offer: str) -> str:
    """The offer with what we do not use taken out; PeerError (400, 413) if it is broken.

    mDNS names are taken out: the peer reaches us, so that nobody has to resolve them. So is the
    end of candidates: its address is learnt when its first check arrives (RFC 8445, 7.3.1.3).
    """
    if len(offer.encode("utf-8", "replace")) > SDP_BYTES_MAX:
        sentence = f"The offer exceeds {SDP_BYTES_MAX} bytes."
        raise PeerError(sentence, status=413)
    lines = offer.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != "v=0":
        sentence = "This is not an SDP offer: it does not begin with v=0."
        raise PeerError(sentence)
    kept = "\r\n".join(line for line in _without_names(lines) if line) + "\r\n"
    try:  # its parser raises whatever it trips over
        parsed = SessionDescription.parse(kept)
    except Exception as error:
        sentence = f"The offer cannot be read as SDP ({type(error).__name__}: {error})."
        raise PeerError(sentence) from error
    _check_media(parsed)
    return kept


def word_answer(answer: str) -> str:
    """The answer of aiortc with the parameters we wish for Opus."""
    out: list[str] = []
    for line in answer.splitlines():
        out.append(line)
        if line.startswith("a=rtpmap:") and " opus/48000" in line:
            payload_type = line.removeprefix("a=rtpmap:").split(" ")[0]
            out.append(f"a=fmtp:{payload_type} {_OPUS_PARAMETERS}")
            out.append("a=ptime:20")
    return "\r\n".join(out) + "\r\n"


def _without_names(lines: list[str]) -> list[str]:
    kept: list[str] = []
    candidates = 0
    for line in lines:
        if line.startswith("a=candidate:"):
            candidates += 1
            if candidates > CANDIDATES_MAX or ".local " in line or " udp " not in line.lower():
                continue
        if line.strip() != "a=end-of-candidates":
            kept.append(line)
    return kept


def _check_media(offer: SessionDescription) -> None:
    kinds = [media.kind for media in offer.media]
    if kinds.count("audio") != 1 or len(kinds) > MEDIA_MAX or "video" in kinds:
        sentence = (
            "The offer must hold one audio section and at most one data channel; "
            f"it holds: {', '.join(kinds) or 'nothing'}."
        )
        raise PeerError(sentence)
    for media in offer.media:
        _check_transport(media)
    _check_bundle(offer)
    codecs = [codec.mimeType.lower() for media in offer.media for codec in media.rtp.codecs]
    if "audio/opus" not in codecs:
        sentence = "The offer does not offer Opus, the one codec of the stage."
        raise PeerError(sentence)


def _check_bundle(offer: SessionDescription) -> None:
    """A bundle of sections that are there (RFC 9143): aiortc takes any, and trips over it later."""
    mids = {media.rtp.muxId for media in offer.media}
    unknown = {str(one) for group in offer.group for one in group.items} - mids
    if unknown:
        sentence = f"The offer bundles a section that it does not have: {min(unknown)[:40]!r}."
        raise PeerError(sentence)


def _check_transport(media: MediaDescription) -> None:
    if media.dtls is None or not media.dtls.fingerprints:
        sentence = f"The {media.kind} section has no DTLS fingerprint or setup role."
        raise PeerError(sentence)
    if media.ice is None or not (media.ice.usernameFragment and media.ice.password):
        sentence = f"The {media.kind} section has no ICE user name and password."
        raise PeerError(sentence)
    if media.kind == "application" and media.profile != "UDP/DTLS/SCTP":
        sentence = f"Data channels are offered as UDP/DTLS/SCTP, not {media.profile[:40]!r}."
        raise PeerError(sentence)
