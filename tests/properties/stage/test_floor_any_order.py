"""Whatever is said in whatever order, who may not be heard is in no mix, and hosts keep the floor.

Commands of anybody about anybody, arrivals, losses and time, against one invariant.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.domain.errors import PeerError
from rostra.domain.ports import Moment
from rostra.domain.space import Role
from rostra.stage.commands import carry_out, check, sweep
from rostra.stage.floor import Floor
from rostra.stage.places import HOSTS
from rostra.wire import stagelink as say

WHO = st.sampled_from(["host", "anna", "bert", "carl", ""])
NAMES = st.sampled_from(["host", "anna", "bert", "carl"])
COMMANDS = st.one_of(
    st.builds(say.Mute, n=st.just(1), on=st.booleans(), who=WHO),
    st.builds(say.Remove, n=st.just(1), who=WHO),
    st.builds(say.Ban, n=st.just(1), who=WHO),
    st.builds(say.SetRole, n=st.just(1), who=WHO, role=st.sampled_from(["cohost", "speaker"])),
    st.builds(say.Seat, n=st.just(1), who=WHO, where=st.sampled_from(["stage", "backstage"])),
    st.builds(say.MuteAll, n=st.just(1)),
    st.builds(say.Lock, n=st.just(1), on=st.booleans()),
    st.builds(say.Limit, n=st.just(1), who=WHO, seconds=st.integers(0, 20)),
)
STEPS = st.lists(st.tuples(NAMES, COMMANDS, st.integers(0, 8)), max_size=40)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_nobody_is_heard_without_the_right(steps: list[tuple[str, say.Up, int]]) -> None:
    floor, now_s = Floor(), 0
    for who in ("host", "anna", "bert", "carl"):
        floor.join(who, who, Role.HOST if who == "host" else Role.SPEAKER, 0)
        floor.connected(who, 0)
    for by, command, wait_s in steps:
        now_s += wait_s
        now = Moment(now_s * 10**9, now_s * 10**6)
        was_host = by in floor and floor.place(by).role in HOSTS
        before = floor.lasting
        try:
            carry_out(floor, by, command, now)
        except PeerError:
            assert floor.lasting == before, "a refusal changes nothing"
        else:
            check_row(floor, by, command, was_host=was_host)
        sweep(floor, now)
        heard = {"host", "anna", "bert", "carl", "stranger"} - floor.unheard(
            {"host", "anna", "bert", "carl", "stranger"}
        )
        for one in heard:
            place = floor.place(one)
            assert not place.muted
            assert not place.time_is_up(now_s * 10**6)
        assert not heard & set(floor.removed)


def check_row(floor: Floor, by: str, command: say.Up, *, was_host: bool) -> None:
    """Who is no host did something to themselves at most."""
    if not was_host:
        assert isinstance(command, say.Mute)
        assert command.who in {"", by}
        check(floor, by, command)
