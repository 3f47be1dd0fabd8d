"""The studio's sentences about written questions and polls in Spanish."""

from typing import Final

FORUM: Final = {
    "Questions are off, approved or open.": (
        "Las preguntas pueden estar en «off», «approved» u «open»."
    ),
    "This question is not here any more.": "Esta pregunta ya no está aquí.",
    "A question can be shown, answered or dismissed.": (
        "Una pregunta se puede mostrar, dar por respondida o descartar."
    ),
    "{} questions are shown already. Dismiss some first.": (
        "Ya se muestran {} preguntas. Descarta antes alguna."
    ),
    "A poll has {} to {} choices.": "Una votación tiene de {} a {} opciones.",
    "Two choices of this poll are the same. Change one of them.": (
        "Dos opciones de esta votación son iguales. Cambia una de ellas."
    ),
    "Another poll is open. Close it first.": "Hay otra votación abierta. Ciérrala antes.",
    "There is no poll to close.": "No hay ninguna votación que cerrar.",
}
"""As in `spanish.SENTENCES`, which holds them too."""
