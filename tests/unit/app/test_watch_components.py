"""What is watched: this house where nothing is configured, and rules for what is."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.app.config import Settings, load
from rostra.app.watch_components import components_of, page_name
from rostra.app.watch_options import Watch, WatchedComponent
from rostra.app.watch_targets import check
from rostra.domain.errors import HouseError
from rostra.watch.components import COMPONENTS_MAX, ID_CHARS_MAX, Component, Target


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_word_it_is_this_house_that_is_watched() -> None:
    found = components_of(Settings(port=9_000))
    assert [(one.id, one.target, one.address) for one in found] == [
        ("page", Target.HTTP, "http://localhost:9000/"),
        ("listening", Target.SPACE, "http://localhost:9000"),
        ("api", Target.HTTP, "http://localhost:9000/api/v1/spaces"),
    ]
    check(found)


def test_with_a_domain_its_certificate_comes_first_and_the_others_rest_on_it() -> None:
    first, *others = components_of(Settings(domain="talk.example.org"))
    assert (first.target, first.address) == (Target.TLS, "talk.example.org:443")
    assert all(first.id in one.depends_on for one in others)
    assert all(one.address.startswith("https://talk.example.org") for one in others)
    check((first, *others))


def test_what_is_configured_is_taken_as_it_is_and_in_its_order() -> None:
    radio = WatchedComponent(id="radio", name="Radio", target="hls", address="https://a.example/x")
    gate = WatchedComponent(id="gate", name="Gate", depends_on=("radio",), every_s=5)
    assert components_of(Settings(watch=Watch(components=(radio, gate)))) == (
        Component("radio", "Radio", Target.HLS, "https://a.example/x"),
        Component("gate", "Gate", depends_on=("radio",), every_s=5),
    )


def test_the_page_has_the_houses_name_unless_it_has_one_of_its_own() -> None:
    assert page_name(Settings(domain="talk.example.org")) == "talk.example.org"
    assert page_name(Settings(watch=Watch(name="Radio Uno"))) == "Radio Uno"


def test_the_page_is_published_at_the_watchs_own_port_unless_said_otherwise() -> None:
    assert Settings(port=9_000).watch_url == "http://localhost:9100"
    assert Settings(domain="a.example").watch_url == "https://a.example:8100"
    for typed in ("https://s.example", "https://s.example/", "https://s.example/status/"):
        assert Settings(watch=Watch(public_url=typed)).watch_url == "https://s.example"


def one(**given: object) -> dict[str, object]:
    return {"id": "a", "name": "A", "target": "none", **given}


@pytest.mark.parametrize(
    ("components", "said"),
    [
        ([one(), one()], "watch.components: 'a' is there twice"),
        ([one(depends_on=["b"])], "'a' depends on 'b', which is no component here"),
        ([one(depends_on=["a"])], "in a circle (a → a)"),
        ([one(depends_on=["b"]), one(id="b", depends_on=["a"])], "in a circle"),
        ([one(address="x")], "has target none, so it has no address (it has 'x')"),
        ([one(target="http", address="a.example")], "needs an address such as https://talk"),
        ([one(target="http", address="https://a.example:x/")], "needs an address such as https"),
        ([one(target="hls", address="ftp://a.example/")], "/live/SPACE/main.m3u8"),
        ([one(target="space")], "/s/SPACE (it has '')"),
        ([one(target="tcp", address="https://a.example")], "such as talk.example.org:443"),
        ([one(target="tls", address="a.example:65536")], "such as talk.example.org:443"),
        ([one(id="A")], "watch.components.0.id"),
        ([one(id="a" * (ID_CHARS_MAX + 1))], "watch.components.0.id"),
        ([one(every_s=1)], "watch.components.0.every_s"),
        ([one(id=f"c{n}") for n in range(COMPONENTS_MAX + 1)], f"at most {COMPONENTS_MAX}"),
    ],
)
def test_what_does_not_fit_is_one_sentence_with_its_key(
    components: list[dict[str, object]], said: str
) -> None:
    with pytest.raises(HouseError) as refused:
        load(watch={"components": components})
    assert said in refused.value.sentence
    assert "watch.components" in refused.value.sentence
    assert "\n" not in refused.value.sentence


@pytest.mark.parametrize(
    ("watch", "said"),
    [
        ({"bind": "here"}, "watch.bind: 'here' does not appear to be"),
        ({"proxies": ["here"]}, "watch.proxies: 'here' is no address or network"),
        ({"public_url": "status.example.org"}, "watch.public_url: String should match"),
        ({"public_url": "https://a.example/{path}"}, "watch.public_url: String should match"),
    ],
)
def test_a_wrong_word_of_the_watch_is_one_sentence(watch: dict[str, object], said: str) -> None:
    with pytest.raises(HouseError, match="Mend it") as refused:
        load(watch=watch)
    assert said in refused.value.sentence


PIECES = st.sampled_from(
    ["https://", "a.example", "[::1]", ":", "443", "/", "x", " ", "{", "\n", "ß"]
)
ADDRESSES = st.lists(PIECES, max_size=6).map("".join)


@settings(max_examples=200)
@given(st.sampled_from(list(Target)), ADDRESSES)
def test_any_address_is_taken_or_refused_in_one_sentence(target: Target, address: str) -> None:
    said = refusal(Component("a", "A", target, address))
    assert "\n" not in said
    assert said.startswith("'a' ") or not said
    if target is Target.NONE:
        assert bool(said) == bool(address)


def refusal(component: Component) -> str:
    """Why it is refused, or nothing."""
    try:
        check((component,))
    except ValueError as error:
        return str(error)
    return ""
