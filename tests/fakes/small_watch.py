"""A process that a house takes for its watch: it tells its record and its health, and ends so.

python small_watch.py RECORD_FILE HEALTH_PORT RECORD_JSON [deaf]
"""

import http.server
import json
import os
import signal
import sys
from pathlib import Path


class Health(http.server.BaseHTTPRequestHandler):
    """Always well."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


class Server(http.server.ThreadingHTTPServer):
    """On loopback, without asking what this machine is called, which takes its time."""

    def server_bind(self) -> None:
        self.socket.setsockopt(1, 2, 1)
        self.socket.bind(("127.0.0.1", int(sys.argv[2])))
        self.server_name, self.server_port = "localhost", int(sys.argv[2])


def tell() -> None:
    """Write the record, with this process in it."""
    started = float(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    of_house = bool(os.environ.get("ROSTRA_WATCH_OF_HOUSE"))
    record = json.loads(sys.argv[3]) | {"pid": os.getpid(), "started": started}
    new = Path(f"{sys.argv[1]}.new")
    new.write_text(json.dumps(record | {"of_house": of_house}))
    new.replace(sys.argv[1])


def end(*_: object) -> None:
    """Leave cleanly, unless deaf."""
    if "deaf" not in sys.argv:
        sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    server = Server(("127.0.0.1", 0), Health)
    tell()
    server.serve_forever()
