"""The servers that people run today, for the same run: nginx with HLS, nchan, Icecast.

Each is a context manager with a port, a path for its crowd, and the processes that its cost is
read from. One that is not installed is told with the command that installs it.
"""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Self

from benchmarks import machine
from benchmarks.bench import on_core

START_S = 10.0
STOP_S = 5.0
NCHAN_MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
BYTES_PER_S = 6_000
"""48 kbit/s."""
SEGMENT_S = 2.0
SEGMENTS_LISTED = 6
HANDLES = 19_900

NGINX = """
daemon off;
master_process on;
worker_processes 1;
worker_rlimit_nofile {handles};
error_log {folder}/error.log;
pid {folder}/nginx.pid;
{modules}
events {{ worker_connections {handles}; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 65;
  keepalive_requests 1000000;
  types {{ application/vnd.apple.mpegurl m3u8; video/iso.segment m4s; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {folder}/www;
    {locations}
  }}
}}
"""

NCHAN = """
    location = /publish { nchan_publisher; nchan_channel_id live; nchan_message_buffer_length 2; }
    location = /listen { nchan_subscriber http-chunked; nchan_channel_id live;
                         nchan_subscriber_first_message newest; nchan_subscriber_timeout 0; }
"""

ICECAST = """<icecast>
<limits><clients>{handles}</clients><sources>2</sources><queue-size>524288</queue-size>
<client-timeout>30</client-timeout><header-timeout>15</header-timeout>
<source-timeout>10</source-timeout><burst-size>65535</burst-size></limits>
<authentication><source-password>bench</source-password><relay-password>bench</relay-password>
<admin-user>admin</admin-user><admin-password>bench</admin-password></authentication>
<hostname>127.0.0.1</hostname>
<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>{folder}</basedir><logdir>{folder}</logdir><webroot>{folder}/web</webroot>
<adminroot>{folder}/web</adminroot></paths>
<logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel>
</logging>
<security><chroot>0</chroot>{changeowner}</security>
</icecast>
"""
CHANGE_OWNER = (
    "<changeowner><user>{user}</user><group>{group}</group></changeowner>"  # it refuses root
)


class Peer:
    """One server on one core, and a thread on another that gives it sound."""

    name: ClassVar[str]
    install: ClassVar[str]
    path: ClassVar[str]
    words: ClassVar[tuple[str, ...]] = ()
    """Further options for its crowd."""
    program: ClassVar[str] = "crowd"
    joins_per_s: ClassVar[float] = 2_000

    def __init__(self, folder: Path, server_core: int) -> None:
        self.port = _free_port()
        self._folder = folder / self.name.replace(" ", "-")
        self._folder.mkdir(mode=0o777, exist_ok=True)
        self._folder.chmod(0o777)
        self._core = server_core
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._feeder = threading.Thread(target=self._feed, daemon=True)

    @classmethod
    def missing(cls) -> str | None:
        """The command that installs it, or None when it is here."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """Write its configuration; how it is started in the foreground."""
        raise NotImplementedError

    def feed(self) -> None:
        """Give it sound until `pause` says that it is over."""
        raise NotImplementedError

    def pids(self) -> list[int]:
        """All its processes."""
        return [] if self._process is None else machine.family(self._process.pid)

    def pause(self, until_s: float) -> bool:
        """Sleep until a moment of the monotonic clock; False when it is time to end."""
        return not self._stop.wait(max(0.0, until_s - time.monotonic()))

    def __enter__(self) -> Self:
        command = self.command()
        with on_core(self._core), (self._folder / "out.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        until = time.monotonic() + START_S
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > until:
                self.__exit__()
                words = (self._folder / "out.log").read_text(errors="replace")
                machine.stop(f"{self.name} did not start:\n{words[-2000:]}")
            time.sleep(0.05)
        self._feeder.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._feeder.is_alive():
            self._feeder.join(STOP_S)
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _feed(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.feed()  # a server that is gone takes no sound: the crowd sees it

    def _nginx(self, locations: str, modules: str = "") -> list[str]:
        (self._folder / "www").mkdir(exist_ok=True)
        conf = self._folder / "nginx.conf"
        conf.write_text(
            NGINX.format(
                folder=self._folder,
                port=self.port,
                handles=HANDLES,
                modules=modules,
                locations=locations,
            )
        )
        return [nginx() or "nginx", "-p", str(self._folder), "-c", str(conf)]


class NginxHls(Peer):
    """Segments of 2 s and a playlist of six, as files that nginx serves."""

    name = "nginx HLS"
    install = "apt-get install nginx"
    path = "/audio.m3u8"
    program = "crowd_hls"

    @classmethod
    def missing(cls) -> str | None:
        """Debian's, or any nginx on PATH."""
        return None if nginx() else cls.install

    def command(self) -> list[str]:
        """With a playlist that already names a segment."""
        words = self._nginx("")
        self._segment(0)
        return words

    def feed(self) -> None:
        """A new segment every two seconds."""
        start, number = time.monotonic(), 1
        while self.pause(start + number * SEGMENT_S):
            self._segment(number)
            number += 1

    def _segment(self, number: int) -> None:
        www = self._folder / "www"
        (www / f"seg-{number}.m4s").write_bytes(os.urandom(int(BYTES_PER_S * SEGMENT_S)))
        first = max(0, number - SEGMENTS_LISTED + 1)
        rows = [f"#EXTINF:{SEGMENT_S:.5f},\nseg-{n}.m4s" for n in range(first, number + 1)]
        head = f"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{SEGMENT_S:.0f}\n"
        text = f"{head}#EXT-X-MEDIA-SEQUENCE:{first}\n" + "\n".join(rows) + "\n"
        fresh = www / "audio.new"
        fresh.write_text(text)
        fresh.replace(www / "audio.m3u8")
        (www / f"seg-{first - 2}.m4s").unlink(missing_ok=True)


class Nchan(Peer):
    """A publisher posts each tick's bytes; listeners get them as one endless chunked answer."""

    name = "nchan"
    install = "apt-get install nginx libnginx-mod-nchan"
    path = "/listen"
    words = ("-H", "TE: chunked")

    def __init__(self, folder: Path, server_core: int, tick_ms: float, tick_bytes: int) -> None:
        super().__init__(folder, server_core)
        self._tick_s = tick_ms / 1_000
        self._tick_bytes = tick_bytes

    @classmethod
    def missing(cls) -> str | None:
        """The module is for Debian's own nginx."""
        return None if nginx() and NCHAN_MODULE.exists() else cls.install

    def command(self) -> list[str]:
        """The module loaded by its path."""
        return self._nginx(NCHAN, f"load_module {NCHAN_MODULE};")

    def feed(self) -> None:
        """One POST a tick on one connection."""
        body, number = os.urandom(self._tick_bytes), 0
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        start = time.monotonic()
        while self.pause(start + number * self._tick_s):
            line.request("POST", "/publish", body, {"Content-Type": "audio/mp4"})
            line.getresponse().read()
            number += 1
        line.close()


class Icecast(Peer):
    """A source client at 48 kbit/s, a piece every 96 ms: four frames of MP3."""

    name = "Icecast"
    install = "apt-get install icecast2"
    path = "/live"
    piece_s = 0.096
    joins_per_s = 100
    """It takes in about 140 a second."""

    @classmethod
    def missing(cls) -> str | None:
        """Debian's package brings it as `icecast2`."""
        return None if shutil.which("icecast2") else cls.install

    def command(self) -> list[str]:
        """As somebody else than root, whom it refuses."""
        (self._folder / "web").mkdir(exist_ok=True)
        owner = CHANGE_OWNER.format(user="nobody", group="nogroup") if os.geteuid() == 0 else ""
        conf = self._folder / "icecast.xml"
        conf.write_text(
            ICECAST.format(folder=self._folder, port=self.port, handles=HANDLES, changeowner=owner)
        )
        return ["icecast2", "-c", str(conf)]

    def feed(self) -> None:
        """The old SOURCE request, and then the bytes."""
        head = "SOURCE /live HTTP/1.0\r\nAuthorization: Basic c291cmNlOmJlbmNo\r\n"
        head += "Content-Type: audio/mpeg\r\nice-name: bench\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            line.sendall(head.encode())
            line.recv(1024)
            piece, number = os.urandom(round(BYTES_PER_S * self.piece_s)), 0
            start = time.monotonic()
            while self.pause(start + number * self.piece_s):
                line.sendall(piece)
                number += 1


def nginx() -> str | None:
    """The program, also where root's folders are not on PATH."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def absent(peers: list[type[Peer]], say: Callable[[str], None]) -> list[str]:
    """A sentence for each peer that is not here, said and given back."""
    out = []
    for peer in peers:
        command = peer.missing()
        if command is not None:
            out.append(f"{peer.name} is left out: it is not installed. As root: {command}")
            say(out[-1])
    return out


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
