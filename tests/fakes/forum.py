"""A live space that takes questions and has a poll open, as its studio tells it."""

from rostra.domain.space import State
from rostra.wire.states import Poll, Question, SpaceState

QUESTION = "0123456789abcdef"
POLL = "poll-1"
HALL = SpaceState(
    "hall",
    "Hall",
    State.LIVE,
    0,
    questions=(Question(QUESTION, "Why?", "Ann", 3, "shown"),),
    poll=Poll(POLL, "Tea?", ("Yes", "No"), (0, 0)),
)
