import pytest

from rostra.domain.errors import ForbiddenError
from rostra.stage.bans import BANS_MAX, CLOSED_LINKS_MAX, HASH_CHARS, Bans, Marks, mark_of


def test_a_mark_is_a_hash_of_its_own_kind_and_nothing_of_nothing() -> None:
    assert len(mark_of("device", "word")) == HASH_CHARS
    assert mark_of("device", "word") != mark_of("account", "word")
    assert mark_of("device", "") == ""
    assert mark_of("device", "\ud800")


@pytest.mark.parametrize("kind", ["account", "device", "listener"])
def test_one_mark_in_common_is_enough(kind: str) -> None:
    bans = Bans()
    bans.add(Marks("link", "a", "d", "l"))
    known = Marks(**{kind: kind[0]})
    assert bans.banned(known)
    with pytest.raises(ForbiddenError, match="banned"):
        bans.check(known, returning=True, has_place=True)
    bans.check(Marks(), returning=False, has_place=False)


def test_what_is_known_is_kept_where_nothing_new_is() -> None:
    assert Marks("", "", "new").or_else(Marks("link", "a", "old")) == Marks("link", "a", "new")


def test_the_oldest_are_forgotten_beyond_a_limit() -> None:
    bans = Bans()
    for number in range(max(BANS_MAX, CLOSED_LINKS_MAX) + 1):
        bans.add(Marks(f"link{number}", device=f"d{number}"))
    assert len(bans.hashes) == BANS_MAX
    assert len(bans.closed_links) == CLOSED_LINKS_MAX
    assert not bans.banned(Marks(device="d0"))
    assert bans.banned(Marks(device=f"d{BANS_MAX}"))
    after = Bans()
    after.restore(bans.hashes, bans.closed_links)
    assert after == bans
