import pytest
from prometheus_client import CollectorRegistry
from tests.fakes import boards

from rostra.watch.metrics import BoardCollector


def registry(name: str) -> CollectorRegistry:
    found = CollectorRegistry()
    found.register(BoardCollector(boards.ALL[name]))
    return found


@pytest.mark.parametrize("name", boards.ALL)
def test_each_component_has_one_status_and_one_level_and_one_finding(name: str) -> None:
    families = {one.name: one for one in registry(name).collect()}
    for gauge in ("component_status", "component_level", "component_probes"):
        samples = families[f"rostra_watch_{gauge}"].samples
        held = [one.labels["component"] for one in samples if one.value == 1.0]
        assert held == [one.id for one in boards.ALL[name]().components]
        assert {one.value for one in samples} <= {0.0, 1.0}


def test_the_gauges_tell_what_the_board_tells() -> None:
    found = registry("alarm")

    def value(name: str, **labels: str) -> float | None:
        return found.get_sample_value(f"rostra_watch_{name}", labels)

    assert value("component_status", component="sound", status="partial_outage") == 1.0
    assert value("component_reports", component="sound") == 32.0
    assert value("component_reports_usual", component="sound") == 5.0
    assert value("component_reports_upper", component="sound") == 12.0
    assert value("component_reports_unproven", component="sound") == 3.0
    assert value("component_level", component="sound", state="alarm") == 1.0
    assert value("component_place", component="sound", place="here", state="failing") == 1.0
    assert value("component_first_sound_seconds", component="page", place="here") == pytest.approx(
        0.4125
    )
    assert value("incidents_open", impact="major") == 1.0
    assert value("incidents_open", impact="none") == 0.0
    assert value("alarms", outcome="missed") == 1.0
    assert value("board_timestamp_seconds") == boards.NOW / 1e6
    assert (
        registry("maintenance").get_sample_value(
            "rostra_watch_maintenances", {"status": "in_progress"}
        )
        == 1.0
    )
