"""The pages that the desk serves itself: the application's document, assets, the reference."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.integration.web.desk_kit import Desk, desk_on

from rostra.web.pages import PAGE_BYTES_MAX

DOCUMENT = "<!doctype html><title>Rostra</title><script src='/assets/a-1.js'></script>"
PATHS = ["/", "/login", "/owner/word", "/invite/word", "/create", "/schedule", "/settings"]
SECRET = ["/owner/word", "/invite/word", "/host/a.b", "/join/a.b"]


def built(folder: Path) -> Path:
    dist = folder / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text(DOCUMENT)
    (dist / "assets" / "a-1.js").write_text("1;")
    (dist / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "secret.txt").write_text("no page of ours")
    return dist


@pytest.mark.parametrize("path", [*PATHS, *SECRET])
async def test_every_page_is_the_application(tmp_path: Path, path: str) -> None:
    async with desk_on(tmp_path, dist=built(tmp_path)) as desk:
        answer = await desk.program().get(path)
        assert (answer.status_code, answer.text) == (200, DOCUMENT)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "connect-src 'self' desk.test:*" in policy
        assert (answer.headers["cache-control"] == "no-store") is (path in SECRET)
        assert (await desk.program().head(path)).status_code == 200


async def test_files_are_served_and_nothing_beside_them(tmp_path: Path) -> None:
    async with desk_on(tmp_path, dist=built(tmp_path)) as desk:
        client = desk.program()
        asset = await client.get("/assets/a-1.js")
        assert (asset.text, "immutable" in asset.headers["cache-control"]) == ("1;", True)
        assert (await client.get("/icon.svg")).headers["content-type"] == "image/svg+xml"
        for path in (
            "/assets/none.js", "/assets/..%2Findex.html", "/assets/..%2F..%2Fsecret.txt",
            "/..%2Fsecret.txt", "/index.html", "/assets/", "/assets", "/@ada", "/a/b/c",
        ):  # fmt: skip
            answer = await client.get(path)
            assert answer.status_code == 404, path
            assert "There is nothing at this address." in answer.text
            assert "no page of ours" not in answer.text


async def test_a_browser_that_is_lost_gets_the_houses_own_page(tmp_path: Path) -> None:
    async with desk_on(tmp_path, dist=built(tmp_path)) as desk:
        client = desk.program()
        for path in ("/a/b/c", "/nothing"):
            answer = await client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
            assert answer.status_code == 404
            assert answer.text == (await client.get("/create")).text
        for path in ("/api/v1/nothing", "/assets/none.js"):
            answer = await client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
            assert answer.status_code == 404
            assert "There is nothing at this address." in answer.text


async def test_without_a_build_the_page_says_how_to_get_one(desk: Desk) -> None:
    answer = await desk.program().get("/create")
    assert answer.status_code == 503
    assert "make setup" in answer.text


async def test_a_file_that_is_no_document_is_cut(tmp_path: Path) -> None:
    dist = built(tmp_path)
    (dist / "index.html").write_bytes(b"x" * (PAGE_BYTES_MAX + 1))
    async with desk_on(tmp_path, dist=dist) as desk:
        assert len((await desk.program().get("/")).content) == PAGE_BYTES_MAX


async def test_the_reference_names_every_route_and_loads_nothing(desk: Desk) -> None:
    client = desk.program()
    openapi = (await client.get("/api/openapi.json")).json()
    assert openapi["openapi"].startswith("3.1")
    answer = await client.get("/api/docs")
    assert answer.status_code == 200
    for path in openapi["paths"]:
        assert f" {path}</code>" in answer.text
    found = _Sources()
    found.feed(answer.text)
    assert found.sources == []
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_manual_names_every_route(desk: Desk) -> None:
    manual = Path(__file__).parents[3].joinpath("docs/reference/http.md").read_text()
    openapi = (await desk.program().get("/api/openapi.json")).json()
    for path, methods in openapi["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in manual


class _Sources(HTMLParser):
    """Everything that a browser would fetch for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fetched = {"src", "srcset", "data"} | ({"href"} if tag == "link" else set())
        self.sources += [value or "" for name, value in attrs if name in fetched]
