"""The desk's and the studio's sentences about doors, start, break and end in Spanish."""

from typing import Final

LIFE: Final = {
    "A space that is {} cannot become {}.": "Un espacio {} no puede pasar a {}.",
    "{} → {} is not for the {}; it is caused by: {}.": (
        "{} → {} no le corresponde a {}; lo causa: {}."
    ),
    "The space is live already.": "El espacio ya está en directo.",
    "The space is not live yet, so there is nothing to interrupt.": (
        "El espacio aún no está en directo: no hay nada que interrumpir."
    ),
    "The space is interrupted already. Start it to go on.": (
        "El espacio ya está en pausa. Inícialo para seguir."
    ),
    "The space has begun, so its start cannot be moved any more.": (
        "El espacio ya ha empezado: su inicio no se puede mover."
    ),
    "The start moves by 1 to {} minutes at once.": (
        "El inicio se mueve de 1 a {} minutos de una vez."
    ),
    "The start cannot be moved beyond a day. Plan another space for then.": (
        "El inicio no se puede mover más de un día. Planea otro espacio para entonces."
    ),
    "There is no action {}; a space knows start, break, end and cancel.": (
        "No existe la acción {}; un espacio conoce start, break, end y cancel."
    ),
    "The doors are not open yet. They open {} min before it begins.": (
        "Las puertas aún no están abiertas. Se abren {} min antes de que empiece."
    ),
    "The doors open {} to {} minutes before the start; these are {}.": (
        "Las puertas se abren de {} a {} minutos antes del inicio; estos son {}."
    ),
}
"""As in `spanish.SENTENCES`, which holds them too."""
