import msgspec
import pytest
from tests.fakes import boards
from tests.fakes.statuspage_shape import complaints

from rostra.domain.errors import NotFoundError
from rostra.watch.board import INCIDENTS_MAX, Board
from rostra.watch.components import COMPONENTS_MAX
from rostra.watch.published import Printed
from rostra.watch.statuspage import FIXED, document, group_id, names


@pytest.mark.parametrize("board", boards.ALL.values(), ids=boards.ALL)
def test_every_document_has_every_field_and_no_other(board: object) -> None:
    assert callable(board)
    one = board()
    assert set(FIXED) <= set(names(one))
    assert [*(text for name in names(one) for text in complaints(name, document(one, name)))] == []


def test_the_checker_sees_a_wrong_word_a_missing_field_and_a_foreign_one() -> None:
    wrong = document(boards.calm(), "components")
    first = wrong["components"][0]
    first["status"] = "down"
    del first["position"]
    first["colour"] = "red"
    first["created_at"] = "yesterday"
    assert len(complaints("components", wrong)) == 4


def test_the_summary_tells_what_is_open_and_nothing_that_is_over() -> None:
    summary = document(boards.alarm(), "summary")
    assert summary["page"]["url"] == f"{boards.URL}/status"
    assert summary["page"]["updated_at"] == "2026-11-29T20:03:00.000Z"
    assert summary["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert [one["id"] for one in summary["incidents"]] == ["in-open"]
    assert [one["name"] for one in summary["incidents"][0]["components"]] == ["Live sound"]
    works = document(boards.maintenance(), "summary")["scheduled_maintenances"]
    assert [one["id"] for one in works] == ["mw-next", "mw-now"]


def test_work_is_listed_by_whether_it_comes_runs_or_is_over() -> None:
    board = boards.maintenance()

    def ids(name: str) -> list[str]:
        return [one["id"] for one in document(board, name)["scheduled_maintenances"]]

    assert ids("scheduled-maintenances/upcoming") == ["mw-next"]
    assert ids("scheduled-maintenances/active") == ["mw-now"]
    assert ids("scheduled-maintenances") == ["mw-next", "mw-now", "mw-past"]
    past = document(board, "incidents/mw-past")["incident"]
    assert past["resolved_at"] == "2026-11-20T21:05:00.000Z"
    assert past["scheduled_for"] == "2026-11-20T20:05:00.000Z"


def test_a_group_is_a_component_that_names_its_own_and_has_the_worst_of_their_states() -> None:
    board = boards.maintenance()
    rows = document(board, "components")["components"]
    assert [one["name"] for one in rows] == ["Live sound", "Site", "Listener's page", "Hosts' desk"]
    group = rows[1]
    assert (group["group"], group["components"]) == (True, ["page", "desk"])
    assert group["status"] == "under_maintenance"
    assert {one["group_id"] for one in rows[2:]} == {group["id"]}
    assert [one["position"] for one in rows] == [1, 2, 1, 2]
    assert group["id"] == group_id(board, "Site")
    assert document(board, f"components/{group['id']}")["component"] == group


def test_an_incident_keeps_its_moments_and_its_postmortem() -> None:
    past = document(boards.calm(), "incidents/in-yesterday")["incident"]
    assert past["started_at"] == "2026-11-28T20:05:00.000Z"
    assert past["monitoring_at"] == "2026-11-28T20:35:00.000Z"
    assert past["resolved_at"] == "2026-11-28T21:05:00.000Z"
    assert past["postmortem_published_at"] == "2026-11-28T23:05:00.000Z"
    assert past["postmortem_body"] == "What happened & why."
    assert past["shortlink"] == f"{boards.URL}/status/incidents/in-yesterday"


def test_our_evidence_stands_under_one_key() -> None:
    sound = document(boards.alarm(), "components/sound")["component"]["rostra"]
    assert sound["reports"]["times_usual"] == pytest.approx(6.4)
    assert sound["reports"]["kinds"] == {"no_sound": 25, "cannot_join": 7}
    assert (sound["probes"]["state"], sound["probes"]["one_place"]) == ("failing", True)
    assert sound["attribution"]["word"] == "undetermined"
    draft = document(boards.false_alarm(), "incidents/in-false")["incident"]
    assert draft["rostra"]["outcome"] == "false_alarm"
    assert draft["rostra"]["reason"] == "A carrier in Spain had an outage of its own."
    assert document(boards.calm(), "summary")["rostra"]["accuracy"]["missed"] == 1


def test_reports_alone_leave_every_status_as_it_is() -> None:
    summary = document(boards.false_alarm(), "summary")
    assert summary["status"]["indicator"] == "none"
    assert {one["status"] for one in summary["components"]} == {"operational"}
    assert [one["impact"] for one in summary["incidents"]] == ["none"]


def test_an_update_tells_which_component_it_changed_when_it_is_known() -> None:
    told = document(boards.alarm(), "incidents/in-open")["incident"]
    newest, oldest = told["incident_updates"]
    assert newest["affected_components"] is None
    assert oldest["affected_components"] == [
        {
            "code": "sound",
            "name": "Live sound",
            "old_status": "operational",
            "new_status": "partial_outage",
        }
    ]


def test_a_document_changes_with_what_it_tells_and_not_with_the_time() -> None:
    board = boards.alarm()
    later = msgspec.structs.replace(board, utc_us=board.utc_us + boards.MINUTE)
    for name in names(board):
        assert document(board, name) == document(later, name)


def test_past_incidents_end_at_fifty_and_an_open_one_is_always_told() -> None:
    past = [
        msgspec.structs.replace(boards.resolved(), id=f"in-{number}")
        for number in range(INCIDENTS_MAX)
    ]
    board = msgspec.structs.replace(boards.alarm(), incidents=(*past, boards.open_incident()))
    assert len(document(board, "incidents")["incidents"]) == INCIDENTS_MAX
    assert len(document(board, "incidents/unresolved")["incidents"]) == 1
    assert document(board, "incidents/in-open")["incident"]["status"] == "identified"


@pytest.mark.parametrize("name", ["components/nobody", "incidents/none", "nothing", ""])
def test_what_there_is_not_is_said(name: str) -> None:
    with pytest.raises(NotFoundError, match="There is no "):
        document(boards.calm(), name)


def test_a_page_without_components_has_every_list_empty() -> None:
    empty: Board = boards.no_components()
    summary = document(empty, "summary")
    assert summary["components"] == summary["incidents"] == []
    assert summary["page"]["updated_at"] == "1970-01-01T00:00:00.000Z"


def test_the_largest_board_has_all_its_files() -> None:
    one = boards.alarm().components[0]
    many = tuple(
        msgspec.structs.replace(one, id=f"c-{number}", position=number, group=f"g-{number % 20}")
        for number in range(COMPONENTS_MAX)
    )
    past = tuple(
        msgspec.structs.replace(boards.resolved(), id=f"in-{number}", components=("c-1", "c-2"))
        for number in range(INCIDENTS_MAX)
    )
    printed = Printed(msgspec.structs.replace(boards.alarm(), components=many, incidents=past))
    sizes = [len(found.body) for path in printed.paths() if (found := printed.get(path))]
    assert len(sizes) == len(FIXED) + COMPONENTS_MAX * 5 + 20 + INCIDENTS_MAX + 7
    assert max(sizes) < 1_000_000
