"""In Spanish: what the watch says to operators, and of what there is not."""

from typing import Final

WATCH_INCIDENTS: Final = {
    # an incident's life
    "An incident that is {} cannot become {}. See its page.": (
        "Un incidente {} no puede pasar a {}. Mira su página."
    ),
    "This incident has {} updates; no more fit. Open another one.": (
        "Este incidente tiene {} novedades; no caben más. Abre otro."
    ),
    "An incident that is {} takes no update. Confirm it first, or open it again.": (
        "Un incidente {} no admite novedades. Confírmalo antes, o vuelve a abrirlo."
    ),
    "This incident is open. Update it.": "Este incidente está abierto. Publica una novedad.",
    "There is no status {} to set; there are {}.": (
        "No existe el estado {} para ponerlo; existen {}."
    ),
    "There is no impact {}; there are {}.": "No existe la gravedad {}; existen {}.",
    "There is no attribution {}; there are {}.": "No existe la atribución {}; existen {}.",
    "A draft about it waits already: {}. Confirm that one.": (
        "Ya espera un borrador sobre eso: {}. Confirma ese."
    ),
    "There is no action {} on an incident.": "No existe la acción {} sobre un incidente.",
    "There is no incident {}. See the list.": "No existe el incidente {}. Mira la lista.",
    "Somebody else changed this a moment ago. Look at it again.": (
        "Otra persona lo cambió hace un momento. Míralo de nuevo."
    ),
    # announced work
    "Announced work that is {} cannot become {}. See its page.": (
        "Un trabajo anunciado {} no puede pasar a {}. Mira su página."
    ),
    "The work ends before it begins. Give a later end.": (
        "El trabajo termina antes de empezar. Da un final posterior."
    ),
    "The end of the work is in the past. Give one that is to come.": (
        "El final del trabajo ya pasó. Da uno que esté por llegar."
    ),
    "The work takes more than {} days. Announce parts.": (
        "El trabajo dura más de {} días. Anúncialo por partes."
    ),
    "This work has {} updates; no more fit.": "Este trabajo tiene {} novedades; no caben más.",
    "This work is over. Announce new work.": "Este trabajo ya terminó. Anuncia otro.",
    "There is no announced work {}. See the list.": (
        "No existe el trabajo anunciado {}. Mira la lista."
    ),
    # components and charts
    "No component is named. Name at least one.": "No se nombra ningún componente. Nombra uno.",
    "There is no component {}. See the page for their ids.": (
        "No existe el componente {}. La página muestra cuáles hay."
    ),
    "There is no range {}; there are {}.": "No existe el intervalo {}; existen {}.",
    "There is no kind {}; there are {}.": "No existe el tipo {}; existen {}.",
    "There is no outcome {}; there are {}.": "No existe el resultado {}; existen {}.",
    # who may
    "This watch takes no orders: it has no operator's token. See its log.": (
        "Este vigía no admite órdenes: no tiene testigo de operación. Mira su registro."
    ),
    "This needs the watch's token (Authorization: Bearer). See secrets/watch.token.": (
        "Esto necesita el testigo del vigía (Authorization: Bearer). Mira secrets/watch.token."
    ),
    "You are not logged in any more. Log in, and send it again.": (
        "Ya no tienes la sesión abierta. Entra y envíalo otra vez."
    ),
    "This form is of an earlier log-in. Open the page again, and send it anew.": (
        "Este formulario es de una sesión anterior. Abre la página y envíalo de nuevo."
    ),
    "This is not the watch's token. It is in secrets/watch.token of its data folder.": (
        "Este no es el testigo del vigía. Está en secrets/watch.token de su carpeta de datos."
    ),
    "The word {} was not typed, so nothing was done. Type it below.": (
        "No se escribió la palabra {}, así que no se hizo nada. Escríbela abajo."
    ),
    # forms and bodies
    "This address takes the form of its own page. Open the page, and send it there.": (
        "Esta dirección admite el formulario de su propia página. Ábrela y envíalo allí."
    ),
    "The form cannot be read. Open the page again, and send it anew.": (
        "El formulario no se puede leer. Abre la página y envíalo de nuevo."
    ),
    "The request's body cannot be read: {}. Mend it.": (
        "El cuerpo de la petición no se puede leer: {}. Corrígelo."
    ),
}
"""As in `spanish.SENTENCES`, which holds them too."""

WATCH_INCIDENTS_VALUES: Final = {
    "update": "la novedad",
    "reason": "la razón",
    "post-mortem": "el análisis posterior",
    "operator's name (by)": "el nombre de quien opera (by)",
    "tries to log in": "intentos de entrar",
}
"""As in `spanish.VALUES`, which holds them too."""
