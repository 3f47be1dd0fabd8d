"""Finds the built browser application: in the wheel, else in the checkout."""

from pathlib import Path

from rostra.domain.errors import HouseError


def dist_folder() -> Path:
    """The folder of the built application, with `index.html` and `assets/` in it.

    An installed wheel carries it beside the code, as `rostra/dist`; a checkout has it where
    the build leaves it, in `frontend/dist`. HouseError where neither is there.
    """
    package = Path(__file__).resolve().parents[1]
    return first_with_pages((package / "dist", package.parents[1] / "frontend" / "dist"))


def first_with_pages(folders: tuple[Path, ...]) -> Path:
    """The first of `folders` that holds an `index.html`, or HouseError with the remedy."""
    for folder in folders:
        if (folder / "index.html").is_file():
            return folder
    sentence = f"The browser application is not built ({folders[-1]}): run 'make setup'."
    raise HouseError(sentence)
