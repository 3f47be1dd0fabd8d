"""A reporter is one for a window and component; an address is at most a few reporters."""

from rostra.watch.kinds import WINDOW_S
from rostra.watch.moments import US_PER_S
from rostra.watch.reporters import (
    DEVICES_MAX,
    HASH_BYTES,
    PREFIX_COUNTED_MAX,
    network,
    reporter,
    window_of,
)

KEY, OTHER = b"k" * 32, b"o" * 32


def test_one_is_the_same_within_a_window_and_component() -> None:
    assert reporter(KEY, "stage", "192.0.2.7") == reporter(KEY, "stage", "192.0.2.7")
    assert len(reporter(KEY, "stage", "192.0.2.7")) == 2 * HASH_BYTES


def test_another_key_component_or_address_is_another_hash() -> None:
    hashes = {
        reporter(key, component, address)
        for key in (KEY, OTHER)
        for component in ("stage", "stag")
        for address in ("192.0.2.7", "e192.0.2.7")
    }
    assert len(hashes) == 8


def test_an_address_is_at_most_a_few_reporters_whatever_words_it_makes_up() -> None:
    hashes = {reporter(KEY, "stage", "192.0.2.7", f"word{number}") for number in range(500)}
    assert len(hashes) == DEVICES_MAX
    assert reporter(KEY, "stage", "192.0.2.7") in hashes


def test_a_network_is_no_reporter() -> None:
    assert network(KEY, "stage", "192.0.2") != reporter(KEY, "stage", "192.0.2")
    assert network(KEY, "stage", "192.0.2") != network(KEY, "page", "192.0.2")


def test_what_counts_by_address_is_less_than_by_network() -> None:
    assert DEVICES_MAX < PREFIX_COUNTED_MAX


def test_windows_are_half_hours_of_utc() -> None:
    assert window_of(0) == window_of(WINDOW_S * US_PER_S - 1) == 0
    assert window_of(WINDOW_S * US_PER_S) == 1
