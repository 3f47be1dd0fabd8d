"""What an edge's `/metrics` say of listeners, hold audio and messages that were refused."""

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import House, house, until

from rostra.app.edge_metrics import registry_of
from rostra.delivery.channel import KEEP_NS
from rostra.delivery.service import Now
from rostra.domain.space import State


def metrics(subject: House) -> dict[str, float]:
    """Every sample as Prometheus reads it, labels in the name as they are written."""
    text = generate_latest(registry_of(subject.edge, subject.bridge)).decode()
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return {
        sample.name
        + "".join(f"/{sample.labels[key]}" for key in sorted(sample.labels)): sample.value
        for sample in samples
    }


def test_listeners_and_bytes_are_counted() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        clients = [subject.get(f"/live/hall/{n}") for n in ("push.mp4", "push.mp4", "stream.mp3")]
        subject.listening(3)
        until(lambda: metrics(subject).get("rostra_edge_listeners/push/hall") == 2, "two of push")
        subject.send(6)
        now = metrics(subject)
        assert now["rostra_edge_listeners/mp3/hall"] == 1
        assert now["rostra_edge_connections"] == 3
        assert now["rostra_edge_joins_total"] == 3
        assert now["rostra_edge_writes_total"] >= 6, "three buckets, two ticks each"
        assert now["rostra_edge_bytes_total"] > 2 * 45 * 10
        assert now["rostra_edge_pass_seconds_count"] >= 26
        assert now["rostra_edge_cpu_seconds_total"] > 0
        assert now["rostra_edge_turn_age_seconds"] < 5
        clients[0].sock.close()
        subject.listening(2)
        assert metrics(subject)["rostra_edge_leaves_total"] == 1


def test_what_was_filled_or_refused_stays_counted_when_its_space_is_forgotten() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        subject.publish(message(23))
        until(lambda: subject.newest() == 23, "three filled and one real")
        until(lambda: subject.newest() > 25, "hold audio")
        subject.publish(message(24))
        until(lambda: metrics(subject)["rostra_edge_late_total"] == 1, "the late one")
        subject.do(subject.backbone.publish("prog.hall", b"not a message"))
        subject.do(subject.backbone.put("state", "broken", b"{"))
        until(lambda: metrics(subject)["rostra_edge_entries_refused_total"] == 1, "the entry")
        subject.say(State.ENDED)
        until(lambda: subject.edge.hall.channels["hall"].over, "the end")
        before = metrics(subject)
        assert before["rostra_edge_malformed_total"] == 1
        assert before["rostra_edge_filled_total"] >= 3
        subject.edge.inbox.put(
            (lambda hall, now: hall.tend_all(Now(now.mono_ns + 2 * KEEP_NS, now.utc_us)), 0)
        )
        until(lambda: not subject.edge.hall.channels, "the space to be forgotten")
        after = metrics(subject)
        for name in ("filled", "late", "malformed", "entries_refused", "unplaced"):
            assert after[f"rostra_edge_{name}_total"] == before[f"rostra_edge_{name}_total"], name
