"""People who look at the page meanwhile: one request after the other's due time, and how long.

    python -m benchmarks.report_readers PORT PATH PER_SECOND SECONDS

Prints one line of JSON when its time is over; a connection that breaks ends it early.
"""

import json
import sys
import threading
import time
import urllib.error
import urllib.request

from benchmarks.figures import percentile


class Readers:
    """Requests at a steady rate, each in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.took_ms: list[float] = []
        self.failed = 0

    def look(self, due: float) -> None:
        """One look at the page."""
        try:
            with urllib.request.urlopen(self._url, timeout=10) as answer:  # noqa: S310 - our own
                answer.read()
        except (urllib.error.URLError, OSError):
            self.failed += 1
        else:
            self.took_ms.append((time.perf_counter() - due) * 1e3)

    def run(self, per_second: float, seconds: float) -> None:
        """Look until the time is over, and wait for every answer."""
        begin, threads = time.perf_counter(), []
        for number in range(int(per_second * seconds)):
            due = begin + number / per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            threads.append(threading.Thread(target=self.look, args=(due,)))
            threads[-1].start()
        for thread in threads:
            thread.join()


def main() -> None:
    """Look, and tell."""
    port, path = int(sys.argv[1]), sys.argv[2]
    readers = Readers(f"http://127.0.0.1:{port}{path}")
    readers.run(float(sys.argv[3]), float(sys.argv[4]))
    took = readers.took_ms or [0.0]
    told = {
        "looks": len(readers.took_ms),
        "failed": readers.failed,
        "page_ms_p50": round(percentile(took, 0.5), 1),
        "page_ms_p95": round(percentile(took, 0.95), 1),
        "page_ms_max": round(max(took), 1),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
