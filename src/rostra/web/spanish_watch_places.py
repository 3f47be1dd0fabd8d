"""In Spanish: what the watch says to places that probe for it."""

from typing import Final

WATCH_PLACES: Final = {
    "This needs the token of a place that probes for this watch. See its file"
    " watch-place-NAME.token among the watch's secrets.": (
        "Hace falta la clave de un lugar que sondea para este vigía. Mira su archivo"
        " watch-place-NAME.token entre los secretos del vigía."
    ),
    "This is no list of results: {}.": "Esto no es una lista de resultados: {}.",
    "{} results exceed {}. Send them in parts.": ("{} resultados superan {}. Envíalos por partes."),
    "There is no component {} here. Ask for the list.": (
        "Aquí no hay ningún componente {}. Pide la lista."
    ),
    "A result is {} s ahead of the watch's clock. See that place's clock.": (
        "Un resultado va {} s por delante del reloj del vigía. Revisa el reloj de ese lugar."
    ),
    "A result is {} s old; after {} s it is not taken.": (
        "Un resultado tiene {} s; pasados {} s no se acepta."
    ),
    "A result has too many steps, or no possible number of listeners.": (
        "Un resultado tiene demasiados pasos o un número imposible de oyentes."
    ),
    "There is no step {} in a probe.": "En una sonda no hay ningún paso {}.",
    "A step takes 0 to {} ms.": "Un paso dura de 0 a {} ms.",
}
