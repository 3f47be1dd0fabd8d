from rostra.stage.jitter import (
    BURST_BLOCKS_MAX,
    CONCEAL_BLOCKS_MAX,
    MARGIN_US_MAX,
    QUICK_PLAYS,
    REDUNDANCY_US,
    RESTART_BLOCKS,
    RESTART_PACKETS,
    TARGET_BLOCKS,
    WINDOW_PLAYS,
    Action,
    JitterBuffer,
    Turn,
)

BLOCK_US = 20_000


def put(jitter: JitterBuffer, number: int, at_us: int | None = None) -> None:
    """Packet `number` of a sender who began at zero."""
    arrival = number * BLOCK_US if at_us is None else at_us
    jitter.put(number & 0xFFFF, number * 960 & 0xFFFFFFFF, b"%d" % number, arrival)


def actions(jitter: JitterBuffer, first: int, count: int) -> list[Action]:
    return [jitter.pull((first + index) * BLOCK_US).action for index in range(count)]


def started(packets: int = TARGET_BLOCKS) -> JitterBuffer:
    jitter = JitterBuffer()
    for number in range(packets):
        put(jitter, number)
    return jitter


def test_an_empty_buffer_is_silent() -> None:
    assert actions(JitterBuffer(), 0, 3) == [Action.SILENCE] * 3


def test_it_fills_to_its_target_before_the_first_sound() -> None:
    jitter = JitterBuffer()
    put(jitter, 0)
    assert jitter.pull(0).action is Action.SILENCE
    put(jitter, 1)
    assert jitter.pull(BLOCK_US) == Turn(Action.PLAY, b"0")
    assert jitter.depth_ms == 20


def test_a_single_packet_does_not_wait_for_ever() -> None:
    jitter = JitterBuffer()
    put(jitter, 0)
    assert actions(jitter, 0, 3) == [Action.SILENCE, Action.SILENCE, Action.PLAY]


def test_reordered_packets_come_out_in_order() -> None:
    jitter = JitterBuffer()
    for number in (1, 0, 3, 2):
        put(jitter, number)
    assert [jitter.pull(index).payload for index in range(4)] == [b"0", b"1", b"2", b"3"]
    assert jitter.counters.lost == jitter.counters.late == 0


def test_a_lost_packet_is_asked_from_the_redundancy_of_the_next() -> None:
    jitter = started()
    put(jitter, 3)
    turns = [jitter.pull(index) for index in range(4)]
    assert turns[2] == Turn(Action.FEC, b"3")
    assert turns[3] == Turn(Action.PLAY, b"3")
    assert (jitter.counters.lost, jitter.counters.fec) == (1, 1)


def test_of_two_lost_packets_the_first_is_concealed() -> None:
    jitter = started()
    put(jitter, 4)
    assert actions(jitter, 0, 5)[2:] == [Action.CONCEAL, Action.FEC, Action.PLAY]
    assert (jitter.counters.lost, jitter.counters.concealed) == (2, 1)


def test_a_pause_of_the_sender_is_silence_and_no_loss() -> None:
    jitter = started()
    jitter.put(2, 6 * 960, b"after", 2 * BLOCK_US)
    silent = [Action.SILENCE] * 4
    assert actions(jitter, 0, 7) == [Action.PLAY, Action.PLAY, *silent, Action.PLAY]
    assert jitter.counters.lost == 0


def test_an_underrun_is_concealed_and_then_silent() -> None:
    jitter = started()
    turns = actions(jitter, 0, 2 + CONCEAL_BLOCKS_MAX + 2)
    assert turns[2:] == [Action.CONCEAL] * CONCEAL_BLOCKS_MAX + [Action.SILENCE] * 2


def test_a_packet_after_its_turn_is_still_heard_and_the_wait_is_counted() -> None:
    jitter = started()
    assert actions(jitter, 0, 3)[2] is Action.CONCEAL
    put(jitter, 2, 3 * BLOCK_US)
    assert jitter.pull(3 * BLOCK_US) == Turn(Action.PLAY, b"2")
    assert jitter.counters.stretched == 1


def test_a_packet_whose_turn_was_given_to_another_is_late() -> None:
    jitter = started()
    put(jitter, 3)
    actions(jitter, 0, 4)
    put(jitter, 2)
    assert (jitter.counters.late, jitter.held) == (1, 0)


def test_a_loss_makes_room_for_redundancy_once() -> None:
    jitter = started()
    actions(jitter, 0, 2)
    assert jitter.pull(40_000).action is Action.CONCEAL
    put(jitter, 3, 50_000)
    assert jitter.pull(60_000) == Turn(Action.FEC, b"3")
    assert jitter.counters.stretched == 1
    assert BLOCK_US < REDUNDANCY_US < MARGIN_US_MAX


def test_a_duplicate_is_counted_and_ignored() -> None:
    jitter = started()
    put(jitter, 1)
    assert (jitter.counters.duplicate, jitter.held) == (1, 2)


def test_a_burst_jumps_to_the_newest_and_keeps_the_target() -> None:
    jitter = started()
    actions(jitter, 0, 2)
    for number in range(2, 102):
        put(jitter, number, 2_000_000)
    assert jitter.held <= BURST_BLOCKS_MAX
    turn = jitter.pull(2_000_000)
    assert int(turn.payload) >= 102 - BURST_BLOCKS_MAX
    assert jitter.counters.jumps >= 1
    assert jitter.counters.lost == 0


def test_sequence_and_timestamp_wrap() -> None:
    jitter = JitterBuffer()
    start = (1 << 32) // 960 - 3
    for index in range(8):
        number = start + index
        jitter.put((65_533 + index) & 0xFFFF, number * 960 & 0xFFFFFFFF, b"%d" % index, 0)
    assert [jitter.pull(0).payload for _ in range(8)] == [b"%d" % index for index in range(8)]
    assert jitter.counters.lost == 0


def test_a_packet_of_60_ms_takes_three_turns() -> None:
    jitter = JitterBuffer()
    jitter.put(1, 0, b"long", 0, blocks=3)
    jitter.put(2, 3 * 960, b"next", 0, blocks=3)
    assert actions(jitter, 0, 4) == [Action.PLAY, Action.REST, Action.REST, Action.PLAY]


def merges(ahead: int, turns: int) -> list[Turn]:
    """What is merged when a sender is `ahead` packets before their time."""
    jitter = JitterBuffer()
    for number in range(ahead):
        put(jitter, number, 0)
    seen = []
    for number in range(ahead, ahead + turns):
        put(jitter, number, number * BLOCK_US)
        seen.append(jitter.pull((number + 1) * BLOCK_US))
    return [turn for turn in seen if turn.action is Action.MERGE]


def test_a_buffer_that_stays_deep_merges_two_packets() -> None:
    assert merges(1, WINDOW_PLAYS - 1) == []
    merged = merges(1, WINDOW_PLAYS)
    assert len(merged) == 1
    assert int(merged[0].second) == int(merged[0].payload) + 1


def test_a_very_deep_one_merges_faster() -> None:
    assert len(merges(9, 4 * QUICK_PLAYS)) == 4


def test_a_sender_who_starts_over_is_heard_again() -> None:
    jitter = JitterBuffer()
    for number in range(RESTART_BLOCKS + 50, RESTART_BLOCKS + 60):
        put(jitter, number, 0)
        jitter.pull(0)
    for number in range(1, RESTART_PACKETS + 4):
        put(jitter, number, 1_000_000)
    assert jitter.pull(1_000_000).payload == b"%d" % RESTART_PACKETS


def played_on(blocks: int) -> tuple[JitterBuffer, int]:
    """A sender who began at block 1,000, and the number of the block that is played next."""
    jitter = JitterBuffer()
    last = 1_000 + blocks
    for number in range(1_000, last + 1):
        put(jitter, number)
        jitter.pull(number * BLOCK_US)
    return jitter, jitter._next - (jitter._newest - last)


def test_packets_of_three_seconds_ago_are_late_and_no_new_start() -> None:
    for further, restarts in ((0, False), (1, True)):
        jitter, following = played_on(RESTART_BLOCKS + 50)
        first = following - RESTART_BLOCKS - RESTART_PACKETS + 1 - further
        for number in range(first, first + RESTART_PACKETS):
            put(jitter, number, 10_000_000)
        newest_is_far = following - (first + RESTART_PACKETS - 1) > RESTART_BLOCKS
        assert newest_is_far is restarts
        assert jitter.counters.late == RESTART_PACKETS - restarts


def test_one_packet_less_than_certain_is_no_new_start() -> None:
    jitter, _ = played_on(2 * RESTART_BLOCKS)
    for number in range(1_000, 1_000 + RESTART_PACKETS - 1):
        put(jitter, number, 10_000_000)
    assert jitter.counters.late == RESTART_PACKETS - 1
    put(jitter, 1_000 + RESTART_PACKETS, 10_000_000)
    assert jitter.counters.late == RESTART_PACKETS - 1
