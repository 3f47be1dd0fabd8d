"""In Spanish: what the watch says to those who subscribe."""

from typing import Final

WATCH_SUBSCRIBE: Final = {
    "That is no e-mail address that mail can be sent to. Look for a slip of the pen.": (
        "No es una dirección de correo a la que se pueda escribir. Mira si hay una errata."
    ),
    "The request exceeds {} bytes. Name fewer components, or none.": (
        "La petición supera {} bytes. Nombra menos componentes, o ninguno."
    ),
    "The request is no subscription: {}. See the reference.": (
        "La petición no es una suscripción: {}. Consulta la referencia."
    ),
    "More components are named than there can be. Name none to mean all.": (
        "Se nombran más componentes de los que puede haber. No nombres ninguno para elegir todos."
    ),
    "The browser's push subscription is missing. Allow notifications and try again.": (
        "Falta la suscripción del navegador. Permite las notificaciones e inténtalo de nuevo."
    ),
    "The keys of the push subscription are not of RFC 8291. Subscribe again.": (
        "Las claves de la suscripción no son de RFC 8291. Suscríbete de nuevo."
    ),
    "The address must begin with https://. Give that one.": (
        "La dirección tiene que empezar por https://. Da esa."
    ),
    "The address has a port that is not called: take 443, or one from 1024 on.": (
        "La dirección tiene un puerto al que no se llama: usa 443, o uno desde 1024."
    ),
    "The address is of an inner network. Give one that the Internet reaches.": (
        "La dirección es de una red interna. Da una a la que llegue Internet."
    ),
    "That is no address that can be called. Give one such as https://example.org/hook, "
    "without user, password and '#'.": (
        "No es una dirección a la que se pueda llamar. Da una como https://example.org/hook, "
        "sin usuario, contraseña ni '#'."
    ),
    "There is no component {} here. Choose one of the page.": (
        "Aquí no hay ningún componente {}. Elige uno de la página."
    ),
    "Choose incidents, maintenance, or both.": "Elige incidencias, mantenimientos, o los dos.",
    "Letters exist in English (en) and Spanish (es). Choose one.": (
        "Hay cartas en inglés (en) y en español (es). Elige."
    ),
    "Many people subscribe at this moment. Try again in {} seconds.": (
        "Mucha gente se está suscribiendo ahora. Inténtalo de nuevo en {} segundos."
    ),
    "This watch sends no {}. Choose another way, or read its feeds.": (
        "Este vigía no envía {}. Elige otra forma, o lee sus canales."
    ),
    "There is no such subscription (any more). Subscribe again if you like.": (
        "Esa suscripción no existe, o ya no. Suscríbete de nuevo si quieres."
    ),
    "This watch takes no subscriptions. Read its feeds.": (
        "Este vigía no acepta suscripciones. Lee sus canales."
    ),
    "This watch takes no more subscribers at the moment. Read its feeds.": (
        "Este vigía no acepta más suscripciones por ahora. Lee sus canales."
    ),
    "Send the token of the subscription, as JSON.": (
        "Envía el token de la suscripción, como JSON."
    ),
    "Choose e-mail or a webhook.": "Elige correo o un webhook.",
}
"""Whole sentences; those with values have `{}` where a value stands."""

WATCH_SUBSCRIBE_VALUES: Final = {
    "subscriptions": "suscripciones",
    "notifications": "notificaciones",
    "e-mail": "correo",
}
