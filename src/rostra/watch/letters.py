"""Letters to subscribers: e-mail as text and HTML, and what a browser's notification shows."""

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from rostra.domain.texts import one_line
from rostra.watch.board import Board
from rostra.watch.events import Event
from rostra.watch.letter_words import Words, words
from rostra.watch.subscribers import Topic, Wish, topic_of

SUBJECT_CHARS_MAX: Final = 150
"""Mail programs show 50 to 100 characters."""
BODY_CHARS_MAX: Final = 4_000
"""Of each update; the page has the rest."""
PUSH_BODY_CHARS_MAX: Final = 240
"""Systems show two to four lines."""
PUSH_BYTES_MAX: Final = 3_000
"""Push services take 4,096 bytes of ciphertext (RFC 8291, section 4); this leaves a margin."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Page(msgspec.Struct, frozen=True):
    """The page that letters come from."""

    name: str
    base: str
    """`https://…/status`, without a slash at its end."""
    components: Mapping[str, str] = {}
    """Names by id."""

    def named(self, ids: Sequence[str], said: Words) -> str:
        """Components by their names; none means all."""
        return ", ".join(self.components.get(one, one) for one in ids) or said.all_components

    def address_of(self, event: Event) -> str:
        """Where an event is read whole."""
        if topic_of(event) is Topic.MAINTENANCE:
            return self.base
        return f"{self.base}/incidents/{event.subject}"

    def confirming(self, token: str) -> str:
        """The page with the button that confirms."""
        return f"{self.base}/subscribe/confirm/{token}"

    def managing(self, token: str) -> str:
        """The page on which a subscription is changed."""
        return f"{self.base}/subscribe/manage/{token}"

    def leaving(self, token: str) -> str:
        """The page with the button that ends it; a POST ends it at once (RFC 8058)."""
        return f"{self.base}/subscribe/end/{token}"


class Letter(msgspec.Struct, frozen=True):
    """An e-mail. `leave` is empty in letters to whom is not subscribed."""

    subject: str
    text: str
    html: str
    leave: str = ""


def page_of(board: Board) -> Page:
    """The page as the board has it."""
    return Page(
        board.name,
        f"{board.public_url}/status",
        {component.id: component.name for component in board.components},
    )


def worded(board: Board, event: Event, language: str) -> Event:
    """The event in the reader's language, where the board has it: automatic lines exist in both."""
    if language != "es":
        return event
    for incident in board.incidents:
        if incident.id == event.subject:
            known = {update.body: update.body_es for update in incident.updates}
            body = known.get(event.body) or event.body
            name = incident.name_es or event.name
            return msgspec.structs.replace(event, name=name, body=body)
    return event


def confirming(page: Page, wish: Wish, token: str) -> Letter:
    """The letter that asks whether the address is theirs."""
    said = words(wish.language)
    topics = _topics(wish, said)
    parts: list[_Part] = [
        said.confirm.format(topics, page.name),
        said.components.format(page.named(wish.components, said)),
        _Link(said.confirm_link, page.confirming(token)),
        said.confirm_life,
    ]
    return _letter(said.confirm_subject.format(page.name), parts, wish.language)


def already(page: Page, wish: Wish, token: str) -> Letter:
    """The letter to somebody subscribed whose address was given again."""
    said = words(wish.language)
    parts: list[_Part] = [said.already.format(page.name), *_ending(page, wish, token, said)]
    subject = said.already_subject.format(page.name)
    return _letter(subject, parts, wish.language, page.leaving(token))


def news(page: Page, wish: Wish, token: str, events: Sequence[Event]) -> Letter:
    """What happened to one incident or work; `events` oldest first, one at the least."""
    said = words(wish.language)
    newest = events[-1]
    parts: list[_Part] = [_Title(headline(newest, wish.language)), *_facts(page, newest, said)]
    parts.append(_clipped(newest.body, BODY_CHARS_MAX))
    if len(events) > 1:
        parts.append(_Title(said.earlier))
    for event in reversed(events[:-1]):
        parts.append(f"{_time(event.utc_us)} · {headline(event, wish.language)}")
        parts.append(_clipped(event.body, BODY_CHARS_MAX))
    parts += [_Link(said.read, page.address_of(newest)), *_ending(page, wish, token, said)]
    subject = f"[{page.name}] {headline(newest, wish.language)}"
    return _letter(subject, parts, wish.language, page.leaving(token))


def headline(event: Event, language: str) -> str:
    """`Resolved: No sound in Madrid`."""
    return one_line(f"{words(language).what[event.what]}: {event.name}")


def notification(page: Page, wish: Wish, events: Sequence[Event]) -> bytes:
    """The JSON that the service worker shows: title, body, tag, url and language.

    Notifications of one incident have one `tag`: the newest replaces the one before.
    """
    newest = events[-1]
    body_chars = PUSH_BODY_CHARS_MAX
    while True:
        shown = {
            "title": _clipped(headline(newest, wish.language), 100),
            "body": _clipped(one_line(newest.body), body_chars),
            "tag": newest.subject,
            "url": page.address_of(newest),
            "lang": wish.language,
        }
        packed = msgspec.json.encode(shown)
        if len(packed) <= PUSH_BYTES_MAX or body_chars == 0:
            return packed
        body_chars //= 2


class _Link(msgspec.Struct, frozen=True):
    words: str
    url: str


class _Title(msgspec.Struct, frozen=True):
    words: str


_Part = str | _Link | _Title


def _facts(page: Page, event: Event, said: Words) -> list[_Part]:
    facts: list[_Part] = [
        _time(event.utc_us),
        said.components.format(page.named(event.components, said)),
    ]
    if topic_of(event) is Topic.INCIDENTS:
        facts.append(said.how_bad.format(said.impact[event.impact]))
        if event.automatic:
            facts.append(said.unconfirmed)
    return facts


def _ending(page: Page, wish: Wish, token: str, said: Words) -> list[_Part]:
    named = page.named(wish.components, said)
    return [
        said.because.format(page.name, _topics(wish, said), named),
        _Link(said.change, page.managing(token)),
        _Link(said.leave, page.leaving(token)),
    ]


def _topics(wish: Wish, said: Words) -> str:
    return ", ".join(said.topic[topic] for topic in wish.topics)


def _letter(subject: str, parts: Sequence[_Part], language: str, leave: str = "") -> Letter:
    text = "\n\n".join(_as_text(part) for part in parts if part) + "\n"
    body = "".join(_as_html(part) for part in parts if part)
    document = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"></head>'
        f'<body style="font:16px/1.5 sans-serif;max-width:40rem">{body}</body></html>'
    )
    return Letter(_clipped(one_line(subject), SUBJECT_CHARS_MAX), text, document, leave)


def _as_text(part: _Part) -> str:
    if isinstance(part, _Link):
        return f"{part.words}:\n{part.url}"
    return part.words if isinstance(part, _Title) else part


def _as_html(part: _Part) -> str:
    if isinstance(part, _Link):
        return f'<p><a href="{html.escape(part.url)}">{html.escape(part.words)}</a></p>'
    if isinstance(part, _Title):
        return f"<h2>{html.escape(part.words)}</h2>"
    return "".join(f"<p>{html.escape(line)}</p>" for line in part.split("\n\n") if line)


def _clipped(text: str, chars_max: int) -> str:
    return text if len(text) <= chars_max else text[: max(chars_max - 1, 0)] + "…"


def _time(utc_us: int) -> str:
    return f"{_EPOCH + timedelta(microseconds=utc_us):%Y-%m-%d %H:%M} UTC"
