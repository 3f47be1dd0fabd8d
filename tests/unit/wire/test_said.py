import pytest

from rostra.domain.errors import MalformedError
from rostra.domain.limits import SPACE_ID_CHARS_MAX
from rostra.domain.voices import (
    HANDS_PER_TALLY_MAX,
    LISTENER_CHARS_MAX,
    REACTIONS,
    REGISTER_MAX,
    REGISTERS,
)
from rostra.wire.messages import EdgeTally, SpaceTally, pack, read_tally
from rostra.wire.said import (
    REACTION_CHARS_MAX,
    REACTION_KINDS_MAX,
    REACTIONS_MAX,
    is_sketch,
)


def there_and_back(row: SpaceTally) -> SpaceTally:
    return read_tally(pack(EdgeTally("e", "x", 1, (row,)))).spaces[0]


def test_what_reaches_every_limit_is_read() -> None:
    row = SpaceTally(
        "s",
        run="r" * SPACE_ID_CHARS_MAX,
        unique=bytes([REGISTER_MAX]) * REGISTERS,
        reactions={f"{index:0{REACTION_CHARS_MAX}}": REACTIONS_MAX for index in range(16)},
        hands={f"{index:0{LISTENER_CHARS_MAX}}": True for index in range(HANDS_PER_TALLY_MAX)},
    )
    assert len(row.reactions) == REACTION_KINDS_MAX
    assert there_and_back(row) == row


def test_a_row_of_an_older_edge_says_nothing_of_it() -> None:
    assert there_and_back(SpaceTally("s", 1, 2, 3, 4)) == SpaceTally(
        "s", 1, 2, 3, 4, "", b"", {}, {}
    )
    assert max(map(len, REACTIONS)) <= REACTION_CHARS_MAX


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (SpaceTally("s", run="r" * (SPACE_ID_CHARS_MAX + 1)), "no run or no sketch"),
        (SpaceTally("s", unique=bytes(REGISTERS - 1)), "no run or no sketch"),
        (SpaceTally("s", unique=bytes([REGISTER_MAX + 1]) * REGISTERS), "no run or no sketch"),
        (SpaceTally("s", reactions={"clap": -1}), "reactions beyond"),
        (SpaceTally("s", reactions={"clap": REACTIONS_MAX + 1}), "reactions beyond"),
        (SpaceTally("s", reactions={"c" * (REACTION_CHARS_MAX + 1): 1}), "reactions beyond"),
        (SpaceTally("s", reactions=dict.fromkeys("abcdefghijklmnopq", 1)), "reactions beyond"),
        (SpaceTally("s", hands={"a" * (LISTENER_CHARS_MAX + 1): True}), "hands beyond"),
        (SpaceTally("s", hands=dict.fromkeys(map(str, range(257)), True)), "hands beyond"),
    ],
)
def test_what_goes_beyond_a_limit_is_refused(row: SpaceTally, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        there_and_back(row)


def test_a_sketch_is_all_its_registers_within_bounds() -> None:
    assert is_sketch(bytes(REGISTERS))
    assert not is_sketch(b"")
