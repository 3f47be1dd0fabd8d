"""What the journalist reads afterwards: an evening's journal, whole and in order."""

import asyncio
import json

import pytest
from tests.house import House
from tests.integration.house.on_stage import on_stage

from rostra import __version__

pytestmark = pytest.mark.house


async def test_an_evening_is_in_the_journal_from_doors_to_end(house: House) -> None:
    made = house.create_space("Written down")
    speaker = await on_stage(house, made.speaker_url, 600.0)
    await speaker.close()
    assert house.cli("space", "end", made.id).returncode == 0
    async with asyncio.timeout(10):
        while True:
            done = house.cli("journal", made.id, "--json")
            assert done.returncode == 0, done.stderr
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            if lines[-1]["body"].get("state") == "ended":
                break
            await asyncio.sleep(0.1)
    assert [line["n"] for line in lines] == list(range(len(lines)))
    kinds = [line["kind"] for line in lines]
    assert {"configuration", "doors", "state", "join", "count"} <= set(kinds)
    assert kinds.index("configuration") < kinds.index("doors") < kinds.index("join")
    told = lines[kinds.index("configuration")]["body"]
    assert (told["rostra"], told["title"]) == (__version__, "Written down")
    states = [line["body"]["state"] for line in lines if line["kind"] == "state"]
    assert states == ["lobby", "live", "ended"]
