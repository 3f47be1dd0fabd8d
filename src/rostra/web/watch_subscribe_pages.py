"""The pages for subscribers, drawn without JavaScript: each function gives a page's inner HTML."""

from typing import Final

import msgspec
from jinja2 import DictLoader, Environment, StrictUndefined

from rostra.watch.board import Board
from rostra.watch.subscribers import Channel, Life, Subscriber, Topic, Wish
from rostra.web.watch_subscribe_words import said

_WISH: Final = """
<fieldset><legend>{{ t.components }}</legend>
{% for one in components %}
<label class="choice"><input type="checkbox" name="component" value="{{ one.id }}"
{%- if one.id in wish.components %} checked{% endif %}><span>{{ one.name }}</span></label>
{% endfor %}
<p class="quiet">{{ t.all }}</p></fieldset>
<fieldset><legend>{{ t.topics }}</legend>
{% for one in topics %}
<label class="choice"><input type="checkbox" name="topic" value="{{ one.value }}"
{%- if one in wish.topics %} checked{% endif %}><span>{{ t[one.value] }}</span></label>
{% endfor %}
</fieldset>
<label class="field"><span>{{ t.language }}</span><select name="language">
{% for code, name in (("en", "English"), ("es", "Español")) %}
<option value="{{ code }}" lang="{{ code }}"{% if code == wish.language %} selected{% endif %}>
{{- name }}</option>
{% endfor %}
</select></label>
"""

_FORM: Final = """
<section class="first"><h1>{{ t.title }}</h1><p class="quiet">{{ t.intro }}</p></section>
{% if refusal %}<p class="refusal" role="alert">{{ refusal }}</p>{% endif %}
<section id="email"><h2>{{ t.email }}</h2>
{% if "email" in channels %}
<form class="form" method="post" action="{{ base }}/subscribe">
<input type="hidden" name="channel" value="email">
<label class="field"><span>{{ t.address }}</span><input type="email" name="address" required
 maxlength="254" autocomplete="email" value="{{ filled.address }}"></label>
<p class="quiet">{{ t.privacy }}</p>
{% include "wish" %}
<div class="send"><button class="button primary" type="submit">{{ t.send }}</button></div>
</form>
{% else %}<p>{{ t.closed }}</p>{% endif %}
</section>
{% if vapid %}
<section id="browser" hidden>
<h2>{{ t.browser }}</h2><p class="quiet">{{ t.browser_text }}</p>
<form class="form">
{% include "wish" %}
<div class="send"><button class="button" type="button" id="push" data-vapid="{{ vapid }}"
 data-base="{{ base }}">{{ t.browser_button }}</button><span role="status" id="push-said"></span>
</div></form></section>
{% endif %}
<section id="hook"><h2>{{ t.hook }}</h2><p class="quiet">{{ t.hook_text }}</p>
<form class="form" method="post" action="{{ base }}/subscribe">
<input type="hidden" name="channel" value="webhook">
<label class="field"><span>{{ t.url }}</span><input type="url" name="url" required
 maxlength="1024" placeholder="https://" value="{{ filled.url }}"></label>
{% include "wish" %}
<div class="send"><button class="button" type="submit">{{ t.send }}</button></div>
</form></section>
<section id="feeds"><h2>{{ t.feeds }}</h2><ul>
<li><a href="{{ base }}/history.atom">Atom</a></li><li><a href="{{ base }}/history.rss">RSS</a></li>
<li><a href="{{ base }}/maintenance.ics">iCalendar</a></li></ul></section>
"""

_MANAGE: Final = """
<section class="first"><h1>{{ t.manage }}</h1></section>
{% if refusal %}<p class="refusal" role="alert">{{ refusal }}</p>{% endif %}
{% if saved %}<p class="note" role="status">{{ t.saved }}</p>{% endif %}
<form class="form" method="post" action="{{ base }}/subscribe/manage/{{ token }}">
{% include "wish" %}
<div class="send"><button class="button primary" type="submit">{{ t.save }}</button></div>
</form>
<form class="form" method="post" action="{{ base }}/subscribe/end/{{ token }}">
<p>{{ t.leave_text }}</p>
<div class="send"><button class="button" type="submit">{{ t.leave }}</button></div></form>
"""

_PRESS: Final = """
<section class="first"><h1>{{ title }}</h1><p>{{ text }}</p></section>
<form class="form" method="post" action="{{ action }}">
<div class="send"><button class="button primary" type="submit">{{ button }}</button></div></form>
"""

_SAY: Final = """
<section class="first"><h1>{{ title }}</h1><p>{{ text }}</p>
{% if code %}<p><code>{{ code }}</code></p>{% endif %}
<p><a href="{{ link }}">{{ link_text }}</a></p></section>
"""

_templates: Final = Environment(
    loader=DictLoader(
        {"wish": _WISH, "form": _FORM, "manage": _MANAGE, "press": _PRESS, "say": _SAY}
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Filled(msgspec.Struct, frozen=True):
    """What a form had in it, so that a refusal loses nothing."""

    address: str = ""
    url: str = ""


class Frame(msgspec.Struct, frozen=True):
    """What every page needs. `base` is `/status`."""

    board: Board
    language: str
    base: str = "/status"


def body(  # noqa: PLR0913 - what the form can have in it
    frame: Frame,
    channels: frozenset[Channel],
    vapid: str = "",
    *,
    refusal: str = "",
    filled: Filled | None = None,
    wish: Wish | None = None,
) -> str:
    """The form; `refusal` is a sentence on what was wrong in it."""
    return _drawn(
        "form",
        frame,
        channels={one.value for one in channels},
        vapid=vapid,
        refusal=refusal,
        filled=filled or Filled(),
        wish=wish or Wish(language=frame.language),
    )


def asked_body(frame: Frame, secret: str = "") -> str:
    """What comes now; with a program's `secret`."""
    t = said(frame.language)
    which = "hook_asked" if secret else "asked"
    return _say(frame, t[which], t[f"{which}_text"], secret)


def confirm_body(frame: Frame, subscriber: Subscriber, token: str) -> str:
    """A button and no more: programs that look at links in mail press none."""
    if subscriber.life is not Life.ASKED:
        return state_body(frame, subscriber)
    t = said(frame.language)
    names = {one.id: one.name for one in frame.board.components}
    chosen = (names.get(one, one) for one in subscriber.wish.components)
    text = t["confirm_text"].format(
        topics=", ".join(t[topic.value].lower() for topic in subscriber.wish.topics),
        components=", ".join(chosen) or t["everything"],
    )
    return _press(
        t["confirm"], text, f"{frame.base}/subscribe/confirm/{token}", t["confirm_button"]
    )


def end_body(frame: Frame, subscriber: Subscriber, token: str) -> str:
    """A button that ends it."""
    if subscriber.life is Life.ENDED:
        return state_body(frame, subscriber)
    t = said(frame.language)
    return _press(t["leave"], t["leave_text"], f"{frame.base}/subscribe/end/{token}", t["leave"])


def state_body(frame: Frame, subscriber: Subscriber) -> str:
    """That they are subscribed, or are not."""
    t = said(frame.language)
    if subscriber.life is Life.CONFIRMED:
        return _say(frame, t["confirmed"], t["confirmed_text"])
    return left_body(frame)


def left_body(frame: Frame) -> str:
    """That nothing more comes."""
    t = said(frame.language)
    return _say(frame, t["left"], t["left_text"], link=("/subscribe", t["again"]))


def manage_body(
    frame: Frame, subscriber: Subscriber, token: str, *, saved: bool = False, refusal: str = ""
) -> str:
    """What they are told, to be changed."""
    if subscriber.life is Life.ENDED:
        return left_body(frame)
    if subscriber.life is Life.ASKED:
        return confirm_body(frame, subscriber, token)
    wish = subscriber.wish
    return _drawn("manage", frame, wish=wish, token=token, saved=saved, refusal=refusal)


def title_of(frame: Frame) -> str:
    """The title of all of these pages."""
    return said(frame.language)["title"]


def _say(
    frame: Frame, title: str, text: str, code: str = "", link: tuple[str, str] | None = None
) -> str:
    path, words = link or ("", said(frame.language)["home"])
    return _templates.get_template("say").render(
        title=title, text=text, code=code, link=frame.base + path, link_text=words
    )


def _press(title: str, text: str, action: str, button: str) -> str:
    template = _templates.get_template("press")
    return template.render(title=title, text=text, action=action, button=button)


def _drawn(name: str, frame: Frame, **values: object) -> str:
    return _templates.get_template(name).render(
        t=said(frame.language),
        base=frame.base,
        components=frame.board.components,
        topics=tuple(Topic),
        **values,
    )
