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

CLAIM_CHARS: Final = 43
"""SHA-256 in base64url without padding: what an invitation is addressed to."""

CLAIM: Final = rf"[A-Za-z0-9_-]{{{CLAIM_CHARS}}}"
"""A claim as a regular expression."""

NOTE_CHARS_MAX: Final = 140
"""Of a hand: what somebody would like to say, in a line that a host reads at a glance."""

ASKS_PER_TALLY_MAX: Final = 128
"""Hands with a claim that an edge tells in one second, 110 kB at most."""

QUESTION_CHARS_MAX: Final = 200
"""Of a written question: one that can be read out in a breath."""

QUESTION_ID_CHARS: Final = 16
"""96 bits of a hash in base64url."""

QUESTION_ID: Final = rf"[A-Za-z0-9_-]{{{QUESTION_ID_CHARS}}}"
"""A question's id as a regular expression."""

QUESTION_MODES: Final = ("off", "approved", "open")
"""No questions; hosts see them first; everybody sees them at once."""

QUESTIONS_LISTED: Final = 10
"""Questions that the audience sees at a time."""

QUESTIONS_PER_TALLY_MAX: Final = 64
"""Written questions that an edge tells in one second, 70 kB at most."""

HASHES_PER_TALLY_MAX: Final = 8_000
"""Votes, or backs of questions, that an edge tells in one second, 72 kB: twice what it takes from
all listeners at once."""

HASH_MAX: Final = (1 << 64) - 1
"""A listener in votes and backs: a keyed hash of 64 bits."""

POLL_ID_CHARS_MAX: Final = 32
"""A poll's name, made by the studio."""

POLL_CHOICES_MIN: Final = 2
POLL_CHOICES_MAX: Final = 6
"""A phone shows six without scrolling."""

POLL_QUESTION_CHARS_MAX: Final = 140
CHOICE_CHARS_MAX: Final = 60
"""One line each."""
