"""An offer is either checked or refused with a sentence: nothing else comes out of the reader."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.domain.errors import PeerError
from rostra.stage.drivers.sdp import check_offer

LINES = st.sampled_from(
    [
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:x",
        "a=fmtp:112 x=1",
        "a=setup:actpass",
        "a=setup:nobody",
        "a=fingerprint:sha-256 AA",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789012345678901",
        "a=candidate:1 1 udp 1 192.0.2.7 1 typ host",
        "a=candidate:",
        "a=mid:0",
        "a=rtcp-mux",
        "a=group:BUNDLE 0",
        "a=ssrc:1",
        "a=extmap:x y",
        "c=IN IP9 nowhere",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=30)), max_size=40))
def test_checked_or_refused(lines: list[str]) -> None:
    offer = "v=0\r\n" + "\r\n".join(lines)
    refusal: PeerError | None = None
    kept = ""
    try:
        kept = check_offer(offer)
    except PeerError as error:
        refusal = error
    if refusal is None:
        assert kept.startswith("v=0")
        assert ".local " not in kept
    else:
        assert refusal.status in {400, 413}
        assert refusal.sentence.endswith(".")
