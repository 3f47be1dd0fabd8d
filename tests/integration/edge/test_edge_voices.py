"""Reactions, hands and ids over real sockets: each answer of the reference, and what it counts."""

import json

import pytest
from tests.fakes.grid_messages import state
from tests.integration.edge.edge_house import Client, House, house, until
from tests.integration.edge.test_edge_metrics import metrics

from rostra.app import edge_bridge
from rostra.delivery.bodies import WRITTEN_BYTES_MAX
from rostra.delivery.voices import REACTIONS_PER_LISTENER
from rostra.domain.space import State
from rostra.wire.messages import read_tally, to_json

ANN = "ann-ann-ann-ann-1"
CLAP = f'{{"reaction":"clap","listener":"{ANN}"}}'.encode()
HAND = f'{{"up":true,"listener":"{ANN}"}}'.encode()


def post(subject: House, name: str, body: bytes, space: str = "hall") -> Client:
    head = f"POST /live/{space}/{name} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n"
    return subject.client(head.encode() + body).answer()


def code(client: Client) -> str:
    return str(json.loads(client.raw_body())["error"]["code"])


def test_a_reaction_and_a_hand_are_taken_and_told_with_the_tally() -> None:
    with house() as subject:
        subject.say()
        taken = post(subject, "reactions", CLAP)
        assert (taken.status, taken.raw_body()) == (202, b'{"ok":true}')
        assert taken.headers()["access-control-allow-origin"] == "*"
        assert "set-cookie" not in taken.headers()
        taken.data = b""
        taken.sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")  # it was kept
        assert taken.answer().status == 200
        assert post(subject, "hands", HAND).status == 202
        sent = subject.backbone.published["tally.edge-0"]

        def told() -> tuple[int, list[str]]:
            rows = [row for one in sent for row in read_tally(one).spaces]
            claps = sum(row.reactions.get("clap", 0) for row in rows)
            return claps, [one for row in rows for one, up in row.hands.items() if up]

        until(lambda: told() == (1, [ANN]), "both in the tallies")
        now = metrics(subject)
        assert now["rostra_edge_voices_total/reactions"] == 1
        assert now["rostra_edge_voices_total/hands"] == 1


def test_what_is_not_taken_is_answered_and_counted() -> None:
    with house() as subject:
        assert code(post(subject, "reactions", CLAP, "nowhere")) == "no_such_space"
        subject.do(subject.backbone.put("state", "hall", to_json(state(State.SCHEDULED))))
        until(lambda: subject.edge.service.directory.space("hall") is not None, "the space")
        early = post(subject, "reactions", CLAP)
        assert (early.status, code(early)) == (409, "not_open")
        subject.say()
        bad = post(subject, "reactions", HAND)
        assert (bad.status, code(bad)) == (400, "bad_body")
        large = post(subject, "hands", HAND + b" " * WRITTEN_BYTES_MAX)
        assert (large.status, code(large)) == (413, "too_large")
        assert post(subject, "hands", b" " * 5_000).status == 413
        asked = subject.get("/live/hall/hands").answer()
        assert (asked.status, asked.headers()["allow"]) == (405, "POST, OPTIONS")
        assert metrics(subject)["rostra_edge_voices_refused_total/body"] == 2
        subject.do(subject.backbone.put("state", "hall", to_json(state(State.ENDED))))
        until(lambda: post(subject, "hands", HAND).status == 410, "the end at the edge")


def test_reactions_by_the_thousand_cost_a_short_answer_each() -> None:
    with house() as subject:
        subject.say()
        answers = [
            post(subject, "reactions", CLAP) for _ in range(REACTIONS_PER_LISTENER.burst + 9)
        ]
        refused = [one for one in answers if one.status == 429]
        assert len(refused) >= 5
        assert {code(one) for one in refused} == {"too_often"}
        assert {one.headers()["retry-after"] for one in refused} == {"1"}
        assert all(len(one.data) < 600 for one in refused)
        assert metrics(subject)["rostra_edge_voices_refused_total/listener"] == len(refused)


def test_a_player_that_starts_at_the_master_is_one_session() -> None:
    with house() as subject:
        subject.say()
        subject.send(40)
        lists = set()
        for _ in range(3):
            master = subject.get("/live/hall/master.m3u8").answer()
            assert master.headers()["cache-control"] == "no-store"
            lines = [x for x in master.raw_body().decode().split() if x.startswith("run1/")]
            assert len({line.partition("?")[2] for line in lines}) == 1, "one id for all codecs"
            lists.add(lines[0])
        for line in sorted(lists) * 2:
            assert subject.get(f"/live/hall/{line}").answer().status == 200
        assert subject.get("/live/hall/run1/aac/seg-0.m4s").answer().status == 200
        until(lambda: metrics(subject).get("rostra_edge_listeners/hls/hall") == 3, "three sessions")
        assert metrics(subject)["rostra_edge_sessions_refused_total"] == 0


def test_a_hand_is_told_when_the_backbone_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_bridge, "TALLY_S", 0.05)
    with house() as subject:
        subject.say()
        sent = subject.backbone.published["tally.edge-0"]
        until(lambda: bool(sent), "a tally")
        subject.backbone.down = True
        lost = subject.bridge.tally.sequence
        assert post(subject, "hands", HAND).status == 202
        until(lambda: subject.bridge.tally.sequence > lost + 2, "tallies that went nowhere")
        sent.clear()
        subject.backbone.down = False

        def hands() -> list[dict[str, bool]]:
            return [row.hands for one in sent for row in read_tally(one).spaces if row.hands]

        until(lambda: bool(hands()), "the hand in a tally")
        assert hands()[0] == {ANN: True}
