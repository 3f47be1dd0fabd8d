"""The desk's sentences in Spanish: what a person on a page can be told, whoever says it.

A key is the sentence as the code words it, `{}` where a value stands; the values come back in the
same order, or by number. `tests/unit/web/test_spanish.py` holds the keys to the code.
"""

from typing import Final

from rostra.web.spanish_floor import FLOOR, RIGHTS
from rostra.web.spanish_forum import FORUM
from rostra.web.spanish_life import LIFE
from rostra.web.spanish_uploads import UPLOADS
from rostra.web.spanish_watch_api import WATCH_API
from rostra.web.spanish_watch_incidents import WATCH_INCIDENTS, WATCH_INCIDENTS_VALUES
from rostra.web.spanish_watch_places import WATCH_PLACES
from rostra.web.spanish_watch_reports import WATCH_REPORTS
from rostra.web.spanish_watch_subscribe import WATCH_SUBSCRIBE, WATCH_SUBSCRIBE_VALUES

SENTENCES: Final = {
    **UPLOADS,
    **WATCH_PLACES,
    **WATCH_API,
    **FLOOR,
    **FORUM,
    **LIFE,
    **WATCH_SUBSCRIBE,
    **WATCH_REPORTS,
    **WATCH_INCIDENTS,
    # accounts
    "The name {} is taken. Choose another one.": "El nombre {} ya existe. Elige otro.",
    "The password exceeds {} characters. Take a shorter one.": (
        "La contraseña supera {} caracteres. Usa una más corta."
    ),
    "The password has {} characters; {} are needed.": (
        "La contraseña tiene {} caracteres; hacen falta {}."
    ),
    "This invitation was used, has expired, or is incomplete. Ask for a new one.": (
        "Esta invitación ya se usó, ha caducado o está incompleta. Pide otra."
    ),
    "Accounts of this house are by invitation. Ask its owner for a link.": (
        "En esta casa las cuentas son por invitación. Pide un enlace a quien la lleva."
    ),
    "Name and password do not fit together. See both, and try again.": (
        "El nombre y la contraseña no casan. Revísalos e inténtalo de nuevo."
    ),
    "This link was used, has expired, or is incomplete. Ask for a new one.": (
        "Este enlace ya se usó, ha caducado o está incompleto. Pide otro."
    ),
    "Log in first: this needs an account of this house.": (
        "Entra primero: esto necesita una cuenta de esta casa."
    ),
    "Only the owner of this house may do this. Ask them.": (
        "Solo quien lleva esta casa puede hacerlo. Pídeselo."
    ),
    "This space belongs to somebody else. Ask its host.": (
        "Este espacio es de otra persona. Pídeselo a su anfitrión."
    ),
    "This is not the operator's token of this house. See --data.": (
        "Este no es el testigo de operación de esta casa. Mira --data."
    ),
    "Too many {} from your address. Try again in {} seconds.": (
        "Demasiados {} desde tu dirección. Vuelve a intentarlo en {} segundos."
    ),
    # what a plan may say
    "The {} is empty. Give at least one letter.": "Falta {}. Escribe al menos una letra.",
    "The {} has {} characters; at most {} fit.": "En {} hay {} caracteres; caben como mucho {}.",
    "The {} holds a character that cannot be shown. Type it anew.": (
        "En {} hay un carácter que no se puede mostrar. Escríbelo de nuevo."
    ),
    "A space names at most {} hosts; these are {}.": (
        "Un espacio nombra como mucho a {} anfitriones; aquí hay {}."
    ),
    "The language is not a tag such as en, es or pt-BR.": (
        "El idioma no es una etiqueta como en, es o pt-BR."
    ),
    "The time is neither 'now' nor ISO 8601 with an offset, such as 2026-11-23T20:00:00+01:00.": (
        "La hora no es «now» ni ISO 8601 con desfase, como 2026-11-23T20:00:00+01:00."
    ),
    "The time {} is in the past. Give one that is to come, or 'now'.": (
        "La hora {} ya ha pasado. Da una futura, o «now»."
    ),
    "The time {} is more than two years ahead. See the year.": (
        "La hora {} queda a más de dos años. Revisa el año."
    ),
    "You have {} spaces to come; more than {} are not kept. End or cancel one first.": (
        "Tienes {} espacios por venir; no se guardan más de {}. Termina o cancela uno antes."
    ),
    "There is no space at this address. See the link, or the home page.": (
        "No hay ningún espacio en esta dirección. Mira el enlace o la portada."
    ),
    # links
    "This link leads to no space. Ask the host for a new one.": (
        "Este enlace no lleva a ningún espacio. Pide otro al anfitrión."
    ),
    "This link has expired. Ask the host for a new one.": (
        "Este enlace ha caducado. Pide otro al anfitrión."
    ),
    "This link is damaged. Copy it again from where you got it.": (
        "Este enlace está dañado. Cópialo de nuevo de donde lo tienes."
    ),
    "This link is for something else. Open it as you received it.": (
        "Este enlace es para otra cosa. Ábrelo tal como lo recibiste."
    ),
    "This link is for another space. Open it as you received it.": (
        "Este enlace es de otro espacio. Ábrelo tal como lo recibiste."
    ),
    "This link is incomplete. Copy it again from where you got it.": (
        "Este enlace está incompleto. Cópialo de nuevo de donde lo tienes."
    ),
    "This link was not made by this house. Ask the host for a new one.": (
        "Este enlace no lo hizo esta casa. Pide otro al anfitrión."
    ),
    # the stage
    "A host took you off this stage. Ask the host for a new link.": (
        "Un anfitrión te quitó de este escenario. Pídele un enlace nuevo."
    ),
    "A name has at most {} characters; this one has {}.": (
        "Un nombre tiene como mucho {} caracteres; este tiene {}."
    ),
    "This space is over. Nobody can come on stage any more.": (
        "Este espacio ha terminado. Ya nadie puede subir al escenario."
    ),
    "This stage is closed for a moment. Try again in a few seconds.": (
        "Este escenario está cerrado por un momento. Vuelve a intentarlo en unos segundos."
    ),
    "The studio is about to restart. Try again in a few seconds.": (
        "El estudio está a punto de reiniciarse. Vuelve a intentarlo en unos segundos."
    ),
    "Your place went to somebody else while you were connecting. Try again.": (
        "Tu sitio pasó a otra persona mientras te conectabas. Vuelve a intentarlo."
    ),
    "The studio could not answer this offer; its log says why. Try again later.": (
        "El estudio no pudo responder; su registro dice por qué. Vuelve a intentarlo más tarde."
    ),
    "You are connecting from too many places at once. Wait a few seconds.": (
        "Te conectas desde demasiados sitios a la vez. Espera unos segundos."
    ),
    "No studio can be reached for this space at the moment. Try again in a few seconds.": (
        "Ahora mismo no se alcanza ningún estudio para este espacio. Vuelve a intentarlo en unos"
        " segundos."
    ),
    "The studio gave no answer within {} s. Try again.": (
        "El estudio no respondió en {} s. Vuelve a intentarlo."
    ),
    "The studio gave an answer that the desk does not understand. Update both.": (
        "El estudio dio una respuesta que la recepción no entiende. Actualiza los dos."
    ),
    "The studio could not do that. Its log says why.": (
        "El estudio no pudo hacerlo. Su registro dice por qué."
    ),
    "No UDP port is free for another speaker. Widen stage.udp_ports.": (
        "No queda ningún puerto UDP para otra persona. Amplía stage.udp_ports."
    ),
    "This studio holds {} connections already. Try again later.": (
        "Este estudio ya tiene {} conexiones. Vuelve a intentarlo más tarde."
    ),
    # the desk itself
    "The desk is busy. Try again in a few seconds.": (
        "La recepción está ocupada. Vuelve a intentarlo en unos segundos."
    ),
    "The desk made a mistake. It is logged; try again, and tell the operator.": (
        "La recepción cometió un error. Queda anotado; vuelve a intentarlo y avisa a quien la"
        " opera."
    ),
    "The desk's database does not answer: {}. See its disk and its address.": (
        "La base de datos de la recepción no responde: {}. Revisa su disco y su dirección."
    ),
    "There is nothing at this address. See the home page.": (
        "No hay nada en esta dirección. Mira la portada."
    ),
    "This address does not take that method. See /api/docs.": (
        "Esta dirección no acepta ese método. Mira /api/docs."
    ),
    "Another site's page asked for this. Open this house's own page and try there.": (
        "Lo pidió la página de otro sitio. Abre la página de esta casa e inténtalo allí."
    ),
    "The request's body did not come within {} s. Try again.": (
        "El contenido de la petición no llegó en {} s. Vuelve a intentarlo."
    ),
    "The request's body exceeds {} bytes. Send less.": (
        "El contenido de la petición supera {} bytes. Envía menos."
    ),
    "{} is missing. Give it.": "Falta {}. Dalo.",
    "{} is not known here. Leave it out.": "Aquí no se conoce {}. Quítalo.",
    "{}: {}.": "{}: {}.",
    "The browser application is not built, so there are no pages yet. Run 'make setup' where"
    " Rostra is installed; it builds it.": (
        "La aplicación del navegador no está construida, así que aún no hay páginas. Ejecuta"
        " «make setup» donde está instalado Rostra."
    ),
}

VALUES: Final = {
    **RIGHTS,
    **WATCH_SUBSCRIBE_VALUES,
    **WATCH_INCIDENTS_VALUES,
    "The file": "El archivo",
    "name": "el nombre",
    "title": "el título",
    "description": "la descripción",
    "host's name": "el nombre de un anfitrión",
    "poll's question": "la pregunta de una votación",
    "choice": "la opción",
    "failed log-ins": "intentos fallidos de entrar",
    "tries to make an account": "intentos de crear una cuenta",
    "new spaces": "espacios nuevos",
    "connections to a stage": "conexiones a un escenario",
    "wrong tokens": "claves equivocadas",
    "requests": "peticiones",
}
"""Words that stand where values do."""

TITLES: Final = {
    401: "Hace falta entrar",
    403: "No está permitido",
    404: "No encontrado",
    405: "No es posible",
    408: "Demasiado lento",
    410: "Ya pasó",
    413: "Demasiado grande",
    422: "No es válido",
    429: "Demasiado a menudo",
    500: "Un error nuestro",
    503: "Ahora no",
    504: "Sin respuesta",
}
"""Headings of the small pages that say why there is none."""
