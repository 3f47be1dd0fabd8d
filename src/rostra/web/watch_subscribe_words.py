"""What the pages for subscribers say, in English and Spanish."""

from typing import Final

_ENGLISH: Final = {
    "title": "Be told",
    "intro": "Incidents and announced work, as they happen. "
    "An alarm alone wakes nobody: a person or probes of two places must agree.",
    "email": "By e-mail",
    "address": "Your e-mail address",
    "privacy": "It is kept encrypted, for these letters alone, and deleted when you leave. "
    "You get a letter first with a link that confirms.",
    "components": "About",
    "all": "Choose none to be told about all of them, later ones included.",
    "topics": "Of what",
    "incidents": "Incidents",
    "maintenance": "Announced work",
    "language": "Language of the letters",
    "send": "Subscribe",
    "browser": "In this browser",
    "browser_text": "Notifications without an address. They need JavaScript and your permission.",
    "browser_button": "Turn notifications on",
    "hook": "For a program (webhook)",
    "hook_text": "JSON in the shape of Statuspage's webhooks, signed by Standard Webhooks. "
    "The program is asked first: it answers with the challenge that it is sent.",
    "url": "Address of the program",
    "feeds": "With a feed reader or a calendar",
    "asked": "Look into your mailbox",
    "asked_text": "If mail can be sent to this address, a letter is on its way. "
    "Press the button on the page that it links to. Without that, the address is deleted "
    "within two days.",
    "hook_asked": "The program is asked",
    "hook_asked_text": "Within seconds it gets a letter with a challenge. It is told once it "
    "answers with that. This is the secret that its letters are signed with; it is shown "
    "this once:",
    "confirm": "Confirm your subscription",
    "confirm_text": "You asked to be told of {topics} of {components}.",
    "confirm_button": "Yes, tell me",
    "confirmed": "You are subscribed",
    "confirmed_text": "Every letter has links to change this and to leave.",
    "manage": "Your subscription",
    "save": "Save",
    "saved": "Saved.",
    "leave": "Unsubscribe",
    "leave_text": "Your address is deleted at once.",
    "left": "You are not subscribed",
    "left_text": "Your address is deleted. Nothing more is sent.",
    "again": "Subscribe again",
    "home": "To the status page",
    "closed": "This watch has no mail server, so it sends no e-mail.",
    "everything": "all components",
}
_SPANISH: Final = {
    "title": "Avísame",
    "intro": "Incidencias y mantenimientos previstos, en cuanto ocurren. Una alarma sola no "
    "despierta a nadie: tiene que coincidir una persona o las sondas de dos lugares.",
    "email": "Por correo",
    "address": "Tu dirección de correo",
    "privacy": "Se guarda cifrada, solo para estas cartas, y se borra cuando te vas. "
    "Primero recibes una carta con un enlace para confirmar.",
    "components": "Sobre",
    "all": "No elijas ninguno para que se te avise de todos, también de los que vengan.",
    "topics": "De qué",
    "incidents": "Incidencias",
    "maintenance": "Mantenimientos previstos",
    "language": "Idioma de las cartas",
    "send": "Suscribirme",
    "browser": "En este navegador",
    "browser_text": "Notificaciones sin dar una dirección. Necesitan JavaScript y tu permiso.",
    "browser_button": "Activar las notificaciones",
    "hook": "Para un programa (webhook)",
    "hook_text": "JSON con la forma de los webhooks de Statuspage, firmado según Standard "
    "Webhooks. Primero se pregunta al programa: responde con el reto que se le envía.",
    "url": "Dirección del programa",
    "feeds": "Con un lector de canales o un calendario",
    "asked": "Mira tu buzón",
    "asked_text": "Si se puede enviar correo a esta dirección, hay una carta en camino. Pulsa "
    "el botón de la página a la que enlaza. Sin eso, la dirección se borra en dos días.",
    "hook_asked": "Se pregunta al programa",
    "hook_asked_text": "En unos segundos recibe una carta con un reto. Se le avisa en cuanto "
    "responde con él. Este es el secreto con el que se firman sus cartas; se muestra solo "
    "esta vez:",
    "confirm": "Confirma tu suscripción",
    "confirm_text": "Pediste que se te avise de {topics} de {components}.",
    "confirm_button": "Sí, avísame",
    "confirmed": "Estás en la lista",
    "confirmed_text": "Cada carta lleva enlaces para cambiarlo y para darse de baja.",
    "manage": "Tu suscripción",
    "save": "Guardar",
    "saved": "Guardado.",
    "leave": "Darme de baja",
    "leave_text": "Tu dirección se borra al momento.",
    "left": "No estás en la lista",
    "left_text": "Tu dirección se ha borrado. No se envía nada más.",
    "again": "Suscribirme otra vez",
    "home": "A la página de estado",
    "closed": "Este vigía no tiene servidor de correo, así que no envía cartas.",
    "everything": "todos los componentes",
}


def said(language: str) -> dict[str, str]:
    """Everything by name, in `en` or `es`."""
    return _SPANISH if language == "es" else _ENGLISH
