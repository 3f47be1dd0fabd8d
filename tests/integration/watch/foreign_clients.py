"""Programs that others wrote for Statuspage, run against our address."""

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
