"""People who report: each from an address of its own, at a steady rate, whatever is answered.

    python -m benchmarks.report_load PORT REPORTS PER_SECOND COMPONENT ADDRESSES

Prints one line of JSON: how many were sent, acknowledged and refused, and how long an answer took
from the moment when it was due (an open loop: a slow server has no fewer reporters).
"""

import asyncio
import json
import sys
import time
from collections import Counter

import uvloop
from benchmarks.figures import percentile

PER_PREFIX = 40
"""Addresses of one /24, below the bound of what one network counts."""
PATIENCE_S = 30.0
AT_ONCE = 2_000
"""Connections under way; beyond it the load itself is too slow, and says so."""


def address(number: int) -> str:
    """A source address of loopback."""
    prefix, host = divmod(number, PER_PREFIX)
    return f"127.{1 + prefix // 250}.{1 + prefix % 250}.{1 + host}"


class Load:
    """What has come of it so far."""

    def __init__(self, port: int, component: str) -> None:
        self._port = port
        body = json.dumps({"component": component, "kind": "no_sound", "place": "ES"}).encode()
        head = (
            f"POST /status/api/reports HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self._request = head.encode() + body
        self.sent = 0
        self.answers: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.took_ms: list[float] = []

    async def report(self, source: str, due: float) -> None:
        """One report on a connection of its own."""
        self.sent += 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", self._port, local_addr=(source, 0)
                )
                writer.write(self._request)
                answer = await reader.read()
                writer.close()
        except (OSError, TimeoutError) as error:
            self.answers[type(error).__name__] += 1
            return
        status = answer[9:12].decode() or "cut"
        self.answers[status] += 1
        if status == "201":
            self.took_ms.append((time.perf_counter() - due) * 1e3)
            body = answer.partition(b"\r\n\r\n")[2]
            # A watch that is killed may be cut off within its answer: that is acknowledged too.
            told = json.loads(body) if body.endswith(b"}") else {"outcome": "cut", "proof": "cut"}
            self.outcomes[f"{told['outcome']}/{told['proof']}"] += 1


async def run(port: int, reports: int, per_second: float, component: str, addresses: int) -> Load:
    """Send them all, and wait for every answer."""
    load = Load(port, component)
    under_way: set[asyncio.Task[None]] = set()
    begin = time.perf_counter()
    for number in range(reports):
        due = begin + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if len(under_way) >= AT_ONCE:
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(load.report(address(number % addresses), due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    if under_way:
        await asyncio.wait(under_way)
    return load


def main() -> None:
    """Report, and tell."""
    port, reports, addresses = (int(sys.argv[at]) for at in (1, 2, 5))
    begin = time.perf_counter()
    load = uvloop.run(run(port, reports, float(sys.argv[3]), sys.argv[4], addresses))
    took = load.took_ms or [0.0]
    print(
        json.dumps(
            {
                "sent": load.sent,
                "seconds": round(time.perf_counter() - begin, 2),
                "acknowledged": load.answers["201"],
                "answers": dict(load.answers),
                "outcomes": dict(load.outcomes),
                "ack_ms_p50": round(percentile(took, 0.5), 1),
                "ack_ms_p95": round(percentile(took, 0.95), 1),
                "ack_ms_p99": round(percentile(took, 0.99), 1),
            }
        )
    )


if __name__ == "__main__":
    main()
