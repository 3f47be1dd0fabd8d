"""What listeners say with one touch, and how a listener names itself: never by a person's name."""

from typing import Final

REACTIONS: Final = ("clap", "heart", "laugh", "wow", "agree")
"""Every reaction that there is, in the order in which a page shows them."""

LISTENER_CHARS_MIN: Final = 16
"""96 random bits in base64url: nobody meets another listener's id by chance, or guesses it."""

LISTENER_CHARS_MAX: Final = 64
"""More says nothing more; the id stands in addresses."""

LISTENER: Final = rf"[A-Za-z0-9_-]{{{LISTENER_CHARS_MIN},{LISTENER_CHARS_MAX}}}"
"""A listener's id as a regular expression."""

REGISTERS: Final = 4_096
"""Of a sketch that estimates unique listeners, a byte each: a standard error of 1.6 %
(`wire.sketch`)."""

REGISTER_MAX: Final = 63
"""The longest run of zeros in a hash of 64 bits that a register can hold."""

HAND_S: Final = 60
"""A hand goes down by itself so long after it was last raised: a page that is there raises it again
each 25 to 30 s, one that was closed does not, and one of two that were lost is made good."""

HANDS_PER_TALLY_MAX: Final = 256
"""Hands raised or lowered in one space at one edge in one second: 24 kB at most."""
