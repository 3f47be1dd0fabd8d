import html
import json

import pytest
from tests.fakes.grid_messages import state

from rostra.delivery import pages
from rostra.delivery.pages import HEAD_MARK, STATE_MARK, Template, plain_page, state_json
from rostra.domain.errors import HouseError
from rostra.domain.language import LANGUAGES
from rostra.domain.media import Codec
from rostra.domain.space import State
from rostra.wire.states import SpaceState

PAGE = f"<html><head>{HEAD_MARK}</head><body>{STATE_MARK}</body></html>"
NASTY = '</script><script>alert("&1")</script><!--\u2028'


def test_title_and_state_are_filled_in() -> None:
    page = Template(PAGE).page(state(title="A talk"), 5, "edge-0", "http://h:1").decode()
    assert "<title>A talk</title>" in page
    assert '<meta property="og:url" content="http://h:1/s/hall">' in page
    script = page.split('id="rostra-state">')[1].split("</script>")[0]
    fields = json.loads(script)
    assert (fields["title"], fields["now_utc_us"], fields["edge"]) == ("A talk", 5, "edge-0")


def test_a_title_cannot_become_markup_or_script() -> None:
    page = Template(PAGE).page(state(title=NASTY), 5, "edge-0", "").decode()
    assert page.count("<script") == 1
    assert "<!--" not in page
    script = page.split('id="rostra-state">')[1].split("</script>")[0]
    assert json.loads(script)["title"] == NASTY


def test_who_has_no_javascript_is_led_to_the_plain_stream_in_every_language() -> None:
    page = Template(PAGE).page(state(title=NASTY), 5, "edge-0", "").decode()
    plain = page.split("<noscript>")[1].split("</noscript>")[0]
    assert plain.count('<a href="/live/hall/stream.mp3">') == len(LANGUAGES)
    assert all(f'<p lang="{language}">' in plain for language in LANGUAGES)
    assert f"<h1>{html.escape(NASTY)}</h1>" in plain


def test_marks_may_stand_in_either_order() -> None:
    page = Template(f"a{STATE_MARK}b{HEAD_MARK}c").page(state(), 5, "e", "").decode()
    assert page.index("rostra-state") < page.index("<title>")


@pytest.mark.parametrize("text", ["", HEAD_MARK, PAGE + STATE_MARK])
def test_a_template_without_its_marks_is_refused(text: str) -> None:
    with pytest.raises(HouseError, match="exactly once"):
        Template(text)


def test_the_state_is_the_space_with_this_edges_clock() -> None:
    fields = json.loads(state_json(state(), 7, "edge-3"))
    assert fields["state"] == "live"
    assert fields["now_utc_us"] == 7
    assert not {"removed", "boot", "zero_mono_us"} & fields.keys(), "nobody's business outside"
    assert fields["edge"] == "edge-3"
    assert fields["codecs"] == ["aac"]
    both = (Codec.AAC, Codec.OPUS)
    assert json.loads(state_json(state(), 7, "edge-3", both))["codecs"] == ["aac", "opus"]
    page = Template(PAGE).page(state(), 5, "edge-0", "", both).decode()
    assert '"codecs":["aac","opus"]' in page


def test_the_state_names_the_watch() -> None:
    assert json.loads(state_json(state(), 7, "edge-3"))["watch"] == ""
    page = Template(PAGE).page(state(), 5, "edge-0", "", watch=":8100").decode()
    assert '"watch":":8100"' in page


def test_a_plain_page_escapes_what_it_says() -> None:
    assert b"&lt;b&gt;" in plain_page("Not found", "No <b> here", "en")


def test_a_long_description_is_cut_for_share_cards_and_whole_in_the_state() -> None:
    long = SpaceState("hall", "A talk", State.LIVE, 0, description="word  " * 100)
    page = Template(PAGE).page(long, 5, "e", "").decode()
    summary = page.split('name="description" content="')[1].split('"')[0]
    assert len(summary) == pages.SUMMARY_CHARS_MAX
    assert summary.startswith("word word word ")
    assert json.loads(page.split('id="rostra-state">')[1].split("</script>")[0])["description"] == (
        "word  " * 100
    )


def test_a_summary_of_many_hosts_is_cut_too() -> None:
    many = SpaceState("hall", "A talk", State.LIVE, 0, hosts=("Ada Lovelace",) * 100)
    page = Template(PAGE).page(many, 5, "e", "").decode()
    summary = page.split('property="og:description" content="')[1].split('"')[0]
    assert len(summary) == pages.SUMMARY_CHARS_MAX
