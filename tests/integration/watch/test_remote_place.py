"""A place that probes for a watch elsewhere, over a real server: list, results, and refusals."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import pytest
import uvicorn
from tests.fakes import boards
from tests.fakes.faulty_server import FaultyServer, answer
from tests.until import until

from rostra.app import watch_remote, watch_teller
from rostra.app.config import Settings
from rostra.app.endings import end_all
from rostra.app.secrets import bootstrap_watch
from rostra.app.watch_options import Watch as Options
from rostra.app.watch_remote import probe_for
from rostra.app.watch_teller import (
    ANSWER_BYTES_MAX,
    BACKLOG_MAX,
    BACKOFF_S_MAX,
    Refused,
    Remote,
    mono_us,
    patience_s,
    watch_base,
)
from rostra.app.watch_tokens import own_token, place_tokens
from rostra.domain.errors import HouseError, MalformedError, PeerError
from rostra.domain.ports import Moment
from rostra.watch.board import Chart
from rostra.watch.components import Component, Target
from rostra.watch.panel import Panel
from rostra.watch.probing import Result, Step
from rostra.watch.telling import PAST_S_MAX, Listed
from rostra.web.watch_factory import create_watch_app
from rostra.web.watch_place_door import GUESS_RATE, PLACE_RATE, PlaceDoor
from rostra.web.watch_site import Site

S = 1_000_000
NOW = 1_900_000_000 * S
TOKENS = {"there": "the-token-of-there", "else": "the-token-of-elsewhere"}
HOUSE = Component("house", "House", Target.TCP, "127.0.0.1:9", every_s=5)


@dataclass
class Watch:
    """A watch that runs, and all that it was told; `away` makes it refuse results with 503."""

    components: dict[str, Component] = field(default_factory=lambda: {"house": HOUSE})
    took: list[Result] = field(default_factory=list)
    requests: int = 0
    away: bool = False
    url: str = ""
    door: PlaceDoor = field(default_factory=PlaceDoor)

    def __post_init__(self) -> None:
        self.door = PlaceDoor(TOKENS, self.components, self.take, b"salt")
        self.began_us = mono_us()

    def now(self) -> Moment:
        """Years ahead of this machine's clock, and running."""
        return Moment(mono_us() * 1_000, NOW + mono_us() - self.began_us)

    async def take(self, results: list[Result]) -> int:
        self.requests += 1
        if self.away:
            sentence = "The disk is full."
            raise HouseError(sentence)
        new = [one for one in results if one not in self.took]
        self.took += new
        return len(new)

    async def chart(self, component: str, span: str) -> Chart:
        return Chart(component, span, 900)


@asynccontextmanager
async def watching(watch: Watch) -> AsyncIterator[Watch]:
    board = boards.calm()
    site = Site(watch, lambda: board, watch.chart, places=watch.door)
    app = create_watch_app(site)
    config = uvicorn.Config(app, lifespan="off", log_level="error", access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        watch.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await until(lambda: server.started or task.done())
            yield watch
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def place(url: str, token: str = TOKENS["there"]) -> AsyncIterator[Remote]:
    remote = Remote(url, token)
    try:
        yield remote
    finally:
        await remote.close()


def result(at_us: int, component: str = "house") -> Result:
    return Result(component, "there", at_us, ok=True, steps=(Step("connect", 1.0),))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_teller, "POST_EVERY_S", 0.01)
    monkeypatch.setattr(watch_teller, "BACKOFF_FIRST_S", 0.01)
    monkeypatch.setattr("rostra.app.watch_probes.SPREAD_S", 0.01)
    monkeypatch.setattr("rostra.app.watch_probes.AGAIN_S", 0.01)


async def test_a_place_probes_what_the_watch_lists_and_is_believed_by_its_panel() -> None:
    async with watching(Watch()) as watch, place(f"{watch.url}/status/") as remote:
        work = asyncio.create_task(probe_for(remote))
        await until(lambda: len(watch.took) >= 2)
        assert abs(remote.clock.utc_us() - watch.now().utc_us) < S
        assert remote.clock.own_error_s < -86_400
        await end_all(work)
        panel = Panel(HOUSE, ("here", "there"))
        for one in watch.took:
            panel.take(one)
        view = panel.view(watch.now().utc_us)
    assert {one.place for one in watch.took} == {"there"}
    assert all(abs(one.utc_us - NOW) < 60 * S for one in watch.took)
    assert (view.state, view.one_place) == ("failing", True)


async def test_results_wait_while_the_watch_is_away_and_none_is_sent_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch_teller, "BACKOFF_S_MAX", 0.05)
    async with watching(Watch(away=True)) as watch, place(watch.url) as remote:
        await remote.listed()
        for at in range(120):
            remote.tell(result(NOW + at))
        work = asyncio.create_task(remote.post_on(lambda: None))
        await until(lambda: watch.requests >= 2)
        assert len(remote.backlog) == 120
        watch.away = False
        await until(lambda: len(watch.took) == 120)
        await until(lambda: not remote.backlog)
        asked = watch.requests
        remote.tell(result(NOW + 500))
        await until(lambda: not remote.backlog)
        await end_all(work)
    assert watch.requests == asked + 1
    assert remote.sent == 121


async def test_what_is_unfit_is_told_twice_and_the_time_is_asked_for() -> None:
    asked: list[int] = []
    async with watching(Watch()) as watch, place(watch.url) as remote:
        remote.tell(result(NOW + 3_600 * S))
        with pytest.raises(Refused):
            await remote.post()
        assert len(remote.backlog) == 1
        await remote.listed()
        remote.tell(result(remote.clock.utc_us()))
        work = asyncio.create_task(remote.post_on(lambda: asked.append(1)))
        await until(lambda: len(watch.took) == 1)
        await until(lambda: not remote.backlog)
        await end_all(work)
    assert len(asked) == 1
    assert remote.sent == 1


async def test_a_list_that_changed_is_asked_for_again_and_old_results_go() -> None:
    async with watching(Watch()) as watch, place(watch.url) as remote:
        work = asyncio.create_task(probe_for(remote))
        await until(lambda: watch.took)
        del watch.components["house"]
        watch.components["port"] = Component("port", "P", Target.TCP, "127.0.0.1:9", every_s=5)
        remote.tell(result(remote.clock.utc_us()))
        await until(lambda: any(one.component == "port" for one in watch.took))
        await end_all(work)
    assert all(one.component == "port" for one in remote.backlog)


async def test_the_backlog_is_bounded_in_number_and_age() -> None:
    remote = Remote("http://127.0.0.1:9", "t")
    for at in range(BACKLOG_MAX + 10):
        remote.tell(result(at + 1))
    assert len(remote.backlog) == BACKLOG_MAX
    assert remote.backlog[0].utc_us == 11
    await remote.post()  # an hour is long past: there is nothing to tell, and nobody is asked
    assert not remote.backlog
    remote.tell(result(remote.clock.utc_us() - round((PAST_S_MAX - 60) * S)))
    with pytest.raises(HouseError, match="does not answer"):
        await remote.post()
    await remote.close()


async def test_only_a_places_own_word_opens_the_door() -> None:
    async with watching(Watch()) as watch, httpx.AsyncClient(base_url=watch.url) as asker:
        path = "/status/api/places/components"
        for word in ("", "Bearer", "Bearer wrong", "Basic x", f"Bearer {TOKENS['there']}x"):
            got = await asker.get(path, headers={"Authorization": word})
            assert got.status_code == 401
            assert "watch-place-NAME.token" in got.json()["error"]["sentence"]
        for name, token in TOKENS.items():
            got = await asker.get(path, headers={"Authorization": f"bearer {token}"})
            told = msgspec.json.decode(got.content, type=Listed)
            assert (told.place, told.components) == (name, (HOUSE,))
            assert got.headers["cache-control"] == "no-store"
        for _ in range(GUESS_RATE.tries_max):
            got = await asker.get(path)
        assert got.status_code == 429
        spanish = await asker.get(path, headers={"Accept-Language": "es"})
        assert "claves equivocadas" in spanish.json()["error"]["sentence"]


async def test_what_a_place_may_not_tell_is_refused_whole() -> None:
    async with watching(Watch()) as watch, httpx.AsyncClient(base_url=watch.url) as asker:
        asker.headers["Authorization"] = f"Bearer {TOKENS['there']}"

        async def told(*rows: dict[str, object]) -> tuple[int, str]:
            body = msgspec.json.encode({"results": rows})
            got = await asker.post("/status/api/probes", content=body)
            return got.status_code, got.text

        good = {"component": "house", "utc_us": NOW, "ok": True}
        assert (await told(good, {**good, "component": "other"}))[0] == 409
        assert (await told(good, {**good, "utc_us": NOW + 3_600 * S}))[0] == 422
        assert (await told({**good, "steps": [{"name": "x", "ms": 1}]}))[0] == 422
        assert (await told({"component": 3}))[0] == 422
        assert (await told(*[good] * 51))[0] == 413
        assert (await told({**good, "place": "else"}))[0] == 200  # its name is its token's
        huge = await asker.post("/status/api/probes", content=b"[" + b" " * 70_000)
        assert huge.status_code == 413
    assert [(one.place, one.ok) for one in watch.took] == [("there", True)]


def test_a_place_that_asks_too_often_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    door = PlaceDoor(TOKENS)
    for _ in range(PLACE_RATE.tries_max):
        assert door.place_of(f"Bearer {TOKENS['else']}", "a", 1) == "else"
    with pytest.raises(PeerError, match="Too many requests") as told:
        door.place_of(f"Bearer {TOKENS['else']}", "a", 1)
    assert told.value.status == 429
    assert patience_s(1, Refused(429, "", 30.0)) == 30.0
    assert patience_s(1, Refused(429, "", 3_000.0)) == BACKOFF_S_MAX
    assert patience_s(1, Refused(401, "", 0)) == BACKOFF_S_MAX
    monkeypatch.setattr(watch_teller, "BACKOFF_FIRST_S", 1.0)
    assert BACKOFF_S_MAX / 2 <= patience_s(99, HouseError("")) <= BACKOFF_S_MAX


async def test_an_answer_that_is_no_watchs_is_bounded_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FaultyServer() as web:
        web.paths["/status/api/places/components"] = answer(b"x" * 2_000)
        async with place(web.url) as remote:
            with pytest.raises(MalformedError, match="is no watch of Rostra"):
                await remote.listed()
            assert ANSWER_BYTES_MAX > 64_000
            monkeypatch.setattr(watch_teller, "ANSWER_BYTES_MAX", 1_000)
            with pytest.raises(MalformedError, match="more than 1000 bytes"):
                await remote.listed()


def test_addresses_of_a_watch_are_taken_as_people_type_them() -> None:
    for typed in ("https://w.example", "https://w.example/status", "https://w.example/status/ "):
        assert watch_base(typed) == "https://w.example"
    with pytest.raises(PeerError, match="is not the address of a watch"):
        watch_base("w.example")


def test_each_place_has_a_word_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ROSTRA_WATCH_TOKEN", raising=False)
    settings = Settings(data=tmp_path / "watch", watch=Options(places=("oslo", "lima", "here")))
    bootstrap_watch(settings)
    tokens = place_tokens(settings)
    assert list(tokens) == ["oslo", "lima"]
    assert len(set(tokens.values())) == 2
    assert place_tokens(settings) == tokens
    file = settings.secrets / "watch-place-oslo.token"
    assert file.stat().st_mode & 0o777 == 0o600
    far = Settings(data=tmp_path / "far", watch=Options(place="oslo"))
    with pytest.raises(HouseError, match=r"Copy watch-place-oslo\.token"):
        own_token(far)
    far.secrets.mkdir(parents=True)
    (far.secrets / file.name).write_text(file.read_text())
    assert own_token(far) == tokens["oslo"]
    monkeypatch.setenv("ROSTRA_WATCH_TOKEN", "given")
    assert own_token(far) == "given"
    assert own_token(Settings(data=tmp_path / "other")) == "given"
    monkeypatch.setenv("ROSTRA_WATCH_TOKEN", "gïven")
    with pytest.raises(HouseError, match="holds no word"):
        own_token(far)


def test_the_command_ends_at_the_word_and_refuses_what_is_no_address(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="is not the address"):
        watch_remote.run(Settings(data=tmp_path), "nowhere")
    with contextlib.suppress(HouseError):
        watch_remote.run(Settings(data=tmp_path), "http://127.0.0.1:9")
