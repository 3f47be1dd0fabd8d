"""The pages' words in English; `{}` names are values, and counts are reports, never outages."""

from typing import Final

from rostra.watch.pages.words_told_en import TOLD_ENGLISH

ENGLISH: Final = {
    # Frame.
    "skip": "To the content",
    "pages": "Pages of this watch",
    "nav_status": "Status",
    "nav_history": "History",
    "nav_method": "How we know",
    "foot": (
        "This watch runs apart from the house: its own process, store and page."
        " It tells what it sees, and does not know more."
    ),
    "calendar": "Calendar of announced work",
    "report_button": "I have a problem",
    "subscribe": "Subscribe",
    "back": "All components",
    "true_at": "As of {at}.",
    "title_status": "Status",
    # The one sentence.
    "one_nothing": "Nothing is watched here yet.",
    "one_nothing_text": (
        "Components of this page are named in the configuration of the watch"
        " ([[watch.components]]); they appear here with their reports and probes."
    ),
    "one_calm": "Our probes are ok, and reports are usual.",
    "one_calm_part": "Reports are usual, and our probes are ok but for {names}.",
    "one_calm_reports": "Reports are at their usual level.",
    "one_incident": "{name}",
    "one_incidents": "{n} incidents are open.",
    "one_failing": "Our probes of {names} are failing.",
    "one_failing_place": "Our probe of {names} is failing, in one place only.",
    "one_status": "{names}: {word}.",
    "one_unusual": "Reports about {names} are unusual; our probes are ok.",
    "one_unusual_alone": "Reports about {names} are unusual.",
    "one_maintenance": "Announced work is under way.",
    "and": "and",
    "more_names": "{n} more",
    # A component's sentence.
    "reports_times": "Reports {n} × usual",  # noqa: RUF001 - the sign for times
    "reports_usual": "Reports usual",
    "our_probes": "our probes: {said}",
    "probes_ok": "ok",
    "probes_failing": "failing since {since}",
    "probes_mixed": "ok in some places, failing in others since {since}",
    "probes_unknown": "not known",
    "probes_none": "none",
    "one_place_only": "one place only",
    "level_one": "1 report in {minutes} min; usual {usual}, unusual above {upper}.",
    "level": "{n} reports in {minutes} min; usual {usual}, unusual above {upper}.",
    "level_unproven": "{n} more are shown and not counted: they came in a flood without proof.",
    "level_learning": "Few weeks of history: the usual level is a first estimate.",
    "mostly": "Mostly: {kinds}.",
    "listening": "{n} listening now.",
    "unusual_why": (
        "Reports alone do not turn a component red. Our probes hear it as always,"
        " so it stays as it is until a probe or a person says otherwise."
    ),
    "flood": (
        "Many reports come at this moment. The form asks your device for a few seconds of"
        " computing, so that every counted report is one somebody meant."
    ),
    # States, always beside their shape.
    "status_operational": "Works",
    "status_under_maintenance": "Announced work",
    "status_degraded_performance": "Worse than usual",
    "status_partial_outage": "Fails in part",
    "status_major_outage": "Fails",
    "status_unusual": "Reports unusual, probes ok",
    "status_unusual_alone": "Reports unusual",
    "impact_none": "No impact",
    "impact_minor": "Minor impact",
    "impact_major": "Major impact",
    "impact_critical": "Critical impact",
    "impact_maintenance": "Announced work",
    "incident_investigating": "Being looked into",
    "incident_identified": "Cause found",
    "incident_monitoring": "Mended, being watched",
    "incident_resolved": "Over",
    "incident_postmortem": "Over, explained",
    "work_scheduled": "Planned",
    "work_in_progress": "Under way",
    "work_verifying": "Being checked",
    "work_completed": "Done",
    "outcome_confirmed": "Confirmed by a person",
    "outcome_false_alarm": "False alarm",
    "outcome_open": "Draft: nobody has confirmed it yet",
    "by_alarm": "opened by an alarm",
    "automatic": "automatic",
    # Charts.
    "chart_24h": "The last 24 hours",
    "chart_90d": "The last 90 days",
    "chart_title": "{name}, {range}: reports and our probes",
    "chart_desc": (
        "Reports in all: {total}; at most {most} in one {slot} ({when});"
        " {above} times above the usual band. {probes}"
    ),
    "chart_probes_none": "No probes.",
    "chart_probes_ok": "All {n} probes were ok.",
    "chart_probes_failed": "{failed} of {n} probes failed.",
    "slot_900": "quarter of an hour",
    "slot_3600": "hour",
    "slot_86400": "day",
    "chart_empty": "No reports and no probes yet. They appear here as they come.",
    "key_reports": "reports",
    "key_above": "reports above usual",
    "key_usual": "usual band",
    "key_ok": "probes ok",
    "key_failed": "probes failing",
    "key_unproven": "not counted",
    "axis_most": "{n} reports",
    "axis_now": "now",
    "axis_hours": "{n} h ago",
    "axis_days": "{n} d ago",
    "table_open": "The same numbers as a table",
    "table_when": "From (UTC)",
    "table_reports": "Reports",
    "table_usual": "Usual",
    "table_upper": "Unusual above",
    "table_probes": "Probes",
    "table_failed": "Failed",
    "table_unproven": "Not counted",
    "table_quiet": "Slots with no report and no failed probe are left out.",
    # Sections of the page.
    "components": "Components",
    "open_incidents": "Open now",
    "open_since": "Since {at}",
    "latest": "Latest: {body}",
    "to_incident": "Timeline and evidence",
    "work": "Announced work",
    "work_until": "{begins} until {ends}",
    "work_when": "{begins} until {ends}",
    "accuracy": "How right this page was",
    "accuracy_days": "In the last {n} days",
    "accuracy_alarms": "alarms",
    "accuracy_confirmed": "were right",
    "accuracy_false": "were false",
    "accuracy_open": "not judged yet",
    "accuracy_missed": "seen by a person, and by no alarm",
    "accuracy_none": "No alarm so far, and none missed.",
    "accuracy_more": "False alarms stay published, with their reason.",
    "past": "Lately",
    "past_none": "No incident in the last {n} days.",
    "to_history": "The whole history",
    # A component's page.
    "places": "Where reports come from",
    "places_text": (
        "Reports in the last 24 hours, by the place that reporters named."
        " Places with fewer than {n} are not shown: somebody could be recognised."
    ),
    "places_reports": "{n} reports",
    "map_one": "Map of the world with reports from one country or territory: {first}.",
    "map_many": (
        "Map of the world with reports from {n} countries or territories, most of all: {first}."
    ),
    "map_step": "{least} to {most} reports",
    "map_step_last": "{least} or more",
    "map_rest": "no place with {n} or more",
    "map_text": (
        "Each square is a country or territory, about where it lies."
        " The parts of it that the list shows are counted with it."
    ),
    "probe_places": "What each place finds",
    "place_ok": "ok",
    "place_failing": "failing since {since}",
    "place_noisy": "left out until it is stable",
    "place_own_trouble": "has trouble of its own, and says nothing of others",
    "place_silent": "says nothing since {since}",
    "place_last": "last probe {at}",
    "place_sound": "first sound after {ms} ms",
    "probe_places_none": "No place probes this component; people's reports are all there is.",
    "at_step": "at step “{step}”: {why}",
    "step_resolve": "resolve the name",
    "step_connect": "connect",
    "step_tls": "secure the connection",
    "step_page": "get the page",
    "step_first_sound": "first sound",
    "step_gap": "sound without gaps",
    "step_t0": "start on time",
    "step_silence": "hear something",
    "its_incidents": "Incidents of this component",
    # Attribution.
    "attribution": "Whose trouble it is",
    "attribution_internal": "The house's own.",
    "attribution_external": "Somebody else's, as far as the evidence goes.",
    "attribution_undetermined": "Undetermined.",
    "neighbours": "Unrelated components that rise with it: {names}.",
    "verdict": "The house's shield says: {verdict}.",
    # An incident's page.
    "incident": "Incident",
    "timeline": "Timeline",
    "evidence": "Evidence",
    "evidence_worst": "At its highest: {sentence}",
    "postmortem": "What happened, and what changes",
    "reason": "Why it was a false alarm",
    "changed": "{names}: {old} → {new}",
    "affects": "Concerns",
    "lasted": "Lasted {n}.",
    "lasts": "Open for {n}.",
    "began": "Began {at}.",
    "ended": "Ended {at}.",
    # History.
    "title_history": "History",
    "history_one": "Every incident and every false alarm, newest first.",
    "history_none": "Nothing has happened yet. What happens is listed here by month.",
    # The form.
    "title_report": "I have a problem",
    "report_one": "What goes wrong for you?",
    "report_text": (
        "Your report is counted beside those of others and against the usual level."
        " It tells us and everybody who looks at this page."
    ),
    "report_component": "Where",
    "report_kind": "What",
    "report_place": "Your country, if you like",
    "report_no_place": "I leave it out",
    "report_send": "Send the report",
    "report_kept_title": "What is kept",
    "report_kept": (
        "Component, kind, country and the minute. Not your address: it becomes a code whose key is"
        " thrown away, so that one person counts once in half an hour and nobody can be traced."
    ),
    "report_thanks": "Thank you. Your report is in.",
    "report_thanks_text": (
        "The page shows it within seconds, as a number beside the others."
        " A second report of the same thing within half an hour is taken and not counted twice."
    ),
    "report_thanks_unproven": (
        "Many reports come at this moment, so it is shown beside the counted ones, hatched."
        " With JavaScript the form computes for a few seconds, and a report counts."
    ),
    "report_none": "There is nothing to report about: this page watches no component yet.",
    "kind_cannot_join": "I cannot join",
    "kind_no_sound": "No sound",
    "kind_broken_sound": "Broken sound",
    "kind_echo": "Echo",
    "kind_late": "It is late",
    "kind_cannot_speak": "I cannot speak",
    "kind_other": "Something else",
    "nowhere": "There is nothing at this address.",
    "nowhere_text": "An incident may have been merged, or a letter of the address is missing.",
    "to_status": "To the status",
    **TOLD_ENGLISH,
}
"""As `{name}`s stand in both languages alike; a test compares them."""
