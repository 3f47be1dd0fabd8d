from pathlib import Path

import pytest
from aiortc.rtcicetransport import parse_stun_turn_uri

from rostra.app.config import Edge, load
from rostra.app.edge_child import info_of
from rostra.app.edge_options import BASES_MAX
from rostra.domain.errors import HouseError
from rostra.wire.states import EdgeInfo


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("variable", "word", "said"),
    [
        ("STAGE__UDP_PORTS", "many", "stage.udp_ports: is no range of ports"),
        ("STAGE__UDP_PORTS", "50200-50000", "stage.udp_ports: is no range of ports"),
        ("STAGE__UDP_PORTS", "1-65536", "stage.udp_ports: is no range of ports"),
        ("STAGE__PUBLIC_ADDRESS", "my.host", "stage.public_address: 'my.host' does not appear"),
        ("STAGE__ICE_SERVERS", "stun:here", "lists are written as JSON"),
        ("DOMAIN", "https://talk.example.org", "domain: is no host name"),
        ("DOMAIN", "talk.example.org {", "domain: is no host name"),
        ("LOG", "loud", "log: Input should be 'auto', 'human' or 'json'"),
        ("PORT", "65001", "port: Input should be less than or equal to 65000"),
        ("DATA", "", "data: is empty"),
        ("EDGE__BIND", "banana", "edge.bind: 'banana' does not appear to be"),
        ("EDGE__PROXIES", '["banana"]', "edge.proxies: 'banana' is no address or network"),
        ("EDGE__PROXIES", '["10.0.0.1/8"]', "has host bits set"),
        ("EDGE__PROXIES", '["fe80::%a {/10"]', "edge.proxies: 'fe80::%a {/10' is no address"),
        ("EDGE__NAME", "Fra 1", "edge.name: is no name such as fra"),
        ("EDGE__NAME", "a/b", "edge.name: is no name such as fra"),
        ("EDGE__WEIGHT", "-1", "edge.weight: Input should be greater than or equal to 0"),
        ("EDGE__BASES", '["e{index}.example.org"]', "edge.bases: 'e{index}.example.org' is no"),
        ("EDGE__BASES", '["https://a.example/?x"]', "'https://a.example/?x' is no address"),
        ("EDGE__BASES", '[":{port}/live"]', "':{port}/live' is no address"),
        ("EDGE__BASES", '["https://{host}"]', "'https://{host}' is no address"),
        ("EDGE__FRONTDOOR", "false", "edge.bases: without a front door edges need an address"),
        ("EDGE__ORIGINS", '["*", "https://a.example"]', "edge.origins: '*' is no origin"),
        ("EDGE__ORIGINS", '["https://a.example/"]', "edge.origins: 'https://a.example/' is no"),
        ("EDGE__CSP_SOURCES", '["https:"]', "edge.csp_sources: 'https:' is no source"),
        ("EDGE__CSP_SOURCES", '["https://a; x"]', "edge.csp_sources: 'https://a; x' is no source"),
        ("NATS__URL", "banana", "nats.url: is no address such as nats://"),
        ("NATS__URL", "http://backbone:4222", "nats.url: is no address such as nats://"),
        ("STAGE__ICE_SERVERS", '[{"urls": ["stn:here"]}]', "'stn:here' is no address such as"),
        ("EDGE__BOGUS", "1", "edge.bogus: is no setting"),
        ("CONFIG", "nowhere.toml", "There is no configuration file nowhere.toml"),
    ],
)
def test_a_wrong_word_is_one_sentence_with_its_key(
    variable: str, word: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ROSTRA_{variable}", word)
    with pytest.raises(HouseError) as refused:
        load()
    assert said in refused.value.sentence
    assert "Mend" in refused.value.sentence
    assert "\n" not in refused.value.sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[edge", "rostra.toml cannot be read"),
        (b"\xff\xfe", "rostra.toml cannot be read"),
        (b"doman = 'talk.example.org'", "doman: is no setting"),
    ],
)
def test_a_file_that_cannot_be_meant_is_one_sentence(
    text: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / "rostra.toml").write_bytes(text)
    with pytest.raises(HouseError) as refused:
        load()
    assert said in refused.value.sentence
    assert "rostra.toml" in refused.value.sentence
    assert "\n" not in refused.value.sentence


def test_arguments_come_first_then_the_environment_then_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rostra.toml").write_text("port = 1001\ndomain = 'a.example'\nlog = 'json'")
    monkeypatch.setenv("ROSTRA_PORT", "1002")
    monkeypatch.setenv("ROSTRA_DOMAIN", "b.example")
    monkeypatch.setenv("ROSTRA_STAGE__UDP_PORTS", "50000-50200")
    found = load(port=1003, domain=None)
    assert (found.port, found.domain, found.log) == (1003, "b.example", "json")
    assert found.stage.udp_ports == "50000-50200"


def test_edges_listen_to_everybody_unless_they_are_told_otherwise() -> None:
    assert load().edge_bind == "0.0.0.0"  # noqa: S104 - listeners come from anywhere
    own = Edge(bind="::")
    assert load(domain="talk.example.org", edge=own).edge_bind == "::"


def test_with_a_domain_an_edge_names_its_port_once_it_has_a_certificate() -> None:
    named = load(domain="talk.example.org", port=9_000)
    assert info_of(named, 0).bases == ("/e/edge-0",)
    assert info_of(named, 0, secure=True).bases == (":9001", "/e/edge-0")
    inside = load(domain="talk.example.org", port=9_000, edge=Edge(bind="127.0.0.1"))
    assert info_of(inside, 0, secure=True).bases == ("/e/edge-0",), "nobody else could reach it"


@pytest.mark.parametrize("given", [{"tls_cert": "a.crt"}, {"tls_key": "a.key"}])
def test_a_certificate_and_its_key_are_named_together(given: dict[str, str]) -> None:
    with pytest.raises(HouseError, match=r"edge\.tls_cert and edge\.tls_key belong together"):
        load(edge=given)


@pytest.mark.parametrize(
    "url", ["stun:stun.example.org:3478", "turn:t.example.org:3478?transport=udp", "turns:t:5349"]
)
def test_servers_that_browsers_know_are_taken(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTRA_STAGE__ICE_SERVERS", f'[{{"urls": ["{url}"]}}]')
    assert load().stage.ice_servers[0].urls == (url,)
    assert parse_stun_turn_uri(url)


def test_a_page_that_is_https_is_sent_to_no_edge_over_http() -> None:
    with pytest.raises(HouseError, match=r"edge\.bases: a page of a house with a domain is https"):
        load(domain="talk.example.org", edge=Edge(bases=("http://e.example.org",)))


def test_an_edge_has_so_many_addresses_at_most() -> None:
    assert load(edge={"bases": [":1"] * BASES_MAX}).edge.bases == (":1",) * BASES_MAX
    with pytest.raises(HouseError, match=f"an edge may have {BASES_MAX}"):
        load(edge={"bases": [":1"] * (BASES_MAX + 1)})


def test_an_edge_is_reached_at_its_own_address_first_and_by_the_front_door_last() -> None:
    bare, named = load(port=9_000), load(domain="talk.example.org")
    assert info_of(bare, 1) == EdgeInfo("edge-1", (":9002", "/e/edge-1"))
    assert info_of(named, 0) == EdgeInfo("edge-0", ("/e/edge-0",))
    own = Edge(name="fra", weight=3, bases=("https://e{index}.example.org/", ":{port}"))
    bases = ("https://e1.example.org", ":9002", "/e/fra-1")
    assert info_of(load(port=9_000, edge=own), 1) == EdgeInfo("fra-1", bases, 3)
    alone = Edge(name="fra", frontdoor=False, bases=("https://e{index}.example.org",))
    assert info_of(load(edge=alone), 0) == EdgeInfo("fra-0", ("https://e0.example.org",))
