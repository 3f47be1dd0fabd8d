"""What the floor says to a person, in Spanish: see `web.spanish`."""

from typing import Final

FLOOR: Final = {
    # at the door
    "A host has banned you from this stage. You can still listen.": (
        "Un anfitrión te ha vetado en este escenario. Puedes seguir escuchando."
    ),
    "This link has been closed by a host. Ask the host for a new one.": (
        "Un anfitrión ha cerrado este enlace. Pídele uno nuevo."
    ),
    "Your time on stage is over. Raise your hand to come again.": (
        "Tu tiempo en el escenario ha terminado. Levanta la mano para volver."
    ),
    "A host took you off this stage while you were connecting.": (
        "Un anfitrión te quitó de este escenario mientras te conectabas."
    ),
    "Nobody has invited you on stage.": "Nadie te ha invitado al escenario.",
    "This invitation is over: it held for a minute. Raise your hand again.": (
        "Esta invitación ya pasó: valía un minuto. Levanta la mano otra vez."
    ),
    "This invitation is being used at this moment.": (
        "Esta invitación se está usando en este momento."
    ),
    "The stage is full: {} people are on it or behind it. Try again later.": (
        "El escenario está lleno: hay {} personas en él o detrás. Vuelve a intentarlo más tarde."
    ),
    # to whoever is on stage
    "Only {} can unmute {}. Ask them to.": "Solo {} puede activar el micrófono de {}. Pídeselo.",
    "Only a host can {}.": "Solo un anfitrión puede {}.",
    "A co-host cannot remove, ban or demote a host.": (
        "Un coanfitrión no puede quitar, vetar ni degradar a un anfitrión."
    ),
    "You cannot remove yourself. Leave the stage instead.": (
        "No puedes quitarte a ti. Sal del escenario."
    ),
    "You cannot ban yourself. Leave the stage instead.": (
        "No puedes vetarte a ti. Sal del escenario."
    ),
    "Your time is up. Ask a host for more.": "Se acabó tu tiempo. Pide más a un anfitrión.",
    "The stage is locked: nobody unmutes until a host is here and unlocks it.": (
        "El escenario está cerrado: nadie activa su micrófono hasta que un anfitrión esté aquí y"
        " lo abra."
    ),
    "The stage is locked: nobody comes on it. Unlock it first.": (
        "El escenario está cerrado: nadie sube. Ábrelo antes."
    ),
    "{} is not on this stage.": "{} no está en este escenario.",
    "More than {} commands a second. Wait a moment.": (
        "Más de {} órdenes por segundo. Espera un momento."
    ),
    "{} people are invited already. Wait until some have come.": (
        "Ya hay {} personas invitadas. Espera a que lleguen algunas."
    ),
    "This hand is not up any more.": "Esta mano ya no está levantada.",
    "A note has at most {} characters; this one has {}.": (
        "Una nota tiene como mucho {} caracteres; esta tiene {}."
    ),
    "A message has at most {} characters; this one has {}.": (
        "Un mensaje tiene como mucho {} caracteres; este tiene {}."
    ),
    "A time limit is 1 to {} seconds, or 0 for none.": (
        "Un límite de tiempo va de 1 a {} segundos, o 0 para ninguno."
    ),
    "There is no role {} to give: it is cohost or speaker.": (
        "No hay un papel {} que dar: es cohost o speaker."
    ),
    "There is no seat {}: it is stage or backstage.": ("No hay un sitio {}: es stage o backstage."),
    "The studio could not do that.": "El estudio no pudo hacerlo.",
}

RIGHTS: Final = {
    "mute others": "silenciar a otros",
    "leave": "salir",
    "mute everybody": "silenciar a todos",
    "take people off the stage": "quitar a alguien del escenario",
    "ban people": "vetar a alguien",
    "give roles": "dar papeles",
    "move people on stage or behind it": "mover a alguien al escenario o detrás",
    "lock the stage": "cerrar el escenario",
    "say where newcomers arrive": "decir adónde llegan los nuevos",
    "invite people on stage": "invitar al escenario",
    "take hands down": "bajar manos",
    "order the queue": "ordenar la cola",
    "write notes on hands": "escribir notas sobre las manos",
    "limit speaking time": "limitar el tiempo de palabra",
    "announce who is next": "anunciar a quién le toca",
    "write to everybody": "escribir a todos",
    "start or end the space": "empezar o terminar el espacio",
    "call a break": "hacer una pausa",
    "move the beginning": "mover el comienzo",
    "decide on questions": "decidir sobre las preguntas",
    "open and close polls": "abrir y cerrar encuestas",
}
"""What only a host can do, as it stands in the sentence."""
