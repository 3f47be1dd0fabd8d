"""In a flood a proof of work is asked for: with one a report counts, without it is shown."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import altcha
import pytest
from tests.integration.watch.report_kit import ReportWatch, report_watch

from rostra.app.watch_intake import ASKED_RATE
from rostra.watch.drivers import proof as proof_driver
from rostra.watch.drivers.proof import COUNTER_MAX, COUNTER_MIN, LIFE_S, USED_MAX, Proofs
from rostra.watch.flood import BEGIN_PER_MINUTE, BEGIN_PER_MINUTE_IN_ALL, CALM_S
from rostra.watch.intake import Submission
from rostra.watch.kinds import Kind

BEGIN = int(BEGIN_PER_MINUTE)


@pytest.fixture(autouse=True)
def _little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_driver, "COST", 1)
    monkeypatch.setattr(proof_driver, "COUNTER_MIN", 2)
    monkeypatch.setattr(proof_driver, "COUNTER_MAX", 9)


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[ReportWatch]:
    async with report_watch(tmp_path) as one:
        yield one


async def flood(watch: ReportWatch, component: str = "stage") -> Counter[tuple[str, str]]:
    sent = Submission(component, Kind.NO_SOUND)
    many = range(BEGIN + 5)
    found = await asyncio.gather(*(watch.intake.take(sent, f"10.0.{one}.1") for one in many))
    return Counter((receipt.outcome.value, receipt.proof) for receipt in found)


def solved(challenge: dict[str, object]) -> str:
    given = altcha.Challenge.from_dict(challenge)
    found = altcha.solve_challenge(given)
    assert found is not None
    return altcha.Payload(given, found).to_base64()


async def challenge(watch: ReportWatch, component: str = "stage") -> dict[str, object]:
    answer = await watch.client().get(f"/status/api/challenge?component={component}")
    told: dict[str, object] = answer.json()["challenge"]
    return told


async def test_beyond_the_rate_what_comes_without_proof_does_not_count(watch: ReportWatch) -> None:
    found = await flood(watch)
    assert found == {("counted", "not_needed"): BEGIN, ("unproven", "wanted"): 5}
    assert watch.store.reports.unproven("stage", 0) == 5
    assert watch.intake.flood()
    assert watch.intake.flood("stage")
    assert not watch.intake.flood("page")
    assert await watch.outcome("10.1.1.1", component="page") == ("counted", "not_needed")


async def test_a_flood_of_one_component_does_not_silence_the_others(watch: ReportWatch) -> None:
    for _ in range(int(BEGIN_PER_MINUTE_IN_ALL / BEGIN) + 2):
        await flood(watch)
    assert await watch.outcome("10.1.1.1", component="page") == ("counted", "not_needed")


async def test_a_flood_that_is_spread_is_met_everywhere(tmp_path: Path) -> None:
    names = tuple(f"c{number}" for number in range(40))
    async with report_watch(tmp_path, names) as watch:
        spread = names * (int(BEGIN_PER_MINUTE_IN_ALL / len(names)) + 1)
        taking = (
            watch.intake.take(Submission(name, Kind.LATE), f"10.1.{number}.1")
            for number, name in enumerate(spread)
        )
        await asyncio.gather(*taking)
        assert await watch.outcome("10.1.1.1", component="c3") == ("unproven", "wanted")


async def test_no_challenge_is_given_in_calm(watch: ReportWatch) -> None:
    answer = await watch.client().get("/status/api/challenge?component=stage")
    assert answer.json() == {"needed": False, "challenge": None}
    unknown = await watch.client().get("/status/api/challenge?component=nothing")
    assert unknown.status_code == 422


async def test_a_solution_counts_once(watch: ReportWatch) -> None:
    await flood(watch)
    proof = solved(await challenge(watch))
    assert await watch.outcome("10.9.1.1", proof=proof) == ("counted", "accepted")
    assert await watch.outcome("10.9.2.1", proof=proof) == ("unproven", "refused")


async def test_a_solution_is_for_its_component(watch: ReportWatch) -> None:
    await flood(watch)
    proof = solved(await challenge(watch))
    await flood(watch, "page")
    found = await watch.outcome("10.9.1.1", proof=proof, component="page")
    assert found == ("unproven", "refused")


async def test_a_report_that_is_proven_later_takes_its_own_place(watch: ReportWatch) -> None:
    await flood(watch)
    before = watch.store.reports.taken("stage", 0)
    assert await watch.outcome("10.9.1.1", kind="echo") == ("unproven", "wanted")
    watch.hand.forward(200)
    proof = solved(await challenge(watch))
    assert await watch.outcome("10.9.1.1", proof=proof) == ("counted", "accepted")
    after = watch.store.reports.taken("stage", 0)
    assert {what: after[what] - before[what] for what in after if after[what] != before[what]} == {
        "counted": 1,
        "repeat": 1,
    }


async def test_the_flood_ends(watch: ReportWatch) -> None:
    await flood(watch)
    watch.hand.forward(CALM_S + 200)
    assert not watch.intake.flood()
    assert await watch.outcome("10.9.1.1") == ("counted", "not_needed")


async def test_challenges_have_a_budget_by_address(watch: ReportWatch) -> None:
    await flood(watch)
    await asyncio.gather(*(challenge(watch) for _ in range(ASKED_RATE.burst)))
    answer = await watch.client().get("/status/api/challenge?component=stage")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (429, "*")


@pytest.mark.parametrize(
    "change",
    [
        {"counter": 1_000_000},
        {"derivedKey": "00" * 32},
        {"derivedKey": None},
        {"derivedKey": [1]},
    ],
)
def test_another_solution_is_none(change: dict[str, object]) -> None:
    proofs = Proofs()
    payload = json.loads(base64.b64decode(solved(proofs.challenge("stage"))))
    payload["solution"] |= change
    proof = base64.b64encode(json.dumps(payload).encode()).decode()
    # The key is what is proven; a counter beside the right key is nothing to lie about.
    assert proofs.accepts(proof, "stage") is ("counter" in change)


@pytest.mark.parametrize(
    ("name", "value"),
    [("expiresAt", 9_999_999_999), ("data", {"component": "page"}), ("keySignature", None),
     ("cost", 1_000_000_000), ("nonce", "00"), ("data", [1]), ("keyPrefix", "")],
)  # fmt: skip
def test_a_challenge_that_was_changed_is_not_ours(name: str, value: object) -> None:
    proofs = Proofs()
    payload = json.loads(base64.b64decode(solved(proofs.challenge("stage"))))
    payload["challenge"]["parameters"][name] = value
    proof = base64.b64encode(json.dumps(payload).encode()).decode()
    component = "page" if value == {"component": "page"} else "stage"
    assert not proofs.accepts(proof, component)


@pytest.mark.parametrize("proof", ["", "%", "e30=", "bnVsbA==", "W10=", "eyJjaGFsbGVuZ2UiOjF9"])
def test_what_is_no_solution_is_refused(proof: str) -> None:
    assert not Proofs().accepts(proof, "stage")


def test_a_challenge_of_another_process_or_past_its_time_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proofs = Proofs()
    assert not Proofs().accepts(solved(proofs.challenge("stage")), "stage")
    monkeypatch.setattr(proof_driver, "LIFE_S", -1)
    assert not proofs.accepts(solved(proofs.challenge("stage")), "stage")


def test_keys_change_and_the_one_before_is_good_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proofs = Proofs()
    under_way = solved(proofs.challenge("stage"))
    monkeypatch.setattr(proof_driver, "KEY_LIFE_S", 0)
    proofs.challenge("stage")
    assert proofs.accepts(under_way, "stage")
    old = solved(proofs.challenge("stage"))
    monkeypatch.setattr(proof_driver, "LIFE_S", 0)
    proofs.challenge("stage")
    assert not proofs.accepts(old, "stage")


def test_more_solutions_than_are_remembered_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    proofs = Proofs()
    monkeypatch.setattr(proof_driver, "USED_MAX", 2)
    found = [proofs.accepts(solved(proofs.challenge("stage")), "stage") for _ in range(3)]
    assert found == [True, True, False]
    assert USED_MAX / LIFE_S > 300


def test_the_work_of_a_challenge_is_as_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    given = altcha.Challenge.from_dict(Proofs().challenge("stage")).parameters
    assert (given.algorithm, given.cost) == ("PBKDF2/SHA-256", 1_000)
    assert (COUNTER_MIN, COUNTER_MAX) == (500, 1_500)
