import pytest

from rostra.domain.errors import PeerError
from rostra.domain.limits import SDP_BYTES_MAX
from rostra.stage.drivers.sdp import CANDIDATES_MAX, MEDIA_MAX, check_offer, word_answer

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
TRANSPORT = (
    "a=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    "a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\n"
)
AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\n" + TRANSPORT
)
GOOD = HEAD + AUDIO


def test_a_good_offer_passes() -> None:
    assert check_offer(GOOD) == GOOD
    assert check_offer(GOOD.replace("\r\n", "\n")) == GOOD


def test_names_and_the_end_of_candidates_are_taken_out() -> None:
    host = "a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host\r\n"
    name = "a=candidate:2 1 udp 2122260223 6f0d.local 50001 typ host\r\n"
    tcp = "a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active\r\n"
    assert check_offer(GOOD + host + name + tcp + "a=end-of-candidates\r\n") == GOOD + host


def test_candidates_have_a_limit() -> None:
    lines = [
        f"a=candidate:1 1 udp 2122260223 192.0.2.7 {5000 + number} typ host\r\n"
        for number in range(CANDIDATES_MAX + 5)
    ]
    assert check_offer(GOOD + "".join(lines)).count("a=candidate:") == CANDIDATES_MAX


def test_there_is_one_microphone_and_one_data_channel() -> None:
    channel = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n" + TRANSPORT
    for number in range(1, MEDIA_MAX):
        check_offer(GOOD + channel.replace("mid:0", f"mid:{number}") * number)
    with pytest.raises(PeerError, match="at most one data channel"):
        check_offer(GOOD + channel.replace("mid:0", "mid:1") * MEDIA_MAX)


@pytest.mark.parametrize(
    ("offer", "status", "why"),
    [
        ("", 400, "v=0"),
        ("{}", 400, "v=0"),
        (HEAD, 400, "nothing"),
        (GOOD + AUDIO.replace("mid:0", "mid:1"), 400, "audio, audio"),
        (GOOD + AUDIO.replace("m=audio", "m=video").replace("mid:0", "mid:1"), 400, "video"),
        (GOOD.replace("a=setup:actpass\r\n", ""), 400, "DTLS"),
        (GOOD.replace("a=fingerprint:sha-256 AA:BB\r\n", ""), 400, "DTLS"),
        (GOOD.replace("a=ice-ufrag:abcd\r\n", ""), 400, "ICE"),
        (GOOD.replace("opus/48000/2", "PCMU/8000"), 400, "Opus"),
        (GOOD.replace("m=audio 9", "m=audio nine"), 400, "read as SDP"),
        ("v=0\r\n" + "a=x\r\n" * SDP_BYTES_MAX, 413, "bytes"),
    ],
)
def test_a_broken_offer_is_refused_with_its_reason(offer: str, status: int, why: str) -> None:
    with pytest.raises(PeerError, match=why) as refused:
        check_offer(offer)
    assert refused.value.status == status
    assert refused.value.sentence.endswith(".")


def test_the_answer_asks_for_redundancy() -> None:
    answer = word_answer("v=0\r\na=rtpmap:111 opus/48000/2\r\na=mid:0\r\n")
    assert "a=fmtp:111 minptime=20;useinbandfec=1" in answer
    assert answer.endswith("a=mid:0\r\n")


def test_a_bundle_names_sections_that_are_there() -> None:
    with pytest.raises(PeerError, match="bundles a section"):
        check_offer(GOOD.replace("BUNDLE 0", "BUNDLE 7 0"))
    assert check_offer(GOOD.replace("a=group:BUNDLE 0\r\n", ""))
