"""Would a send loop outside the interpreter pay? Python beside C and io_uring, same sockets.

    python -m benchmarks.sendloop [--quick] [--listeners 4000] [--rounds 200]

In one process, over the same sockets, with the same bytes, in turn: the edge's own
`Group.write`, a C loop over an array of handles called by ctypes, and io_uring in batches. The
far ends are in another process on another core, which reads all. By the clock stands beside CPU, so
that nothing hides in a context that is not ours. A gain above 15 % of CPU would
justify a driver of its own beside the Python one; less does not.
"""

import ctypes
import os
import resource
import select
import socket
import statistics
import sys
import time
from collections.abc import Callable

from benchmarks import bench, machine
from benchmarks.bench import MESSAGE_MS, Bench, on_core
from benchmarks.figures import Case

from rostra.delivery.cutting import Cutter, Form
from rostra.delivery.drivers.fanout import Events, Fan
from rostra.delivery.drivers.groups import Listener
from rostra.delivery.drivers.stats import Stats
from rostra.delivery.window import Window

GAIN_MIN = 15.0
"""Percent of CPU that a loop outside the interpreter must save."""
PAUSE_S = 0.02
"""Between two passes, so that the far side has read all and no socket is full."""
TICKS = (1, 3, 9)
BYTES_PER_MS = 6.4
"""48 kbit/s with boxes and notices, as the edge writes it."""
READ_BYTES = 1 << 20

Pass = Callable[[bytes], None]


class Sockets:
    """N connections over loopback whose far ends are read in a child process."""

    def __init__(self, count: int, reader_core: int) -> None:
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen(4096)
        self._pid = os.fork()
        if self._pid == 0:
            self._read(server.getsockname(), count, reader_core)
        self.near = [server.accept()[0] for _ in range(count)]
        for sock in self.near:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.close()

    def close(self) -> None:
        """End the reader by the end of its connections."""
        for sock in self.near:
            sock.close()
        os.waitpid(self._pid, 0)

    @staticmethod
    def _read(address: tuple[str, int], count: int, core: int) -> None:
        os.sched_setaffinity(0, {core})
        poll = select.epoll()
        far = {}
        for _ in range(count):
            sock = socket.create_connection(address)
            far[sock.fileno()] = sock
            poll.register(sock.fileno(), select.EPOLLIN)
        while far:
            for fd, _ in poll.poll():
                if not far[fd].recv(READ_BYTES, socket.MSG_TRUNC):
                    poll.unregister(fd)
                    far.pop(fd).close()
        os._exit(0)


def python_pass(sockets: Sockets) -> Pass:
    """The edge's own loop over its own listeners."""
    nothing = Events(lambda _: None, lambda _: None, lambda _: None)
    group = Fan(Cutter(Window()), Stats(), nothing).group(Form.PUSH, chunked=True)
    for sock in sockets.near:
        group.admit(Listener(sock, group))

    def write(data: bytes) -> None:
        short = group.write(data)
        if short:
            machine.stop(f"{len(short)} sockets did not take a block; the reader is too slow.")

    return write


def c_pass(sockets: Sockets, library: ctypes.CDLL, name: str) -> Pass:
    """A function of sendloop.c over an array of handles."""
    function = getattr(library, name)
    function.restype = ctypes.c_long
    count = len(sockets.near)
    handles = (ctypes.c_int * count)(*(sock.fileno() for sock in sockets.near))
    sent = (ctypes.c_int * count)()
    function.argtypes = [
        type(handles), ctypes.c_long, ctypes.c_char_p, ctypes.c_long, type(sent)
    ]  # fmt: skip

    def write(data: bytes) -> None:
        whole = function(handles, count, data, len(data), sent)
        if whole != count:
            sentence = f"{name}: {count - whole} sockets did not take a block ({min(sent)})."
            machine.stop(sentence)

    return write


def cpu_s() -> float:
    """CPU of this process, kernel included, and any worker that the kernel made for it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def compare(passes: dict[str, Pass], data: bytes, count: int, rounds: int) -> Case:
    """Microseconds a write of each, in turn; gains over Python as medians of the same rounds."""
    spent: dict[str, list[float]] = {name: [] for name in passes}
    lasted: dict[str, list[float]] = {name: [] for name in passes}
    names = list(passes)
    for number in range(rounds + 1):
        for name in names if number % 2 else reversed(names):
            before, start_s = cpu_s(), time.perf_counter()
            passes[name](data)
            used, took = cpu_s() - before, time.perf_counter() - start_s
            if number:  # the first round warms sockets and caches
                spent[name].append(used * 1e6 / count)
                lasted[name].append(took * 1e6 / count)
            time.sleep(PAUSE_S)
    case: Case = {f"{name}_us": round(statistics.median(each), 3) for name, each in spent.items()}
    for name in names[1:]:
        case[f"{name}_gain_percent"] = _gain(spent[names[0]], spent[name])
        case[f"{name}_gain_percent_by_the_clock"] = _gain(lasted[names[0]], lasted[name])
    return case


def _gain(python: list[float], other: list[float]) -> float:
    pairs = zip(python, other, strict=True)
    return round(statistics.median(100 * (1 - two / one) for one, two in pairs if one), 1)


def measure(kit: Bench, listeners: int, rounds: int) -> Case:
    """Every tick's size of block, over one set of sockets."""
    machine.raise_handles(listeners)
    library = ctypes.CDLL(str(kit.program("sendloop.so")))
    left_out = []
    with on_core(kit.server_core):
        sockets = Sockets(listeners, kit.load_core)
        passes = {"python": python_pass(sockets), "c": c_pass(sockets, library, "send_loop")}
        missing = library.batch_begin()
        if missing:
            left_out.append(f"io_uring is left out: the kernel says {os.strerror(missing)}.")
            print(left_out[0], file=sys.stderr)
        else:
            passes["io_uring"] = c_pass(sockets, library, "send_batch")
        cases = []
        for tick in TICKS:
            size = round(tick * MESSAGE_MS * BYTES_PER_MS)
            case = compare(passes, os.urandom(size), listeners, rounds)
            cases.append({"bytes": size, "tick_ms": round(tick * MESSAGE_MS), **case})
            print(cases[-1], flush=True)
        sockets.close()
    return {"listeners": listeners, "rounds": rounds, "left_out": left_out, "cases": cases}


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--listeners", type=int, default=4_000, help="sockets (4,000)")
    parser.add_argument("--rounds", type=int, help="passes of each (200; quick: 20)")
    given = parser.parse_args()
    rounds = given.rounds or (20 if given.quick else 200)
    bench.run("sendloop", lambda kit: measure(kit, given.listeners, rounds), dry=given.dry)


if __name__ == "__main__":
    main()
