import pytest

from rostra.domain.errors import MalformedError
from rostra.domain.limits import NAME_CHARS_MAX, SPACE_ID_CHARS_MAX
from rostra.domain.voices import (
    ASKS_PER_TALLY_MAX,
    CLAIM_CHARS,
    HANDS_PER_TALLY_MAX,
    HASH_MAX,
    HASHES_PER_TALLY_MAX,
    LISTENER_CHARS_MAX,
    NOTE_CHARS_MAX,
    POLL_CHOICES_MAX,
    POLL_ID_CHARS_MAX,
    QUESTION_CHARS_MAX,
    QUESTION_ID_CHARS,
    QUESTIONS_PER_TALLY_MAX,
    REACTIONS,
    REGISTER_MAX,
    REGISTERS,
)
from rostra.wire.messages import EdgeTally, SpaceTally, pack, read_tally
from rostra.wire.said import (
    POLLS_PER_TALLY_MAX,
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


CLAIM = "c" * CLAIM_CHARS
QUESTION = "q" * QUESTION_ID_CHARS
ASK = (CLAIM, "n" * NAME_CHARS_MAX, "t" * NOTE_CHARS_MAX)
WORDS = ("t" * QUESTION_CHARS_MAX, "n" * NAME_CHARS_MAX)
MANY = tuple(range(HASHES_PER_TALLY_MAX + 1))


def test_what_reaches_every_limit_of_what_is_written_is_read() -> None:
    row = SpaceTally(
        "s",
        asks={f"{index:0{LISTENER_CHARS_MAX}}": ASK for index in range(ASKS_PER_TALLY_MAX)},
        questions={
            f"{index:0{QUESTION_ID_CHARS}}": WORDS for index in range(QUESTIONS_PER_TALLY_MAX)
        },
        backs={QUESTION: (*MANY[:-2], HASH_MAX)},
        votes={
            f"{index:0{POLL_ID_CHARS_MAX}}": {POLL_CHOICES_MAX - 1: (HASH_MAX,)}
            for index in range(POLLS_PER_TALLY_MAX)
        },
    )
    assert there_and_back(row) == row


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (SpaceTally("s", asks={"a" * (LISTENER_CHARS_MAX + 1): ASK}), "words beyond"),
        (SpaceTally("s", asks={"a": ("c", "", "")}), "words beyond"),
        (SpaceTally("s", asks={"a": (CLAIM, ASK[1] + "n", "")}), "words beyond"),
        (SpaceTally("s", asks={"a": (CLAIM, "", ASK[2] + "t")}), "words beyond"),
        (SpaceTally("s", asks={str(index): ASK for index in MANY[:129]}), "words beyond"),
        (SpaceTally("s", questions={"q": WORDS}), "questions beyond"),
        (SpaceTally("s", questions={QUESTION: (WORDS[0] + "t", "")}), "questions beyond"),
        (SpaceTally("s", questions={QUESTION: ("", "")}), "questions beyond"),
        (SpaceTally("s", questions={QUESTION: ("t", WORDS[1] + "n")}), "questions beyond"),
        (SpaceTally("s", questions={f"{i:016}": WORDS for i in MANY[:65]}), "questions beyond"),
        (SpaceTally("s", backs={"q": (1,)}), "backs beyond"),
        (SpaceTally("s", backs={QUESTION: MANY}), "backs beyond"),
        (SpaceTally("s", backs={QUESTION: (-1,)}), "backs beyond"),
        (SpaceTally("s", votes={"": {0: (1,)}}), "votes beyond"),
        (SpaceTally("s", votes={"p": {POLL_CHOICES_MAX: (1,)}}), "votes beyond"),
        (SpaceTally("s", votes={"p": {-1: (1,)}}), "votes beyond"),
        (SpaceTally("s", votes={"p": {0: MANY}}), "votes beyond"),
        (SpaceTally("s", votes={p: {0: (1,)} for p in "pqr"}), "votes beyond"),
    ],
)
def test_what_is_written_beyond_a_limit_is_refused(row: SpaceTally, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        there_and_back(row)


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
