import json
from dataclasses import dataclass, field

import pytest
from tests.fakes.grid_messages import EPOCH_US, message, state

from rostra.delivery.access import Access
from rostra.delivery.answers import Answer, Asset
from rostra.delivery.channel import Channel
from rostra.delivery.cutting import Form
from rostra.delivery.pages import HEAD_MARK, STATE_MARK, Template
from rostra.delivery.service import Now, Request, Service
from rostra.delivery.spaces import Directory
from rostra.delivery.streams import Join
from rostra.domain.space import State
from rostra.wire.messages import to_json
from rostra.wire.states import EdgeInfo

NOW = Now(1_000_000_000, EPOCH_US)


@dataclass
class Edge:
    directory: Directory = field(default_factory=lambda: Directory(EdgeInfo("edge-0", (":1",))))
    channels: dict[str, Channel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.directory.loaded = True
        template = Template(f"<head>{HEAD_MARK}</head>{STATE_MARK}")
        assets = {"app.js": Asset(b"let a;" * 200, "text/javascript")}
        self.service = Service(self.directory, self.channels, template, assets)

    def live(self, now: State = State.LIVE, messages: int = 40, *, opus: bool = True) -> "Edge":
        self.directory.apply("state", "hall", to_json(state(now)))
        channel = Channel("hall", "edge-0", None)
        channel.learn(state(now), 0, EPOCH_US)
        for number in range(messages):
            for step in channel.take(message(number, opus=opus), 0):
                channel.out(step)
        self.channels["hall"] = channel
        return self

    def ask(self, target: str, method: str = "GET", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.service.answer(Request(method, target.encode(), named), NOW)
        assert isinstance(answer, Answer)
        return answer

    def join(self, target: str, method: str = "GET", **headers: str) -> Join:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.service.answer(Request(method, target.encode(), named), NOW)
        assert isinstance(answer, Join)
        return answer


def sentence(answer: Answer) -> str:
    return str(json.loads(answer.body)["error"]["sentence"])


def test_an_unknown_space_is_a_sentence_in_json_or_a_page() -> None:
    edge = Edge()
    answer = edge.ask("/live/nowhere/push.mp4")
    assert answer.status == 404
    assert "no space called nowhere" in sentence(answer)
    page = edge.ask("/s/nowhere")
    assert page.status == 404
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"no space called nowhere" in page.body


def test_a_refusal_is_said_in_the_language_of_who_asks_and_named_for_programs() -> None:
    edge = Edge()
    answer = edge.ask("/live/nowhere/push.mp4", accept_language="es-MX,es;q=0.9,en;q=0.8")
    error = json.loads(answer.body)["error"]
    assert (error["status"], error["code"]) == (404, "no_such_space")
    assert error["sentence"].startswith("No hay ningún espacio llamado nowhere")
    assert answer.headers["Content-Language"] == "es"
    page = edge.ask("/s/nowhere", accept_language="es").body.decode()
    assert '<html lang="es">' in page
    assert "<h1>No encontrado</h1>" in page
    assert "Mira qué hay ahora" in page


def test_an_edge_that_knows_nothing_yet_does_not_deny_a_space() -> None:
    edge = Edge()
    edge.directory.loaded = False
    answer = edge.ask("/live/hall/state.json")
    assert answer.status == 503
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize(
    ("now", "status"),
    [(State.SCHEDULED, 409), (State.ENDED, 410), (State.CANCELLED, 410), (State.ARCHIVED, 410)],
)
@pytest.mark.parametrize("name", ["push.mp4", "master.m3u8"])
def test_outside_its_hours_a_space_says_so(now: State, status: int, name: str) -> None:
    edge = Edge()
    edge.directory.apply("state", "hall", to_json(state(now)))
    answer = edge.ask(f"/live/hall/{name}")
    assert answer.status == status
    assert "A talk" in sentence(answer)


@pytest.mark.parametrize(
    ("name", "form", "kind"),
    [
        ("push.mp4", Form.PUSH, b"audio/mp4"),
        ("push-opus.mp4", Form.OPUS, b"audio/mp4"),
        ("stream.aac", Form.AAC, b"audio/aac"),
        ("stream.mp3", Form.MP3, b"audio/mpeg"),
    ],
)
def test_a_stream_is_joined(name: str, form: Form, kind: bytes) -> None:
    join = Edge().live().join(f"/live/hall/{name}")
    assert join.form is form
    assert b"Content-Type: " + kind in join.head
    assert b"Transfer-Encoding: chunked" in join.head
    assert b"Access-Control-Allow-Origin: *" in join.head
    assert b"Cache-Control: no-store" in join.head


def test_a_run_without_opus_says_so_and_where_the_sound_is() -> None:
    edge = Edge().live(opus=False)
    answer = edge.ask("/live/hall/push-opus.mp4", accept_language="es")
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"]) == (404, "no_opus")
    assert "push.mp4 tiene lo mismo en AAC" in error["sentence"]
    assert json.loads(edge.ask("/live/hall/state.json").body)["codecs"] == ["aac"]
    both = Edge().live()
    assert json.loads(both.ask("/live/hall/state.json").body)["codecs"] == ["aac", "opus"]
    assert b'"codecs":["aac","opus"]' in both.ask("/s/hall").body


def test_nobody_knows_of_opus_before_the_first_message() -> None:
    answer = Edge().live(messages=0).ask("/live/hall/push-opus.mp4")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (503, "beginning")


def test_icy_is_given_to_whoever_asks_for_it() -> None:
    edge = Edge().live()
    join = edge.join("/live/hall/stream.mp3", icy_metadata="1")
    assert join.form is Form.ICY
    assert b"icy-metaint: 9600\r\n" in join.head
    assert edge.join("/live/hall/stream.aac", icy_metadata="1").form is Form.AAC


def test_a_title_cannot_break_the_head() -> None:
    edge = Edge().live()
    edge.directory.apply("state", "hall", to_json(state(title="a\r\nSet-Cookie: x=1 ü€")))
    head = edge.join("/live/hall/stream.mp3", icy_metadata="1").head
    assert b"\r\nSet-Cookie" not in head
    assert head.count(b"\r\n\r\n") == 1


def test_http_1_0_gets_a_plain_body() -> None:
    edge = Edge().live()
    request = Request("GET", b"/live/hall/stream.mp3", {}, chunked=False)
    join = edge.service.answer(request, NOW)
    assert isinstance(join, Join)
    assert b"Transfer-Encoding" not in join.head


def test_head_of_a_stream_is_only_a_head() -> None:
    assert Edge().live().join("/live/hall/push.mp4", method="HEAD").head_only


def test_hls_leads_from_master_to_bytes() -> None:
    edge = Edge().live()
    master = edge.ask("/live/hall/master.m3u8").body.decode()
    assert "run1/aac/audio.m3u8" in master
    playlist = edge.ask("/live/hall/run1/aac/audio.m3u8")
    assert "max-age=1" in playlist.headers["Cache-Control"]
    assert b"seg-0.m4s" in playlist.body
    segment = edge.ask("/live/hall/run1/aac/seg-0.m4s")
    assert (segment.status, "immutable" in segment.headers["Cache-Control"]) == (200, True)
    assert "immutable" in edge.ask("/live/hall/run1/aac/init.mp4").headers["Cache-Control"]
    assert edge.ask("/live/hall/other/aac/seg-0.m4s").status == 404
    assert edge.ask("/live/hall/run1/aac/seg-99.m4s").status == 404


def test_a_filled_segment_is_never_cached() -> None:
    edge = Edge().live(messages=20)
    channel = edge.channels["hall"]
    channel.learn(state(State.ENDED), 0, EPOCH_US)
    assert channel.ends(10**10)
    answer = edge.ask("/live/hall/run1/aac/fill-edge-0-1.m4s")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")


def test_the_page_is_filled_and_guarded() -> None:
    answer = Edge().live().ask("/s/hall", host="example.org:8000")
    assert b"<title>A talk</title>" in answer.body
    assert b"http://example.org:8000/s/hall" in answer.body
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"]
    nasty = Edge().live().ask("/s/hall", host='"><script>')
    assert b"<script>" not in nasty.body


def test_without_a_built_page_the_streams_go_on() -> None:
    edge = Edge().live()
    edge.service._template = None
    assert edge.ask("/s/hall").status == 503
    assert edge.join("/live/hall/push.mp4").head


def test_assets_are_compressed_and_kept_for_ever() -> None:
    edge = Edge()
    plain = edge.ask("/assets/app.js")
    packed = edge.ask("/assets/app.js", accept_encoding="br, gzip")
    assert len(packed.body) < len(plain.body)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in plain.headers["Cache-Control"]
    again = edge.ask("/assets/app.js", if_none_match=plain.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert edge.ask("/assets/other.js").status == 404


def test_edges_are_listed_for_players() -> None:
    body = json.loads(Edge().ask("/live/edges.json").body)
    assert body == {"edges": [{"id": "edge-0", "bases": [":1"], "weight": 1}]}


def test_state_is_never_cached_and_open_to_all() -> None:
    answer = Edge().live().ask("/live/hall/state.json")
    assert json.loads(answer.body)["edge"] == "edge-0"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_other_methods_are_answered_with_a_sentence() -> None:
    edge = Edge().live()
    refused = edge.ask("/live/hall/push.mp4", method="DELETE")
    assert refused.status == 405
    assert refused.headers["Allow"] == "GET, HEAD, OPTIONS"
    card = edge.ask("/s/hall/card.png")
    assert (card.status, b"not here yet" in card.body) == (404, True)
    preflight = edge.ask("/live/hall/reactions", method="OPTIONS")
    assert preflight.status == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def test_answers_say_how_long_they_are() -> None:
    answer = Answer(200, b"abc", {"X": "y"})
    assert answer.bytes(keep=True).endswith(b"Connection: keep-alive\r\n\r\nabc")
    head = answer.bytes(keep=False, with_body=False)
    assert b"Content-Length: 3\r\n" in head
    assert head.endswith(b"Connection: close\r\n\r\n")
    assert b"Content-Length" not in Answer(204, b"", {}).bytes(keep=True)


def test_the_page_names_the_watch_and_may_ask_it() -> None:
    directory = Directory(EdgeInfo("edge-0", (":1",)))
    directory.loaded = True
    directory.apply("state", "hall", to_json(state(State.LIVE)))
    template = Template(f"<head>{HEAD_MARK}</head>{STATE_MARK}")
    service = Service(directory, {}, template, {}, Access(watch=":8100"))
    for target in (b"/s/hall", b"/live/hall/state.json"):
        answer = service.answer(Request("GET", target, {"host": "h:8000"}), NOW)
        assert isinstance(answer, Answer)
        assert b'"watch":":8100"' in answer.body
        if target == b"/s/hall":
            guard = answer.headers["Content-Security-Policy"]
            assert "connect-src 'self' http://h:1 http://h:8100;" in guard
