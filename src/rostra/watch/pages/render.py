"""Draws every page of the watch from a board and its charts; the same for server and files."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from rostra.watch.board import PLACE_REPORTS_MIN, Board, Chart, IncidentView
from rostra.watch.kinds import Kind
from rostra.watch.pages import moments
from rostra.watch.pages.assets import Assets
from rostra.watch.pages.countries import country, listed
from rostra.watch.pages.layout import ENVIRONMENT, layout
from rostra.watch.pages.links import Links
from rostra.watch.pages.view import View
from rostra.watch.pages.wording import wording
from rostra.watch.pages.world_map import draw_world


class Frame(msgspec.Struct, frozen=True):
    """What all pages of one rendering have in common."""

    language: str = "en"
    links: Links = Links()
    assets: Assets = Assets()


class Answered(msgspec.Struct, frozen=True):
    """What somebody chose on the form, and why it was not taken."""

    component: str = ""
    kind: str = ""
    place: str = ""
    refusal: str = ""


def page(
    board: Board,
    charts: Mapping[str, Chart],
    language: str,
    base: str,
    assets: Assets = Assets(),  # noqa: B008 - frozen
) -> str:
    """The status page as a file whose links begin with `base` (`.` for files side by side)."""
    links = Links(base, static=True, live=board.public_url)
    return status(board, charts, Frame(language, links, assets))


def status(board: Board, charts: Mapping[str, Chart], frame: Frame) -> str:
    """The page that is asked for first; `charts` are of 24 hours, by component."""
    view = View(board, frame.language, frame.links)
    title = str(wording(frame.language)("title_status"))
    return _page("status.html", title, "", view, frame, charts=charts)


def component(board: Board, id_: str, charts: Sequence[Chart], frame: Frame) -> str | None:
    """A component's page with its charts of 24 hours and 90 days; None where there is none."""
    one = next((one for one in board.components if one.id == id_), None)
    if one is None:
        return None
    shown = _shown(charts)
    return _page(
        "component.html",
        one.name,
        f"c/{id_}",
        View(board, frame.language, frame.links),
        frame,
        one=one,
        charts=charts,
        places=_places(shown, frame.language),
        world=draw_world(shown),
        places_min=PLACE_REPORTS_MIN,
        mine=[incident for incident in board.incidents if id_ in incident.components],
    )


def incident(board: Board, id_: str, frame: Frame) -> str | None:
    """An incident's page; None where the board has none of this id."""
    found = next((one for one in board.incidents if one.id == id_), None)
    if found is None:
        return None
    view = View(board, frame.language, frame.links)
    return _page("incident.html", found.name, f"incidents/{id_}", view, frame, it=found)


def history(board: Board, frame: Frame) -> str:
    """Every incident of the board by month, and announced work that is over."""
    months: defaultdict[str, list[IncidentView]] = defaultdict(list)
    for one in board.incidents:
        began = moments.at(one.started_utc_us)
        months[moments.month(began, frame.language)].append(one)
    return _page(
        "history.html",
        str(wording(frame.language)("title_history")),
        "history",
        View(board, frame.language, frame.links),
        frame,
        months=list(months.items()),
        works=[one for one in board.maintenances if one.status == "completed"],
    )


def report(board: Board, frame: Frame, answered: Answered = Answered()) -> str:  # noqa: B008 - frozen
    """The form, with what was chosen before and why it was refused."""
    chosen = answered.component
    if len(board.components) == 1:
        chosen = board.components[0].id
    return _page(
        "report.html",
        str(wording(frame.language)("title_report")),
        "report",
        View(board, frame.language, frame.links),
        frame,
        kinds=list(Kind),
        countries=listed(frame.language),
        chosen=chosen,
        said=answered.kind,
        place=answered.place,
        refusal=answered.refusal,
    )


def method(board: Board, frame: Frame) -> str:
    """How counting, usual level, alarm and attribution work, and every false alarm."""
    return _page(
        f"method_{frame.language}.html",
        str(wording(frame.language)("nav_method")),
        "method",
        View(board, frame.language, frame.links),
        frame,
        false_alarms=[one for one in board.incidents if one.outcome == "false_alarm"],
        places_min=PLACE_REPORTS_MIN,
    )


def thanks(board: Board, frame: Frame, outcome: str) -> str:
    """What somebody reads who sent a report without a script; `unproven` ones learn why."""
    unproven = outcome == "unproven"
    text = "report_thanks_unproven" if unproven else "report_thanks_text"
    return message(board, frame, "report_thanks", text)


def nowhere(board: Board, frame: Frame) -> str:
    """The page of an address with nothing."""
    return message(board, frame, "nowhere", "nowhere_text")


def message(board: Board, frame: Frame, title: str, text: str) -> str:
    """A page of two sentences, by their keys in the wording."""
    t = wording(frame.language)
    body = ENVIRONMENT.get_template("message.html").render(
        title=t(title), text=t(text), links=frame.links, t=t
    )
    return _framed(str(t(title)), body, "", board, frame)


def files(
    board: Board,
    charts: Iterable[Chart],
    language: str,
    assets: Assets = Assets(),  # noqa: B008 - frozen
) -> dict[str, str]:
    """Every page as a file, by its name such as `index.html` or `c/web.html`.

    The links between them are relative, so that they work from any folder or bucket.
    """
    kept: defaultdict[str, list[Chart]] = defaultdict(list)
    for chart in charts:
        kept[chart.component].append(chart)
    live = board.public_url
    top = Frame(language, Links(".", static=True, live=live), assets)
    below = Frame(language, Links("..", static=True, live=live), assets)
    day = {id_: one for id_, all_ in kept.items() for one in all_ if one.range == "24h"}
    pages = {
        "index.html": status(board, day, top),
        "history.html": history(board, top),
        "method.html": method(board, top),
    }
    for one in board.components:
        pages[f"c/{one.id}.html"] = component(board, one.id, kept[one.id], below) or ""
    for found in board.incidents:
        pages[f"incidents/{found.id}.html"] = incident(board, found.id, below) or ""
    return pages


def _shown(charts: Sequence[Chart]) -> list[tuple[str, int]]:
    """Places with enough reports in the last 24 hours, most first: for the list and the map."""
    day = next((one for one in charts if one.range == "24h"), None)
    counted = [one for one in (day.places if day else ()) if one[1] >= PLACE_REPORTS_MIN]
    return sorted(counted, key=lambda one: -one[1])


def _places(shown: Sequence[tuple[str, int]], language: str) -> list[tuple[str, str, int, int]]:
    """Name, code, reports and share of the most (per cent), in the same order."""
    most = max((count for _, count in shown), default=1)
    return [
        (country(code, language), code, count, round(100 * count / most)) for code, count in shown
    ]


def _page(template: str, title: str, here: str, view: View, frame: Frame, **values: object) -> str:
    body = ENVIRONMENT.get_template(template).render(view=view, board=view.board, **values)
    return _framed(title, body, here, view.board, frame)


def _framed(title: str, body: str, here: str, board: Board, frame: Frame) -> str:
    return layout(
        title,
        body,
        frame.language,
        name=board.name,
        links=frame.links,
        assets=frame.assets,
        here=here,
    )
