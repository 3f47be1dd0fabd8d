"""What an edge says when it cannot give what was asked for, in the languages of the house."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.domain.errors import PeerError
from rostra.wire.listening import Fault


class Code(StrEnum):
    """Names that a page or a program may act on; they stay."""

    FULL = "full"
    WAITING = "waiting"
    USE_HLS = "use_hls"
    JUST_STARTED = "just_started"
    NO_SUCH_SPACE = "no_such_space"
    NOT_OPEN = "not_open"
    OVER = "over"
    CANCELLED = "cancelled"
    BEGINNING = "beginning"
    GATHERING = "gathering"
    NO_OPUS = "no_opus"
    OLD_RUN = "old_run"
    OLD_SEGMENT = "old_segment"
    OLD_PART = "old_part"
    OLD_FILL = "old_fill"
    NOT_CARRIED = "not_carried"
    BAD_DIRECTIVE = "bad_directive"
    TOO_FAR = "too_far"
    HELD_TOO_LONG = "held_too_long"
    HOLDS_FULL = "holds_full"
    OLD_FILE = "old_file"
    NOT_BUILT = "not_built"
    NOT_YET = "not_yet"
    METHOD = "method"
    METHOD_POST = "method_post"
    NO_QUESTIONS = "no_questions"
    OLD_QUESTION = "old_question"
    POLL_CLOSED = "poll_closed"
    BAD_BODY = "bad_body"
    TOO_LARGE = "too_large"
    TOO_OFTEN = "too_often"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    RANGE = "range"
    TICKET = "ticket"
    """A listening ticket is missing or does not open this door; its `Fault` has the words."""
    NOTHING_HERE = "nothing_here"
    PLAIN_HTTP = "plain_http"
    BAD_REQUEST = "bad_request"
    """What breaks HTTP; only ever for programs, and in English."""


@dataclass(frozen=True, slots=True)
class _Saying:
    status: int
    en: str
    es: str


_SAYINGS: Final = {
    Code.FULL: _Saying(
        503,
        "This edge is full; another one may have room. Try again in {seconds} seconds.",
        "Este servidor está lleno; quizá otro tenga sitio. Vuelve a intentarlo en {seconds}"
        " segundos.",
    ),
    Code.WAITING: _Saying(
        503,
        "This edge cannot take another listener now: you are about number {place}, and it takes"
        " about {seconds} seconds.",
        "Este servidor no puede con más oyentes ahora: eres más o menos el número {place} y harán"
        " falta unos {seconds} segundos.",
    ),
    Code.USE_HLS: _Saying(
        503,
        "This edge is busy; listen by HLS, some seconds behind.",
        "Este servidor está ocupado; escucha por HLS, unos segundos por detrás.",
    ),
    Code.JUST_STARTED: _Saying(
        503,
        "This edge has just started and does not know the spaces yet; ask again.",
        "Este servidor acaba de arrancar y aún no conoce los espacios; vuelve a intentarlo.",
    ),
    Code.NO_SUCH_SPACE: _Saying(
        404,
        "There is no space called {space}; check the address, or ask who sent it to you.",
        "No hay ningún espacio llamado {space}; revisa la dirección o pregunta a quien te la"
        " envió.",
    ),
    Code.NOT_OPEN: _Saying(
        409,
        "“{title}” has not opened its doors yet.",
        "«{title}» todavía no ha abierto sus puertas.",
    ),
    Code.OVER: _Saying(
        410,
        "“{title}” is over; there is nothing to hear any more.",
        "«{title}» ha terminado; ya no hay nada que escuchar.",
    ),
    Code.CANCELLED: _Saying(
        410,
        "“{title}” was cancelled; there is nothing to hear.",
        "«{title}» se ha cancelado; no hay nada que escuchar.",
    ),
    Code.BEGINNING: _Saying(
        503,
        "The programme begins in a moment; ask again in two seconds.",
        "El programa empieza en un momento; vuelve a intentarlo en dos segundos.",
    ),
    Code.GATHERING: _Saying(
        503,
        "The first two seconds are still being gathered; ask again in two seconds.",
        "Aún se reúnen los dos primeros segundos; vuelve a intentarlo en dos segundos.",
    ),
    Code.NO_OPUS: _Saying(
        404,
        "“{title}” is not sent in Opus at the moment; push.mp4 has the same in AAC.",
        "«{title}» no se emite en Opus en este momento; push.mp4 tiene lo mismo en AAC.",
    ),
    Code.OLD_RUN: _Saying(
        404,
        "Run {run} is not this space's run any more; read master.m3u8 again.",
        "La emisión {run} ya no es la de este espacio; lee master.m3u8 de nuevo.",
    ),
    Code.OLD_SEGMENT: _Saying(
        404,
        "Segment {number} is not here: it is older than a minute, or not whole.",
        "El segmento {number} no está aquí: tiene más de un minuto o no está completo.",
    ),
    Code.OLD_PART: _Saying(
        404,
        "Part {part} of segment {number} is not here: too old, not yet out, or not whole.",
        "La parte {part} del segmento {number} no está aquí: es antigua, aún no ha salido o no"
        " está completa.",
    ),
    Code.NOT_CARRIED: _Saying(
        404,
        "This programme has no {codec}; read master.m3u8 for what it has.",
        "Este programa no tiene {codec}; lee master.m3u8 para saber qué hay.",
    ),
    Code.BAD_DIRECTIVE: _Saying(
        400,
        "_HLS_msn and _HLS_part are decimal numbers, each given once, and a part needs its"
        " segment.",
        "_HLS_msn y _HLS_part son números decimales, una sola vez cada uno, y una parte necesita"
        " su segmento.",
    ),
    Code.TOO_FAR: _Saying(
        400,
        "Segment {msn}, or that part of it, is too far ahead to wait for; read the playlist"
        " without directives.",
        "El segmento {msn}, o esa parte, queda demasiado lejos para esperarlo; lee la lista sin"
        " directivas.",
    ),
    Code.HELD_TOO_LONG: _Saying(
        503,
        "What you wait for has not come within six seconds; read the playlist without directives.",
        "Lo que esperas no ha llegado en seis segundos; lee la lista sin directivas.",
    ),
    Code.HOLDS_FULL: _Saying(
        503,
        "This edge holds as many waiting requests as it can; read the playlist without directives.",
        "Este servidor ya retiene todas las peticiones en espera que puede; lee la lista sin"
        " directivas.",
    ),
    Code.OLD_FILL: _Saying(
        404,
        "Filled segment {number} of edge {edge} is not here, or not any more.",
        "El segmento de relleno {number} de {edge} no está aquí, o ya no.",
    ),
    Code.OLD_FILE: _Saying(
        404,
        "This file belongs to another version of the page; load the page again.",
        "Este archivo es de otra versión de la página; carga la página de nuevo.",
    ),
    Code.NOT_BUILT: _Saying(
        503,
        "The page is not built on this machine: its operator runs 'make setup'.",
        "La página no está construida en esta máquina: quien la opera ejecuta «make setup».",
    ),
    Code.NOT_YET: _Saying(
        404,
        "This is not here yet: share pictures come later.",
        "Esto aún no existe: las imágenes llegarán más adelante.",
    ),
    Code.METHOD: _Saying(
        405,
        "{method} is not possible here; use GET, HEAD or OPTIONS.",
        "{method} no es posible aquí; usa GET, HEAD u OPTIONS.",
    ),
    Code.METHOD_POST: _Saying(
        405,
        "{method} is not possible here; use POST.",
        "{method} no es posible aquí; usa POST.",
    ),
    Code.NO_QUESTIONS: _Saying(
        409,
        "The hosts take no written questions at the moment. Keep yours until they do.",
        "En este momento no se aceptan preguntas escritas. Guarda la tuya hasta que se abran.",
    ),
    Code.OLD_QUESTION: _Saying(
        409,
        "This question is not on the list any more; choose one that is.",
        "Esta pregunta ya no está en la lista; elige una que esté.",
    ),
    Code.POLL_CLOSED: _Saying(
        409,
        "This poll is not open; its result is on the page.",
        "Esta votación no está abierta; el resultado está en la página.",
    ),
    Code.BAD_BODY: _Saying(
        400,
        "This is not what belongs here; send JSON such as {example}.",
        "Esto no es lo que se espera; envía JSON como {example}.",
    ),
    Code.TOO_LARGE: _Saying(
        413,
        "This is too long; at most {limit} bytes are taken here.",
        "Esto es demasiado largo; aquí se aceptan {limit} bytes como máximo.",
    ),
    Code.TOO_OFTEN: _Saying(
        429,
        "That was too often for now. Try again in {seconds} s.",
        "Han sido demasiadas veces por ahora. Vuelve a intentarlo en {seconds} s.",
    ),
    Code.TOO_LONG: _Saying(
        414,
        "An address may have {limit} bytes here; this one has more.",
        "Una dirección puede tener {limit} bytes aquí; esta tiene más.",
    ),
    Code.TOO_MANY: _Saying(
        429,
        "Too many connections come from your network at the moment. Try again in {seconds}"
        " seconds.",
        "En este momento llegan demasiadas conexiones desde tu red. Vuelve a intentarlo en"
        " {seconds} segundos.",
    ),
    Code.RANGE: _Saying(
        416,
        "This file has {bytes} bytes; the range that was asked for lies behind its end.",
        "Este archivo tiene {bytes} bytes; el rango solicitado está más allá de su final.",
    ),
    Code.TICKET: _Saying(
        403,
        "Only who has a ticket hears this. Open the link that you were sent, or ask the host.",
        "Esto solo se oye con una entrada. Abre el enlace que te enviaron o pídeselo a quien"
        " organiza.",
    ),
    Code.PLAIN_HTTP: _Saying(
        400,
        "This port speaks HTTPS and was asked in plain HTTP: write https:// before the address.",
        "Este puerto habla HTTPS y se le ha preguntado en HTTP: escribe https:// delante.",
    ),
    Code.NOTHING_HERE: _Saying(
        404,
        "There is nothing at this address; a space's page is at /s/ and its name.",
        "No hay nada en esta dirección; la página de un espacio está en /s/ y su nombre.",
    ),
}

_TICKET_FAULTS: Final = {
    Fault.MISSING: _SAYINGS[Code.TICKET],
    Fault.FORGED: _Saying(
        403,
        "This ticket is not from this house, or is damaged. Copy the link again as you got it.",
        "Esta entrada no es de esta casa o está dañada. Copia de nuevo el enlace tal como te"
        " llegó.",
    ),
    Fault.EXPIRED: _Saying(
        403,
        "This ticket has expired. Ask the host for a new one.",
        "Esta entrada ha caducado. Pide otra a quien organiza.",
    ),
    Fault.OTHER_SPACE: _Saying(
        403,
        "This ticket is for another space. Open the link that belongs to this one.",
        "Esta entrada es para otro espacio. Abre el enlace que corresponde a este.",
    ),
}

_TITLES: Final = {
    "en": {404: "Not found", 405: "Not possible", 410: "Over", 503: "Not now"},
    "es": {404: "No encontrado", 405: "No es posible", 410: "Terminado", 503: "Ahora no"},
}
_OTHER_TITLE: Final = {"en": "This did not work", "es": "Esto no ha funcionado"}


class RefusedError(PeerError):
    """One of the sayings above; `sentence` is English, `said` any language of the house."""

    def __init__(self, code: Code, fault: Fault | None = None, /, **values: object) -> None:
        saying = _SAYINGS[code] if fault is None else _TICKET_FAULTS[fault]
        self.code = code
        self._saying = saying
        self._values = values
        super().__init__(saying.en.format(**values), saying.status)

    @property
    def retry_s(self) -> int:
        """When to try again, or 0 where the saying does not tell."""
        seconds = self._values.get("seconds", 0)
        return seconds if isinstance(seconds, int) else 0

    def said(self, language: str) -> str:
        """The sentence in one of `LANGUAGES`."""
        words = self._saying.es if language == "es" else self._saying.en
        return words.format(**self._values)


def title_of(status: int, language: str) -> str:
    """The heading of a page that says why there is none."""
    return _TITLES[language].get(status, _OTHER_TITLE[language])
