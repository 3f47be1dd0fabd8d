import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from tests.fakes import boards
from tests.integration.watch.board_server import serving

START_WAIT_S = 20.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


async def scraped_by_the_exporter(folder: Path, url: str) -> dict[str, Metric]:
    """What `statuspage-prometheus-exporter`, in a process of its own, makes of our summary."""
    services = folder / "services.json"
    services.write_text(
        json.dumps({"ours": {"url": f"{url}/status/api/v2/summary.json", "name": "Ours"}})
    )
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "statuspage_prometheus_exporter.status_monitoring",
        cwd=folder,
        env=os.environ | {"SERVICES_JSON_PATH": str(services), "METRICS_PORT": str(port)},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await asyncio.wait_for(_began(process), START_WAIT_S)
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/metrics")
    finally:
        process.terminate()
        await process.communicate()
    return {one.name: one for one in text_string_to_metric_families(answer.text)}


async def _began(process: asyncio.subprocess.Process) -> None:
    """Wait until its first look at every page is over and the scheduler begins."""
    assert process.stderr is not None
    said = b""
    while b"Starting scheduler" not in said:
        said = await process.stderr.readline()
        assert said, "the exporter ended before it began"


def values(metric: Metric, label: str) -> dict[str, float]:
    return {sample.labels[label]: sample.value for sample in metric.samples}


def labels(metric: Metric) -> Iterator[dict[str, str]]:
    return (sample.labels for sample in metric.samples)


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
