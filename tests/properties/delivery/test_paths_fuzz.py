"""The path parser either gives a route whose fields are safe, or a PeerError; nothing else."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from rostra.delivery.paths import TARGET_BYTES_MAX, Kind, Route, parse
from rostra.domain.errors import PeerError
from rostra.domain.grid import PARTS_PER_SEGMENT

SAFE = re.compile(r"[A-Za-z0-9_.-]{0,128}")
PIECES = st.sampled_from(
    [
        "/live",
        "/s",
        "/assets",
        "/aac",
        "/opus",
        "/part-1-0.m4s",
        "/fillpart-e-1-0.m4s",
        "/hall",
        "/r1",
        "/seg-1.m4s",
        "/..",
        "/%2e",
        "?",
        "\0",
        "é",
    ]
)


def outcome(raw: bytes) -> tuple[Route | None, int]:
    """The route, or the status of the refusal."""
    try:
        return parse(raw), 200
    except PeerError as error:
        return None, error.status


@given(st.one_of(st.binary(max_size=TARGET_BYTES_MAX + 9), st.lists(PIECES).map("".join)))
@example(b"/s/hall\n")
@example(b"/assets/..")
def test_only_safe_names_come_out(target: bytes | str) -> None:
    raw = target.encode() if isinstance(target, str) else target
    route, status = outcome(raw)
    if route is None:
        assert status in {404, 414}
        return
    assert isinstance(route.kind, Kind)
    for name in (route.space, route.run, route.name, route.edge):
        assert SAFE.fullmatch(name)
        assert not name.startswith(".")
    assert -1 <= route.number < 10**12
    assert -1 <= route.part < PARTS_PER_SEGMENT
