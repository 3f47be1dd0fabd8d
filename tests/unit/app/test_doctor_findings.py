import resource
import sys

import pytest

from rostra.app import doctor
from rostra.app.config import Settings
from rostra.app.doctor import BACKLOG_WANTED, PYTHON_MIN
from rostra.app.doctor_finding import Finding
from rostra.app.doctor_watch import watch_findings
from rostra.app.watch_options import Export, Watch
from rostra.delivery.drivers.handles import wanted

WANTED = wanted(18_000)


def test_a_python_that_is_too_old_keeps_the_house_from_running() -> None:
    assert doctor.python(PYTHON_MIN).state == "ok"
    assert doctor.python((3, 10, 12)).state == "bad"


@pytest.mark.parametrize(
    ("limits", "state", "part"),
    [
        ((WANTED, WANTED), "ok", ""),
        ((1_024, resource.RLIM_INFINITY), "ok", ""),
        ((1_024, 4_096), "weak", f"LimitNOFILE={WANTED}"),
        ((1_024, WANTED - 1), "weak", "to 19023, 17999 listeners"),
        ((100, 100), "weak", "to 50, 25 listeners"),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), "ok", ""),
    ],
)
def test_file_handles_bound_the_listeners_of_an_edge(
    limits: tuple[int, int], state: str, part: str
) -> None:
    found = doctor.handles(limits, 18_000)
    assert found.state == state
    assert part in found.limits + found.remedy


def test_the_kernels_door_and_memory() -> None:
    assert doctor.backlog(BACKLOG_WANTED).state == "ok"
    assert (
        doctor.backlog(BACKLOG_WANTED - 1).remedy
        == f"sysctl -w net.core.somaxconn={BACKLOG_WANTED}"
    )
    assert doctor.tcp_memory(1_000_000, 4_096, 36_000).state == "ok"
    short = doctor.tcp_memory(1_000, 4_096, 36_000)
    assert short.state == "weak"
    assert "about 250" in short.limits
    wanted = int(short.remedy.rpartition(" ")[2].rstrip("'"))
    assert doctor.tcp_memory(wanted, 4_096, 36_000).state == "ok"


def test_what_a_system_does_not_tell_is_no_fault() -> None:
    assert doctor.backlog(None).state == "ok"
    assert doctor.tcp_memory(None, 4_096, sys.maxsize).state == "ok"


@pytest.mark.parametrize(("said", "state"), [(True, "ok"), (False, "weak"), (None, "weak")])
def test_a_clock_that_follows_nobody_is_named(said: bool | None, state: str) -> None:  # noqa: FBT001 - a case
    assert doctor.clock(said).state == state


def test_phones_get_a_microphone_only_with_a_domain() -> None:
    assert doctor.microphones(Settings(domain="talk.example.org")).state == "ok"
    plain = doctor.microphones(Settings())
    assert plain.state == "weak"
    assert "--domain" in plain.remedy


def test_whatever_is_found_wrong_has_what_it_limits_and_a_remedy() -> None:
    wrong: list[Finding] = [
        doctor.python((3, 9)),
        doctor.handles((10, 10), 100),
        doctor.backlog(1),
        doctor.tcp_memory(1, 4_096, 100),
        doctor.clock(None),
        doctor.microphones(Settings()),
    ]
    for one in wrong:
        assert one.state != "ok"
        assert one.limits
        assert one.remedy


@pytest.mark.parametrize(
    ("watch", "found"),
    [
        (Watch(on=False), {"status page": "weak"}),
        (Watch(), {"status page": "weak", "places that probe": "weak"}),
        (
            Watch(places=("second",), public_url="https://talk.example.org:8100"),
            {"status page": "weak", "places that probe": "ok"},
        ),
        (
            Watch(places=("second",), export=Export(bucket="status")),
            {"status page": "ok", "places that probe": "ok"},
        ),
        (
            Watch(on=False, places=("second",), public_url="https://status.example.net"),
            {"status page": "ok", "places that probe": "ok"},
        ),
    ],
)
def test_a_page_that_shares_the_houses_fate_is_advised_against(
    watch: Watch, found: dict[str, str]
) -> None:
    own = Settings(domain="talk.example.org", watch=watch)
    looks = list(watch_findings(own))
    assert {one.name: one.state for one in looks} == found
    assert all(one.limits and one.remedy for one in looks if one.state != "ok")
