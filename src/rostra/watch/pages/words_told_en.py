"""What operators read of reports, in English."""

from typing import Final

TOLD_ENGLISH: Final = {
    "told_range": "Time",
    "told_range_1h": "Last hour",
    "told_range_24h": "Last 24 hours",
    "told_range_14d": "Last 14 days",
    "told_kind": "Kind",
    "told_kind_all": "Every kind",
    "told_outcome": "Which reports",
    "told_outcome_counted": "Those that count",
    "told_outcome_unproven": "Those not counted",
    "told_outcome_repeat": "Repeats",
    "told_outcome_all": "Every report",
    "told_show": "Show",
    "told_came": "Reports that came from {since} until {until}: {n}.",
    "told_kinds": "All of them, by kind and by what became of them",
    "outcome_word_counted": "counts",
    "outcome_word_unproven": "not counted",
    "outcome_word_repeat": "repeat",
    "outcome_word_surplus": "surplus",
    "told_shared": "What most share",
    "told_summed": "Reports summed here: {n}; {told} of them say something of their player.",
    "told_capped": "They are the newest; there may be more.",
    "told_shared_one": "{fact}: {value}, {n} of {told}",
    "told_shared_none": (
        "No edge, network, browser, device, codec or way of playing is told by two of three."
    ),
    "told_caution": (
        "Only those with trouble are here, and they share what most listeners have"
        " anyway. A longer time shows what is usual."
    ),
    "told_facts": "What players say of themselves",
    "told_by": "told by {n}",
    "told_others": "others",
    "told_yes": "yes",
    "told_no": "no",
    "told_median": "half of them up to {n}",
    "told_half": "the middle half {low} to {high}",
    "told_whole": "all of them {least} to {most}",
    "told_from": "Where they come from",
    "told_sources": "Sent from",
    "source_page": "status page",
    "source_listener": "listener's page",
    "source_api": "a program",
    "told_places": "Places",
    "told_places_text": (
        "Of those that count. Places with fewer than {n} are not named: somebody could"
        " be recognised."
    ),
    "told_elsewhere": "not named",
    "told_newest": "The newest, one by one",
    "told_nothing": "says nothing of its player",
    "told_none": (
        "No report of what you chose. Choose a longer time, another kind, or every report."
    ),
    "fact_edge": "Edge",
    "fact_network": "Network",
    "fact_browser": "Browser",
    "fact_device": "Device",
    "fact_codec": "Codec",
    "fact_transport": "Way of playing",
    "fact_state": "State",
    "fact_page": "Page",
    "fact_muted": "Muted",
    "fact_hidden": "Hidden",
    "fact_playing": "Playing",
    "fact_latency_ms": "Behind, ms",
    "fact_buffered_ms": "Buffered, ms",
    "fact_first_sound_ms": "First sound after, ms",
    "fact_stalled_ms": "Silent, ms",
    "fact_stalls": "Silences",
    "fact_skips": "Jumps",
    "fact_reconnects": "Connections",
    "fact_tick_ms": "Tick of the edge, ms",
    "fact_listened_s": "Listened, s",
    "fact_loss_percent": "Lost on the way, %",
}
