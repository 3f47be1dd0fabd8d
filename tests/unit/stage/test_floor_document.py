"""`docs/reference/floor.md` says what the table of rights says."""

from pathlib import Path
from typing import Final

import msgspec

from rostra.domain.limits import SPEAKERS_MAX
from rostra.domain.space import Role
from rostra.stage.bans import BANS_MAX, CLOSED_LINKS_MAX
from rostra.stage.commands import SOON_S
from rostra.stage.invitations import OPEN_MAX, WITHIN_S
from rostra.stage.lock import GRACE_US
from rostra.stage.rights import RIGHTS, Right

PAGE: Final = (Path(__file__).parents[3] / "docs" / "reference" / "floor.md").read_text()


def said(right: Right, role: Role, *, about_oneself: bool) -> str:
    """What the page has to say of one role."""
    if about_oneself or (role not in right.roles and role in right.to_oneself):
        return "themselves"
    if role not in right.roles:
        return "no"
    return "not a host" if right.spares_hosts and role is not Role.HOST else "yes"


def test_the_page_has_a_row_for_each_command_and_says_who_may() -> None:
    rows = {
        cells[0].strip("`"): tuple(cells[2:5])
        for line in PAGE.splitlines()
        if line.startswith("| `")
        if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 5
    }
    table = {}
    for kind, right in RIGHTS.items():
        tag = str(msgspec.structs.fields(kind) and kind.__struct_config__.tag)
        roles = (Role.HOST, Role.COHOST, Role.SPEAKER)
        table[tag] = tuple(said(right, one, about_oneself=tag == "leave") for one in roles)
    assert rows == table


def test_the_page_names_the_limits() -> None:
    for words in (
        f"{SPEAKERS_MAX} people fit on stage",
        f"connected for {GRACE_US // 1_000_000} seconds",
        f"within {WITHIN_S} seconds",
        f"At most {OPEN_MAX} are open",
        f"{BANS_MAX} of them and {CLOSED_LINKS_MAX} links",
    ):
        assert words in PAGE, words
    assert SOON_S == 10, "the page says ten in words"
