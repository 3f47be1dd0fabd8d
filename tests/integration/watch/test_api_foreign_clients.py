from pathlib import Path

from tests.fakes import boards
from tests.integration.watch.board_server import serving
from tests.integration.watch.foreign_clients import labels, scraped_by_the_exporter, values


async def test_the_exporter_of_others_sees_a_failing_component_and_the_incident(
    tmp_path: Path,
) -> None:
    async with serving(boards.alarm()) as server:
        seen = await scraped_by_the_exporter(tmp_path, server.url)
    assert values(seen["statuspage_probe_check"], "service_name") == {"Ours": 1.0}
    assert values(seen["statuspage_service_status"], "service_name") == {"Ours": 0.0}
    assert values(seen["statuspage_component_status"], "component_name") == {
        "Live sound": 0.0,
        "Site": 1.0,
        "Listener's page": 1.0,
        "Hosts' desk": 1.0,
    }
    [incident] = labels(seen["statuspage_incident_info"])
    assert incident == {
        "service_name": "Ours",
        "incident_id": "in-open",
        "incident_name": 'Silence in "Live sound"',
        "impact": "major",
        "shortlink": f"{boards.URL}/status/incidents/in-open",
        "started_at": "2026-11-29T19:55:00Z",
        "affected_components": "Live sound",
    }


async def test_it_sees_announced_work_and_not_what_is_over(tmp_path: Path) -> None:
    async with serving(boards.maintenance()) as server:
        seen = await scraped_by_the_exporter(tmp_path, server.url)
    works = {one["maintenance_id"]: one for one in labels(seen["statuspage_maintenance_info"])}
    assert set(works) == {"mw-now", "mw-next"}
    assert works["mw-next"]["scheduled_start"] == "2026-12-01T20:05:00Z"
    assert works["mw-next"]["scheduled_end"] == "2026-12-01T21:05:00Z"
    assert works["mw-now"]["affected_components"] == "Listener's page, Hosts' desk"
    [incident] = labels(seen["statuspage_incident_info"])
    assert incident["incident_name"] == "No Active Incidents"  # yesterday's is over


async def test_reports_alone_do_not_turn_its_gauges(tmp_path: Path) -> None:
    async with serving(boards.false_alarm()) as server:
        seen = await scraped_by_the_exporter(tmp_path, server.url)
    assert values(seen["statuspage_service_status"], "service_name") == {"Ours": 1.0}
    assert set(values(seen["statuspage_component_status"], "component_name").values()) == {1.0}
    [incident] = labels(seen["statuspage_incident_info"])
    assert (incident["incident_id"], incident["impact"]) == ("in-draft", "none")
