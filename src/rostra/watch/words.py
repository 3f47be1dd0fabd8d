"""Every sentence that the watch says about evidence, in English and in Spanish."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from rostra.domain.language import LANGUAGES
from rostra.watch.board import Level, ProbesView

NAMES_MAX: Final = 3
"""Components that a name lists before it says how many more there are."""

Words = tuple[str, str]
"""The same in English and in Spanish."""

REASONS: Final[Mapping[str, Words]] = {
    "person": ("An operator says so.", "Lo dice quien opera la página."),
    "places_agree": (
        "Probes from two places or more agree that it fails.",
        "Las sondas de dos o más lugares coinciden en que falla.",
    ),
    "dependency": (
        "Something that it depends on, run by others, fails from two places.",
        "Falla desde dos lugares algo ajeno de lo que depende.",
    ),
    "neighbour_failing": (
        "Something unrelated fails at the same time: reports may be about that.",
        "Al mismo tiempo falla otra cosa sin relación: los avisos pueden tratar de ella.",
    ),
    "neighbours_rise": (
        "Reports of unrelated components rise too: a shared cause, or the reporters' own network.",
        "También suben los avisos de lo no relacionado: una causa común, o la red de quien avisa.",
    ),
    "one_place_only": (
        "One place alone probes it, and its own way there may be the trouble.",
        "Solo la sondea un lugar, y el problema puede estar en su propio camino.",
    ),
    "places_differ": (
        "One place finds trouble and another does not.",
        "Un lugar encuentra problemas y otro no.",
    ),
    "probes_ok": (
        "Reports are unusual, and our probes find nothing wrong.",
        "Los avisos son inusuales, y nuestras sondas no encuentran nada malo.",
    ),
    "no_probes": (
        "Nothing probes it: there are people's reports alone.",
        "Nada la sondea: solo hay avisos de la gente.",
    ),
    "probes_unknown": (
        "Our probes cannot tell at the moment: they are silent, or in trouble themselves.",
        "Nuestras sondas no saben ahora: callan, o tienen problemas propios.",
    ),
    "unproven": (
        "Many reports came without a proof of work: they are shown and not counted.",
        "Llegaron muchos avisos sin prueba de trabajo: se muestran y no se cuentan.",
    ),
    "crowd": (
        "Many more people listen than usual, and with them reports rise.",
        "Escucha mucha más gente de lo habitual, y con ella suben los avisos.",
    ),
    "verdict_internal": (
        "The house's own guard finds the trouble inside.",
        "La propia guardia de la casa encuentra el problema dentro.",
    ),
    "verdict_external": (
        "The house's own guard finds the trouble outside.",
        "La propia guardia de la casa encuentra el problema fuera.",
    ),
    "learning": (
        "The usual level is still being learnt.",
        "El nivel habitual todavía se está aprendiendo.",
    ),
}
"""Reasons of an attribution by id."""

STATUSES: Final[Mapping[str, Words]] = {
    "operational": ("Operational", "Funciona"),
    "under_maintenance": ("Under maintenance", "En mantenimiento"),
    "degraded_performance": ("Degraded performance", "Funciona mal"),
    "partial_outage": ("Partial outage", "Corte parcial"),
    "major_outage": ("Major outage", "Corte general"),
    "investigating": ("Investigating", "Investigando"),
    "identified": ("Identified", "Causa hallada"),
    "monitoring": ("Monitoring", "En observación"),
    "resolved": ("Resolved", "Resuelto"),
    "postmortem": ("Post-mortem", "Análisis posterior"),
    "scheduled": ("Scheduled", "Previsto"),
    "in_progress": ("In progress", "En curso"),
    "verifying": ("Verifying", "Comprobando"),
    "completed": ("Completed", "Terminado"),
    "cancelled": ("Cancelled", "Cancelado"),
    "draft": ("Draft: nobody has confirmed it", "Borrador: nadie lo ha confirmado"),
    "settled": ("Calm again, not judged", "En calma, sin juzgar"),
    "dismissed": ("False alarm", "Falsa alarma"),
    "none": ("None", "Ninguno"),
    "minor": ("Minor", "Leve"),
    "major": ("Major", "Grave"),
    "critical": ("Critical", "Crítico"),
    "maintenance": ("Maintenance", "Mantenimiento"),
    "internal": ("Internal: it is the component's own", "Interno: es del propio componente"),
    "external": ("External: it comes from elsewhere", "Externo: viene de otra parte"),
    "undetermined": ("Undetermined", "Sin determinar"),
    "confirmed": ("Confirmed", "Confirmado"),
    "false_alarm": ("False alarm", "Falsa alarma"),
}
"""Words for statuses, phases, impacts, attributions and outcomes."""

DESCRIPTIONS: Final[Mapping[str, str]] = {
    "All Systems Operational": "Todo funciona",
    "Service Under Maintenance": "Servicio en mantenimiento",
    "Partially Degraded Service": "Servicio parcialmente degradado",
    "Partial System Outage": "Corte parcial del sistema",
    "Major System Outage": "Corte general del sistema",
}
"""The page's one sentence, in the words that Statuspage's readers know, and in Spanish."""

_LINES: Final[Mapping[str, Words]] = {
    "quiet": (
        "Reports as usual ({reports} in {minutes} min)",
        "Avisos, los habituales ({reports} en {minutes} min)",
    ),
    "unusual": ("Reports {times} \u00d7 usual", "Avisos: {times} \u00d7 lo habitual"),
    "probes": ("our probes: {probes}", "nuestras sondas: {probes}"),
    "probes_ok": ("ok", "bien"),
    "probes_none": ("none", "ninguna"),
    "probes_unknown": ("cannot tell", "no saben"),
    "probes_failing": ("failing since {since}", "fallan desde {since}"),
    "probes_mixed": (
        "failing from some places since {since}",
        "fallan desde algunos lugares desde {since}",
    ),
    "one_place": (" (one place only)", " (un solo lugar)"),
    "unconfirmed": ("Nobody has confirmed this yet.", "Nadie lo ha confirmado todavía."),
    "unusual_probes_ok": ("Reports unusual, probes ok", "Avisos inusuales, sondas bien"),
    "more": ("{names} and {more} more", "{names} y {more} más"),
    "name_reports": ("Unusual reports: {names}", "Avisos inusuales: {names}"),
    "name_one_place": (
        "Probe fails from one place: {names}",
        "La sonda falla desde un lugar: {names}",
    ),
    "name_places": ("Probes fail: {names}", "Las sondas fallan: {names}"),
    "joined": ("{names} shows signs too.", "También da señales {names}."),
    "settled": (
        "Reports and probes have been calm for {minutes} minutes. Nobody has judged this alarm.",
        "Avisos y sondas llevan {minutes} minutos en calma. Nadie ha juzgado esta alarma.",
    ),
    "monitoring": (
        "Reports and probes have been calm for {minutes} minutes. We go on watching.",
        "Avisos y sondas llevan {minutes} minutos en calma. Seguimos observando.",
    ),
    "resolved": (
        "Reports and probes have stayed calm. This is over.",
        "Avisos y sondas siguen en calma. Esto ha terminado.",
    ),
    "again": ("Signs are back: {evidence}.", "Las señales han vuelto: {evidence}."),
    "confirmed": ("An operator confirms this.", "Quien opera la página lo confirma."),
    "begun": ("The work begins as planned.", "El trabajo empieza según lo previsto."),
    "completed": ("The work has ended as planned.", "El trabajo ha terminado según lo previsto."),
}
"""Lines that are made of values."""


def say(line: str, language: str, **values: object) -> str:
    """A line with its values in `en` or `es`; KeyError for an unknown line."""
    return _pick(_LINES[line], language).format(**values)


def reason(name: str, language: str) -> str:
    """The sentence of a reason; the id itself where it is of a newer watch."""
    return _pick(REASONS.get(name, (name, name)), language)


def status(word: str, language: str) -> str:
    """The words for a status, phase, impact, attribution or outcome."""
    return _pick(STATUSES.get(word, (word, word)), language)


def description(sentence: str, language: str) -> str:
    """The page's one sentence in `language`."""
    return DESCRIPTIONS.get(sentence, sentence) if language == "es" else sentence


def evidence(level: Level, probes: ProbesView, language: str, now_utc_us: int = 0) -> str:
    """The one sentence: `Reports 3.2 times usual; our probes: failing since 20:04 UTC (…)`.

    With `now_utc_us` a time of another day has its date.
    """
    if level.state == "quiet":
        minutes = level.window_s // 60
        said = say("quiet", language, reports=level.reports, minutes=minutes)
    else:
        said = say("unusual", language, times=number(level.times, language))
    found = say("probes", language, probes=probes_words(probes, language, now_utc_us))
    return f"{said}; {found}"


def probes_words(probes: ProbesView, language: str, now_utc_us: int = 0) -> str:
    """`ok`, or `failing since 20:04 UTC (one place only)`."""
    line = f"probes_{probes.state}"
    since = clock(probes.since_utc_us, now_utc_us)
    said = say(line if line in _LINES else "probes_unknown", language, since=since)
    alone = probes.one_place and probes.state == "failing"
    return said + (say("one_place", language) if alone else "")


def listed(names: Sequence[str], language: str) -> str:
    """`Page, Stream, Desk and 4 more`."""
    shown = ", ".join(names[:NAMES_MAX])
    more = len(names) - NAMES_MAX
    return say("more", language, names=shown, more=more) if more > 0 else shown


def clock(utc_us: int, now_utc_us: int = 0) -> str:
    """`20:04 UTC`, with the date before it where `now_utc_us` is of another day."""
    moment = _moment(utc_us)
    if now_utc_us and _moment(now_utc_us).date() != moment.date():
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"{moment:%H:%M} UTC"


def number(value: float, language: str) -> str:
    """One place behind the point under ten, none above; the comma in Spanish."""
    said = f"{value:.1f}" if value < 9.95 else f"{value:,.0f}".replace(",", "\u202f")  # noqa: PLR2004 - rounds to 10
    return said.replace(".", ",") if language == "es" else said


def _moment(utc_us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=utc_us)


def _pick(words: Words, language: str) -> str:
    return words[LANGUAGES.index(language) if language in LANGUAGES else 0]
