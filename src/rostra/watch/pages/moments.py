"""Moments in words, in UTC and always with its name; a script may say them in the reader's zone."""

from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup

from rostra.watch.moments import US_PER_S

_MONTHS: Final = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}


def at(utc_us: int) -> datetime:
    """The moment as a datetime in UTC."""
    return datetime.fromtimestamp(utc_us // US_PER_S, UTC)


def day(moment: datetime, language: str) -> str:
    """`30 November 2026` or `30 de noviembre de 2026`."""
    month = _MONTHS[language][moment.month - 1]
    if language == "es":
        return f"{moment.day} de {month} de {moment.year}"
    return f"{moment.day} {month} {moment.year}"


def month(moment: datetime, language: str) -> str:
    """`November 2026`, `Noviembre de 2026`."""
    between = " de " if language == "es" else " "
    return f"{_MONTHS[language][moment.month - 1].capitalize()}{between}{moment.year}"


def clock(utc_us: int, now_utc_us: int, language: str) -> Markup:
    """`20:04 UTC`, with its day where that is another one, as an element that names the moment."""
    moment, now = at(utc_us), at(now_utc_us)
    same_day = moment.date() == now.date()
    words = f"{moment:%H:%M} UTC" if same_day else f"{day(moment, language)}, {moment:%H:%M} UTC"
    return _element(moment, words, "clock" if same_day else "full")


def full(utc_us: int, language: str) -> Markup:
    """`30 November 2026, 20:04 UTC` as an element that names the moment."""
    moment = at(utc_us)
    return _element(moment, f"{day(moment, language)}, {moment:%H:%M} UTC", "full")


def exact(utc_us: int, language: str) -> Markup:
    """`30 November 2026, 20:04:05 UTC`: when the whole page was true."""
    moment = at(utc_us)
    return _element(moment, f"{day(moment, language)}, {moment:%H:%M:%S} UTC", "exact")


def lasted(from_utc_us: int, until_utc_us: int) -> str:
    """`2 d 3 h`, `1 h 20 min`, `4 min`: the two largest units, the same in both languages."""
    minutes = max(1, round((until_utc_us - from_utc_us) / (60 * US_PER_S)))
    days, hours, minutes = minutes // 1_440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    return " ".join([f"{count} {unit}" for count, unit in parts if count][:2])


def _element(moment: datetime, words: str, form: str) -> Markup:
    iso = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}" data-form="{}">{}</time>').format(iso, form, words)
