"""The frame of every page of the watch: head, links between pages, and foot."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rostra.watch.pages.assets import Assets
from rostra.watch.pages.links import Links
from rostra.watch.pages.wording import wording

ENVIRONMENT: Final = Environment(
    loader=PackageLoader("rostra.watch.pages", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
"""Everything that is not `Markup` is escaped; a name that is missing is an error of ours."""


def layout(  # noqa: PLR0913 - what differs from page to page
    title: str,
    body: str,
    language: str,
    *,
    name: str = "Rostra",
    links: Links | None = None,
    assets: Assets | None = None,
    here: str = "",
) -> str:
    """A whole document around `body`, which is HTML already; `title` and `name` are escaped here.

    `name` is the page's own (`Board.name`), `here` the path of this page below `/status`, for the
    switch of languages and the mark of where the reader is.
    """
    return ENVIRONMENT.get_template("layout.html").render(
        title=title,
        body=Markup(body),  # noqa: S704 - made by our own templates, which escape
        language=language,
        name=name,
        links=links or Links(),
        assets=assets or Assets(),
        here=here,
        t=wording(language),
    )
