"""The words of letters to subscribers, in English and Spanish."""

from typing import Final

import msgspec

from rostra.watch.components import Impact
from rostra.watch.events import What
from rostra.watch.subscribers import Topic


class Words(msgspec.Struct, frozen=True):
    """Everything that letters say in one language; `{}` stands where a value goes."""

    what: dict[What, str]
    impact: dict[Impact, str]
    topic: dict[Topic, str]
    components: str
    all_components: str
    how_bad: str
    unconfirmed: str
    earlier: str
    read: str
    because: str
    change: str
    leave: str
    confirm_subject: str
    confirm: str
    confirm_link: str
    confirm_life: str
    already_subject: str
    already: str


ENGLISH: Final = Words(
    what={
        What.OPENED: "New incident",
        What.UPDATED: "Update",
        What.RESOLVED: "Resolved",
        What.DISMISSED: "False alarm",
        What.SCHEDULED: "Maintenance planned",
        What.BEGUN: "Maintenance has begun",
        What.COMPLETED: "Maintenance is over",
        What.POSTMORTEM: "What happened",
    },
    impact={
        Impact.NONE: "none",
        Impact.MINOR: "minor",
        Impact.MAJOR: "major",
        Impact.CRITICAL: "critical",
        Impact.MAINTENANCE: "maintenance",
    },
    topic={Topic.INCIDENTS: "incidents", Topic.MAINTENANCE: "maintenance"},
    components="Components: {}",
    all_components="all components",
    how_bad="Impact: {}",
    unconfirmed="Opened automatically, because probes of two places agree. "
    "No person has confirmed it yet.",
    earlier="Before that",
    read="Read everything on the page",
    because="You get this because you subscribed to {} ({}; {}).",
    change="Change what you are told",
    leave="Unsubscribe",
    confirm_subject="Confirm your subscription to {}",
    confirm="Somebody, we hope you, asked to be told at this address of {} at {}.",
    confirm_link="If it was you, open this page and press the button",
    confirm_life="If it was not you, do nothing: the address is deleted within two days, "
    "and nothing more is sent.",
    already_subject="You are subscribed to {}",
    already="Somebody, perhaps you, asked to subscribe this address to {}. It is subscribed "
    "already, and nothing has changed.",
)

SPANISH: Final = Words(
    what={
        What.OPENED: "Nueva incidencia",
        What.UPDATED: "Novedad",
        What.RESOLVED: "Resuelta",
        What.DISMISSED: "Falsa alarma",
        What.SCHEDULED: "Mantenimiento previsto",
        What.BEGUN: "El mantenimiento ha empezado",
        What.COMPLETED: "El mantenimiento ha terminado",
        What.POSTMORTEM: "Qué pasó",
    },
    impact={
        Impact.NONE: "ninguno",
        Impact.MINOR: "leve",
        Impact.MAJOR: "grave",
        Impact.CRITICAL: "crítico",
        Impact.MAINTENANCE: "mantenimiento",
    },
    topic={Topic.INCIDENTS: "incidencias", Topic.MAINTENANCE: "mantenimiento"},
    components="Componentes: {}",
    all_components="todos los componentes",
    how_bad="Impacto: {}",
    unconfirmed="Abierta automáticamente, porque coinciden las sondas de dos lugares. "
    "Ninguna persona la ha confirmado todavía.",
    earlier="Antes",
    read="Léelo todo en la página",
    because="Recibes esto porque te suscribiste a {} ({}; {}).",
    change="Cambia lo que se te cuenta",
    leave="Darse de baja",
    confirm_subject="Confirma tu suscripción a {}",
    confirm="Alguien, esperamos que tú, pidió que se avisara a esta dirección de {} en {}.",
    confirm_link="Si fuiste tú, abre esta página y pulsa el botón",
    confirm_life="Si no fuiste tú, no hagas nada: la dirección se borra en dos días "
    "y no se envía nada más.",
    already_subject="Ya estás en la lista de {}",
    already="Alguien, quizá tú, pidió suscribir esta dirección a {}. Ya estaba suscrita "
    "y no ha cambiado nada.",
)


def words(language: str) -> Words:
    """The words of `en` or `es`."""
    return SPANISH if language == "es" else ENGLISH
