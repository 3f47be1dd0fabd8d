"""Plain servers of a copy: nginx as it is shipped, Python's own, and a bucket of S3."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer
from tests.integration.edge.test_behind_nginx import packaged
from tests.integration.watch.foreign_clients import free_port

ROOT = Path(__file__).parents[3]
START_WAIT_S = 10.0
KEY = "a-key-of-this-test"


@contextmanager
def nginx_of(copy: Path, folder: Path) -> Iterator[str]:
    """The address of `deploy/nginx-status-copy.conf` in a real nginx; `folder` is its own."""
    port = free_port()
    folder.mkdir()
    text = (ROOT / "deploy/nginx-status-copy.conf").read_text()
    for ours, theirs in (
        ("listen 8090;", f"listen 127.0.0.1:{port};"),
        ("root /var/lib/rostra/status-copy;", f"root {copy};"),
    ):
        assert text.count(ours) == 1, ours
        text = text.replace(ours, theirs)
    (folder / "copy.conf").write_text(text)
    temps = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temps}include {folder}/copy.conf;\n}}\n"
    )
    process = subprocess.Popen([packaged(), "-p", str(folder), "-c", str(main)])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    end = time.monotonic() + START_WAIT_S
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing: tests read answers."""


@contextmanager
def python_of(copy: Path) -> Iterator[str]:
    """The address of `python -m http.server` in `copy`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(copy))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class S3:
    """An S3-compatible store on a real socket, with the bucket `status`."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
        )
        self.client.create_bucket(Bucket="status")

    def head(self, path: str) -> dict[str, str]:
        """What the store keeps of an object, beside its bytes."""
        found = self.client.head_object(Bucket="status", Key=path)
        return {"media": found["ContentType"], "cache": found["CacheControl"]}

    def read(self, path: str) -> bytes:
        """An object's bytes."""
        body: bytes = self.client.get_object(Bucket="status", Key=path)["Body"].read()
        return body

    def paths(self) -> set[str]:
        """Of everything, as far as one page of a listing goes (1,000)."""
        found = self.client.list_objects_v2(Bucket="status")
        return {one["Key"] for one in found.get("Contents", [])}


@contextmanager
def s3() -> Iterator[S3]:
    """A store that lives until the block ends."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield S3(f"http://127.0.0.1:{port}")
    finally:
        server.stop()
