"""Joins: how many listeners a second one edge takes in, plain and by TLS, and who feels it.

    python -m benchmarks.joins [--quick] [--rounds 3]

While 4,000 listeners hear, a crowd joins at 10,000 a second for two seconds; then TLS 1.3 joins
with and without resumption as fast as the edge takes them; then what a TLS listener costs beside
a plain one at the same tick.
"""

import statistics
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks import bench, figures, machine
from benchmarks.bench import SETTLE_S, TAIL_S, Bench, Crowd
from benchmarks.figures import Case, moved
from benchmarks.house import Cost, DemoHouse, knows

EARLIER = 4_000
JOINS_PER_S = 10_000
JOIN_S = 2.0
PHASE_S = 5.0
"""Four stretches: just joined, before, during and after; the joins and their burst fit into one."""
TLS_RATES = {"full": (2_000, 3_000), "resumed": (6_000, 9_000)}
"""Joins a second asked for (more than the goal, so that the edge sets the pace), and how many."""
TLS_LISTENERS = 2_000
HANDLES = 19_800
CERTIFICATE = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"


def certificate(folder: Path) -> dict[str, str]:
    """The settings for an edge that speaks TLS, with a P-256 certificate of its own."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    words = [*CERTIFICATE.split(), "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(words, check=True, capture_output=True)
    return {"ROSTRA_EDGE__TLS_CERT": str(cert), "ROSTRA_EDGE__TLS_KEY": str(key)}


def knows_tls() -> bool:
    """Whether this tree's edge speaks TLS."""
    return knows("edge.tls_cert")


def one_house(kit: Bench, name: str, settings: Mapping[str, str]) -> DemoHouse:
    """A house in a folder of its own, with room for as many listeners as handles allow."""
    folder = kit.folder / name
    folder.mkdir()
    more = {**settings, "ROSTRA_EDGE__LISTENERS_MAX": str(HANDLES)}
    if knows("edge.ticks"):
        more.setdefault("ROSTRA_EDGE__TICKS", "[3]")
    return DemoHouse(folder, kit.load_core, more)


def pinned(kit: Bench, house: DemoHouse) -> int:
    """The edge's process, alone on its core."""
    pid = house.edge_pids()[0]
    machine.pin(pid, kit.server_core)
    return pid


def push_path(house: DemoHouse) -> str:
    """Where the crowd listens: with a ticket, where houses have tickets."""
    ticket = house.ticket()
    return f"/live/{house.space}/push.mp4" + (f"?ticket={ticket}" if ticket else "")


def flood(kit: Bench, house: DemoHouse, joins_per_s: int) -> Case:
    """Two seconds of joins beside earlier listeners."""
    pid, path, port = pinned(kit, house), push_path(house), house.edge_port()
    count = min(int(joins_per_s * JOIN_S), HANDLES - EARLIER - 1_500)
    earlier = Crowd(port, path, EARLIER, 4 * PHASE_S, words=("-p", "4"))
    late = Crowd(port, path, count, PHASE_S, joins_per_s=joins_per_s)
    with kit.crowd(earlier) as before:
        before.joined(EARLIER)
        before.phase(1)
        calm = Cost(pid)
        before.phase(2)
        calm_share = calm.spent_s() / PHASE_S
        cost, at = Cost(pid), time.monotonic()
        with kit.crowd(late) as running:
            joined = running.joined(count)
            lasted = time.monotonic() - at
            cpu_us = (cost.spent_s() - calm_share * lasted) * 1e6 / count
            sums = before.last()
            running.last()
    quiet, during = sums["phases"][1], sums["phases"][2]
    return {
        "joins": count,
        "asked_per_s": joins_per_s,
        "joins_per_s": round(count / max(joined["seconds"], 1e-9)),
        "lasted_s": round(lasted, 2),
        "cpu_us_per_join": round(cpu_us, 1),
        "first_byte_ms_p50": joined["first_byte_ms_p50"],
        "first_byte_ms_p99": joined["first_byte_ms_p99"],
        "earlier_p99_ms_before": quiet["interval_ms_p99"],
        "earlier_p99_ms_during": during["interval_ms_p99"],
        "earlier_max_ms_during": during["gap_ms_max"],
        "earlier_moved": moved(quiet["interval_ms_p99"], during["interval_ms_p99"]),
        "disconnected": sums["disconnected"],
    }


def tls_joins(kit: Bench, house: DemoHouse, kind: str) -> Case:
    """TLS 1.3 joins of one kind: the rate, and the edge's CPU for each."""
    pid, (rate, count) = pinned(kit, house), TLS_RATES[kind]
    words = ("-R",) if kind == "resumed" else ()
    crowd = Crowd(house.edge_port(), push_path(house), count, 0.5, joins_per_s=rate,
                  words=words, program="crowd_tls")  # fmt: skip
    cost = Cost(pid)
    with kit.crowd(crowd) as running:
        joined = running.joined(count)
        cpu_us = cost.spent_s() * 1e6 / count
        running.last()
    return {
        "kind": kind,
        "joins": count,
        "joins_per_s": round(count / joined["seconds"]),
        "resumed": joined["resumed"],
        "cpu_us_per_join": round(cpu_us, 1),
        "core_share": round(cpu_us * count / 1e6 / joined["seconds"], 2),
        "first_byte_ms_p50": joined["first_byte_ms_p50"],
        "first_byte_ms_p99": joined["first_byte_ms_p99"],
    }


def listeners(kit: Bench, house: DemoHouse, program: str, seconds: float) -> Case:
    """What an open listener costs, by TLS or plain."""
    pid = pinned(kit, house)
    stay = SETTLE_S + seconds + TAIL_S
    crowd = Crowd(house.edge_port(), push_path(house), TLS_LISTENERS, stay,
                  joins_per_s=500, program=program)  # fmt: skip

    def during() -> Case:
        cost = Cost(pid)
        time.sleep(seconds)
        return {"us": cost.us_per_listener_second(TLS_LISTENERS)}

    result, seen = kit.heard(crowd, during)
    kept = ("gaps", "disconnected", "interval_ms_p99")
    return {"program": program, **result, **{key: seen[key] for key in kept}}


def _median(rounds: list[Case]) -> Case:
    return figures.merged([[one] for one in rounds], ())[0]


def measure(kit: Bench, rounds: int, *, quick: bool) -> Case:
    """All of it; what this tree cannot do yet is left out and said."""
    machine.raise_handles(EARLIER)
    rate = JOINS_PER_S // 4 if quick else JOINS_PER_S
    seconds = 4.0 if quick else 8.0
    left_out = [] if DemoHouse.knows_tickets() else ["Tickets: this tree has none yet."]
    tickets = {"ROSTRA_EDGE__TICKETS": "required"} if knows("edge.tickets") else {}
    floods = []
    for number in range(rounds):
        with one_house(kit, f"flood-{number}", tickets) as house:
            floods.append(flood(kit, house, rate))
            print(floods[-1], flush=True)
    result: Case = {"left_out": left_out, "flood": _median(floods)}
    if not knows_tls():
        left_out.append("TLS: this tree's edge does not speak it yet.")
        return result
    tls = certificate(kit.folder)
    joins: dict[str, list[Case]] = {kind: [] for kind in TLS_RATES}
    pairs: list[tuple[Case, Case]] = []
    for number in range(rounds):
        with one_house(kit, f"tls-{number}", tls) as house:
            for kind, each in joins.items():
                each.append(tls_joins(kit, house, kind))
                print(each[-1], flush=True)
            by_tls = listeners(kit, house, "crowd_tls", seconds)
        with one_house(kit, f"plain-{number}", {}) as house:
            pairs.append((by_tls, listeners(kit, house, "crowd", seconds)))
        print(pairs[-1], flush=True)
    result["tls_joins"] = [_median(each) for each in joins.values()]
    result["tls_listener"] = {
        "listeners": TLS_LISTENERS,
        "tls_us": round(statistics.median(one["us"] for one, _ in pairs), 2),
        "plain_us": round(statistics.median(two["us"] for _, two in pairs), 2),
        "ratio": round(statistics.median(one["us"] / two["us"] for one, two in pairs), 3),
    }
    return result


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--rounds", type=int, help="the median counts (3; quick: 1)")
    given = parser.parse_args()
    rounds = given.rounds or (1 if given.quick else 3)
    bench.run("joins", lambda kit: measure(kit, rounds, quick=given.quick), dry=given.dry)


if __name__ == "__main__":
    main()
