"""What the operators' pages say, in English and in Spanish."""

from collections.abc import Mapping
from typing import Final

from rostra.domain.language import LANGUAGES

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Operators", "Operación"),
    "login": ("Log in", "Entrar"),
    "logout": ("Log out", "Salir"),
    "token": ("Token (secrets/watch.token)", "Testigo (secrets/watch.token)"),
    "your_name": ("Your name, for the log", "Tu nombre, para el registro"),
    "as": ("Logged in as", "Has entrado como"),
    "drafts": ("Waiting for your judgement", "Esperan tu juicio"),
    "no_drafts": ("No alarm waits to be judged.", "Ninguna alarma espera juicio."),
    "under_way": ("Under way", "En curso"),
    "no_under_way": ("No incident is under way.", "No hay ningún incidente en curso."),
    "over": ("Over", "Terminados"),
    "no_over": ("Nothing has happened yet.", "Aún no ha pasado nada."),
    "work": ("Announced work", "Trabajos anunciados"),
    "no_work": ("No work is announced.", "No hay trabajos anunciados."),
    "open": ("Open an incident", "Abrir un incidente"),
    "announce": ("Announce work", "Anunciar trabajos"),
    "log": ("What operators did", "Lo que se hizo aquí"),
    "no_log": ("Nobody has done anything yet.", "Nadie ha hecho nada todavía."),
    "back": ("Back to the list", "Volver a la lista"),
    "public": ("Public page", "Página pública"),
    "told": ("What reports say", "Lo que dicen los avisos"),
    "evidence": ("Evidence", "Indicios"),
    "confirm": ("Confirm", "Confirmar"),
    "confirm_hint": (
        "The alarm was right. Your impact replaces what the evidence says.",
        "La alarma acertó. Tu gravedad sustituye a lo que dicen los indicios.",
    ),
    "dismiss": ("False alarm", "Falsa alarma"),
    "dismiss_hint": (
        "It stays published with your reason, and counts as a false alarm.",
        "Queda publicado con tu razón y cuenta como falsa alarma.",
    ),
    "update": ("Post an update", "Publicar una novedad"),
    "resolve": ("Resolve", "Dar por resuelto"),
    "reopen": ("Open again", "Volver a abrir"),
    "postmortem": ("Post-mortem", "Análisis posterior"),
    "edit": ("Change or move on", "Cambiar o avanzar"),
    "cancel": ("Call off", "Cancelar"),
    "name": ("Name", "Nombre"),
    "body": ("What readers are told", "Qué se dice a quien lee"),
    "reason": ("Reason, as readers will see it", "Razón, tal como se leerá"),
    "status": ("Status", "Estado"),
    "impact": ("Impact", "Gravedad"),
    "left_open": (
        "Minor, or more if the evidence says so",
        "Leve, o más si lo dicen los indicios",
    ),
    "attribution": ("Whose trouble it is", "De quién es el problema"),
    "components": ("Components", "Componentes"),
    "unchanged": ("as it is", "como está"),
    "begins": ("Begins (UTC)", "Empieza (UTC)"),
    "ends": ("Ends (UTC)", "Termina (UTC)"),
    "type_word": ("Type {word} to do it", "Escribe {word} para hacerlo"),
    "word_dismiss": ("DISMISS", "DESCARTAR"),
    "word_cancel": ("CANCEL", "CANCELAR"),
    "timeline": ("Timeline", "Cronología"),
    "since": ("since", "desde"),
}
"""Labels by id. `word_…` are what somebody types before a dangerous action."""


def labels(language: str) -> dict[str, str]:
    """Every label in `en` or `es`."""
    index = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {name: both[index] for name, both in WORDS.items()}
