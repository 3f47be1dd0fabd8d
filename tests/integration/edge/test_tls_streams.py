"""Listeners by TLS: the same bytes as plain ones, whole units for slow ones, an end in order."""

from itertools import pairwise
from pathlib import Path

import pytest
from tests.fakes.authority import Authority
from tests.integration.edge.edge_house import Client, until
from tests.integration.edge.test_slow_and_bad import flood, parts, reaches
from tests.integration.edge.tls_house import TlsHouse, tls_house, with_certificate

from rostra.delivery.cutting import TICK
from rostra.delivery.drivers import handshakes, tls
from rostra.domain.space import State


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def test_a_stream_over_tls_is_the_plain_one_byte_for_byte(
    tmp_path: Path, authority: Authority
) -> None:
    with tls_house(with_certificate(tmp_path, authority), authority) as subject:
        subject.house.say()
        subject.house.send(20)
        # The front door's way: plain, from this machine, to the same port.
        plain = subject.house.get("/live/hall/push.mp4")
        subject.house.listening(1)
        secure = [subject.get("/live/hall/push.mp4") for _ in range(TICK)]
        subject.house.listening(1 + TICK)
        subject.house.send(30)
        subject.house.say(State.ENDED)
        plain.read_to_end()
        same = [one.read_to_end().data == plain.data for one in secure]
        assert any(same), "each bucket of the tick has one, the plain one's too"
        assert all(one.finished() for one in secure)
        assert secure[0].secure.version() == "TLSv1.3"
        assert secure[0].secure.selected_alpn_protocol() == "http/1.1"
        assert subject.tls.full == TICK
