"""CPU of push per listener-second: the real edge beside a bare C send loop and what others run.

    python -m benchmarks.push [--quick] [--rounds 3] [--seconds 8] [--no-peers]

The server is alone on one core; crowd, studio and everything else are on another. The floor
follows the edge in each round and writes as many bytes at the same tick and in the same buckets.
"""

import time
from dataclasses import replace

from benchmarks import bench, figures, machine, peers
from benchmarks.bench import MESSAGE_MS, SETTLE_S, TAIL_S, Bench, Crowd
from benchmarks.figures import Case
from benchmarks.house import Cost, DemoHouse, knows

TICKS = (1, 3, 9)
"""In messages: 107, 320 and 960 ms."""
PRESENT_TICK = 3
"""The edge's only tick while it has no setting for another."""
SIZES = (1_000, 4_000, 10_000, 18_000)
PEER_SIZES = (4_000,)
CORE_SHARE_MAX = 0.9
"""A cell in which the bare loop alone would need more than this of a core is left out."""
FLOOR_GUESS_US = {1: 80.0, 3: 28.0, 9: 14.0}
"""Of the first cell of a tick, before the floor has been measured at it."""
PEERS: tuple[type[peers.Peer], ...] = (peers.NginxHls, peers.Nchan, peers.Icecast)
KEYS = ("server", "tick_ms", "listeners")


class PushBench:
    """The cells of one run."""

    def __init__(self, kit: Bench, seconds: float, ticks: tuple[int, ...]) -> None:
        self.kit = kit
        self.seconds = seconds
        self.ticks = ticks
        self.left_out: list[str] = []
        self._floor_us = {tick: FLOOR_GUESS_US.get(tick, 28.0) for tick in ticks}
        self._tick_bytes = {tick: round(tick * MESSAGE_MS * 6.4) for tick in ticks}

    def crowd(self, port: int, path: str, listeners: int, tick: int) -> Crowd:
        """A crowd that stays for the measured stretch; a gap is two ticks without a byte."""
        stay_s = SETTLE_S + self.seconds + TAIL_S
        return Crowd(port, path, listeners, stay_s, 2 * tick * MESSAGE_MS)

    def cost(self, pids: list[int], listeners: int) -> Case:
        """What these processes spend for each listener and second."""
        cost = Cost(*pids)
        time.sleep(self.seconds)
        return {"us": cost.us_per_listener_second(listeners)}

    def fits(self, tick: int, listeners: int) -> bool:
        """Whether the bare loop stays below `CORE_SHARE_MAX` of the core; says it if not."""
        share = self._floor_us[tick] * listeners / 1e6
        if share > CORE_SHARE_MAX:
            words = f"{tick * MESSAGE_MS:.0f} ms with {listeners:,} listeners is left out: the"
            words += f" bare loop alone would need {share:.0%} of the core."
            if words.partition(":")[0] not in {one.partition(":")[0] for one in self.left_out}:
                self.left_out.append(words)
                print(words, flush=True)
        return share <= CORE_SHARE_MAX

    def edge(self, house: DemoHouse, listeners: int, tick: int, *, door: bool = False) -> Case:
        """Cost of the edge, or of Caddy and the edge behind it."""
        pids = house.pids()
        served = [pids["edge"], *([pids["frontdoor"]] if door else [])]
        for pid in served:
            machine.pin(pid, self.kit.server_core)
        if not door:
            machine.pin(pids["frontdoor"], self.kit.load_core)

        def during() -> Case:
            before = house.edge_counters()
            result = self.cost(served, listeners)
            writes = house.edge_counters()["rostra_edge_writes_total"]
            rate = (writes - before["rostra_edge_writes_total"]) / self.seconds / listeners
            return {**result, "writes_per_ls": rate}

        port = house.port if door else house.edge_port()
        crowd = self.crowd(port, f"/live/{house.space}/push.mp4", listeners, tick)
        result, seen = self.kit.heard(crowd, during)
        name = "front door" if door else "edge"
        return {**_cell(name, tick, listeners), **result, **_seen(seen, listeners, tick)}

    def pair(self, house: DemoHouse, tick: int, sizes: list[int]) -> list[Case]:
        """Edge and floor at each size that fits, one after the other."""
        cases: list[Case] = []
        for listeners in sizes:
            if not self.fits(tick, listeners):
                continue
            edge = self.edge(house, listeners, tick)
            self._tick_bytes[tick] = edge["tick_bytes"]
            crowd = self.crowd(0, "/", listeners, tick)
            floor = self.kit.floor(crowd, tick, edge["tick_bytes"], self.seconds)
            self._floor_us[tick] = floor["us"]
            edge["ratio"] = edge["us"] / floor["us"]
            cases += [edge, {**_cell("floor", tick, listeners), **floor}]
            costs = f"edge {edge['us']:.1f}, floor {floor['us']:.1f} µs/ls"
            where = f"{tick * MESSAGE_MS:.0f} ms, {listeners:,}"
            print(f"  {where}: {costs}, ratio {edge['ratio']:.2f}", flush=True)
        return cases

    def peer(self, made: peers.Peer, listeners: int, tick: int, tick_ms: float | None) -> Case:
        """Cost of one that people run today."""
        with made:
            crowd = self.crowd(made.port, made.path, listeners, tick)
            crowd = replace(crowd, words=made.words, program=made.program,
                            joins_per_s=made.joins_per_s)  # fmt: skip
            if tick_ms is None:
                crowd = replace(crowd, gap_ms=peers.SEGMENT_S * 1_000)
            result, seen = self.kit.heard(crowd, lambda: self.cost(made.pids(), listeners))
        case = {"server": made.name, "tick_ms": tick_ms, "listeners": listeners, **result}
        rate = seen.get("reads", seen.get("segments", 0)) / seen["seconds"] / listeners
        kept: Case = {key: seen[key] for key in ("gaps", "disconnected")}
        kbit_s = seen["bytes"] * 8 / 1_000 / seen["seconds"] / listeners
        print(f"  {made.name}, {listeners:,}: {case['us']:.1f} µs/ls", flush=True)
        return {**case, "writes_per_ls": rate, "kbit_s": round(kbit_s, 1), **kept}

    def others(self, sizes: tuple[int, ...]) -> list[Case]:
        """All peers that are here, nchan at each tick."""
        folder, core = self.kit.folder, self.kit.server_core
        cases = []
        for listeners in sizes:
            cases += [
                self.peer(kind(folder, core), listeners, PRESENT_TICK, None)
                for kind in (peers.NginxHls, peers.Icecast)
                if kind.missing() is None
            ]
            for tick in self.ticks if peers.Nchan.missing() is None else ():
                if self.fits(tick, listeners):
                    tick_ms = tick * MESSAGE_MS
                    made = peers.Nchan(folder, core, tick_ms, self._tick_bytes[tick])
                    cases.append(self.peer(made, listeners, tick, round(tick_ms)))
        return cases


def _cell(server: str, tick: int, listeners: int) -> Case:
    return {"server": server, "tick_ms": round(tick * MESSAGE_MS), "listeners": listeners}


def _seen(crowd: Case, listeners: int, tick: int) -> Case:
    per_ms = crowd["bytes"] / listeners / crowd["seconds"] / 1_000
    kept = ("gaps", "gap_ms_max", "disconnected", "first_byte_ms_p50", "first_byte_ms_p99")
    tick_bytes = round(per_ms * tick * MESSAGE_MS)
    return {"tick_bytes": tick_bytes, **{key: crowd[key] for key in kept}}


def settings_of(tick: int) -> dict[str, str]:
    """What makes an edge keep one tick; nothing while it has no other."""
    if not knows("edge.ticks"):
        return {}
    # The tick is kept and nobody is turned away: what a cell costs is asked, not what an edge does
    # about it.
    return {"ROSTRA_EDGE__TICKS": f"[{tick}]", "ROSTRA_EDGE__RELIEF": "[]"}


def measure(kit: Bench, rounds: int, seconds: float, *, quick: bool, others: bool) -> Case:
    """Every cell in every round: rounds go over all ticks, so that no tick has the quiet hour."""
    ticks = TICKS if knows("edge.ticks") else (PRESENT_TICK,)
    sizes = [1_000, 4_000] if quick else list(SIZES)
    here = PushBench(kit, seconds, ticks)
    limit = machine.raise_handles(max(sizes))
    print(limit)
    if ticks != TICKS:
        here.left_out.append("107 and 960 ms are left out: this edge has one tick, 320 ms.")
        print(here.left_out[-1])
    here.left_out += peers.absent(list(PEERS), print) if others else ["Peers were not asked for."]
    cells: list[list[Case]] = []
    for number in range(rounds):
        cases: list[Case] = []
        for tick in ticks:
            folder = kit.folder / f"house-{number}-{tick}"
            folder.mkdir()
            with DemoHouse(folder, kit.load_core, settings_of(tick)) as house:
                cases += here.pair(house, tick, sizes)
                if tick == PRESENT_TICK:
                    cases.append(here.edge(house, sizes[0], tick, door=True))
        cases += here.others(PEER_SIZES) if others else []
        cells.append(cases)
        print(f"round {number + 1} of {rounds} is done", flush=True)
    merged = figures.merged(cells, KEYS)
    return {"limit": limit, "seconds": seconds, "left_out": here.left_out, "cases": merged}


def main() -> None:
    """Measure, append a line to the history, and write page and plot anew."""
    parser = bench.options(__doc__)
    parser.add_argument("--rounds", type=int, help="the median counts (3; quick: 1)")
    parser.add_argument("--seconds", type=float, help="measured for each case (8; quick: 4)")
    parser.add_argument("--no-peers", action="store_true", help="edge and floor alone")
    given = parser.parse_args()
    rounds = given.rounds or (1 if given.quick else 3)
    seconds = given.seconds or (4.0 if given.quick else 8.0)
    others = not given.no_peers
    bench.run(
        "push",
        lambda kit: measure(kit, rounds, seconds, quick=given.quick, others=others),
        dry=given.dry,
    )


if __name__ == "__main__":
    main()
