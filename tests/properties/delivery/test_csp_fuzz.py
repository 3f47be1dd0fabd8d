"""Whatever hosts and bases are told: a policy of our own directives and well-formed sources."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from rostra.delivery import csp
from rostra.delivery.csp import POLICIES_MAX, SOURCES_BYTES_MAX, Policies, origin_of
from rostra.delivery.csp import policy as policy_of
from rostra.delivery.spaces import Directory
from rostra.wire.states import EdgeInfo

ANY = st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=60)
NASTY = st.sampled_from(
    ("a; script-src *", "a'unsafe-inline'", "a b", "a,b", "a\r\nX: y", "*", "http://*", "h:1:2")
)
HOSTS = st.one_of(ANY, NASTY, st.from_regex(r"[a-z.]{1,20}(:[0-9]{1,5})?", fullmatch=True))
BASES = st.one_of(ANY, NASTY.map("http://{}".format), st.sampled_from((":1", "/e/a", "https://e")))
NAMES = [part.split()[0] for part in csp.policy().split("; ")]
SOURCE = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:([0-9]+|\*))?")


def policy(bases: tuple[str, ...], host: str, named: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """The directives of a page's policy, by name."""
    value = Policies(Directory(EdgeInfo("a", bases)), named).of(origin_of(host))
    assert value.isascii()
    assert value.isprintable()
    rows = [part.split(" ") for part in value.split("; ")]
    assert [row[0] for row in rows] == NAMES, "no directive comes in from outside"
    return {row[0]: row[1:] for row in rows}


@given(st.lists(BASES, max_size=8).map(tuple), HOSTS)
@example(("https://e; default-src *",), "h")
@example((":8001",), "h; script-src *")
def test_nothing_is_injected(bases: tuple[str, ...], host: str) -> None:
    found = policy(bases, host)
    plain = policy((), "h")
    for name, words in found.items():
        extra = words[len(plain[name]) :]
        assert words[: len(plain[name])] == plain[name]
        assert all(SOURCE.fullmatch(word) for word in extra)
        assert not extra or name in {"connect-src", "media-src"}


@given(st.integers(1, 2_000), st.integers(1, 60))
def test_a_policy_is_bounded_however_many_edges_there_are(edges: int, length: int) -> None:
    bases = tuple(f"https://{'x' * length}{n}.example" for n in range(edges))
    size = len(Policies(Directory(EdgeInfo("a", bases))).of("http://h"))
    assert size <= len(csp.policy()) + 2 * SOURCES_BYTES_MAX


def test_sound_comes_from_the_known_edges_and_from_nowhere_else() -> None:
    bases = (":8001", "https://e0.example.org", "https://e0.example.org/x/", "/e/edge-0")
    found = policy(bases, "talk.example:8000")
    wanted = ["http://talk.example:8001", "https://e0.example.org"]
    assert found["connect-src"] == ["'self'", *wanted]
    assert found["media-src"] == ["'self'", "blob:", "data:", *wanted]


def test_with_a_public_origin_ports_are_reached_by_its_scheme() -> None:
    directory = Directory(EdgeInfo("a", (":8001",)))
    assert " https://talk.example:8001;" in Policies(directory).of("https://talk.example")


def test_without_a_host_that_can_be_spelt_the_own_origin_is_left() -> None:
    for host in ("", "[::1]:8000", "a_b"):
        assert policy((":8001",), host)["connect-src"] == ["'self'"]
    assert origin_of("[::1]:8000") == "http://[::1]:8000"


def test_what_the_operator_names_takes_the_place_of_the_edges() -> None:
    named = policy((":8001",), "h", ("https://*.example.org", "http://h:*"))
    assert named["connect-src"] == ["'self'", "https://*.example.org", "http://h:*"]


def test_an_edge_that_comes_later_is_in_the_next_page() -> None:
    directory = Directory(EdgeInfo("a", ("https://a.example",)))
    policies = Policies(directory)
    assert "https://b.example" not in policies.of("http://h")
    directory.apply("edges", "b", b'{"id": "b", "bases": ["https://b.example"]}')
    assert policies.of("http://h").count(" https://a.example https://b.example;") == 2


def test_an_edge_of_this_machine_is_in_the_page_before_it_announces_itself() -> None:
    siblings = tuple(EdgeInfo(f"edge-{n}", (f":800{n}", f"/e/edge-{n}")) for n in (1, 2))
    policies = Policies(Directory(siblings[0]), siblings=siblings)
    assert policies.of("http://h").count(" http://h:8001 http://h:8002;") == 2


def test_the_watch_is_asked_and_never_listened_to() -> None:
    edges, named = Directory(EdgeInfo("a", ("https://a.example",))), ("https://*.example.org",)
    for watch, source in {
        ":8100": "https://talk.example:8100",
        "https://watch.example.org/here": "https://watch.example.org",
    }.items():
        for sources, known in (((), "https://a.example"), (named, named[0])):
            said = Policies(edges, sources, watch=watch).of("https://talk.example")
            assert f"connect-src 'self' {known} {source};" in said
            assert f"media-src 'self' blob: data: {known};" in said
    twice = Policies(edges, watch="https://a.example").of("https://talk.example")
    assert "connect-src 'self' https://a.example;" in twice
    for none in ("", ":x", "javascript:alert(1)", "https://a; b"):
        assert Policies(edges, watch=none).of("http://h") == Policies(edges).of("http://h")


def test_invented_hosts_take_no_memory() -> None:
    policies = Policies(Directory(EdgeInfo("a", (":1",))))
    for number in range(3 * POLICIES_MAX):
        assert f"http://h{number}:1" in policies.of(f"http://h{number}")
    assert len(policies._kept) <= POLICIES_MAX


def test_the_page_of_a_refusal_has_no_sources() -> None:
    assert "http" not in policy_of(["https://a; b", "data:"])
