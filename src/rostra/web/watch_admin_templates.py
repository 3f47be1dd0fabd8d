"""Templates of the operators' pages: phone first, no script, everything escaped by Jinja."""

import base64
import hashlib
from typing import Any, Final

from jinja2 import DictLoader, Environment, StrictUndefined

STYLE: Final = (
    ":root{color-scheme:light dark;--g:#FBFAF7;--t:#1B1D23;--q:#5A5E68;--b:#9A4F1C;--o:#A3262A;"
    "--l:#0002;--on:#FBFAF7}"
    "@media(prefers-color-scheme:dark){:root{--g:#14161B;--t:#EDEAE3;--q:#A9ADB8;--b:#E8A268;"
    "--o:#FF8A80;--l:#fff3;--on:#14161B}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--g);color:var(--t);"
    "font:16px/1.5 system-ui,sans-serif}main{max-width:44rem;margin:0 auto;padding:16px}"
    "h1,h2{font-family:Georgia,serif;font-weight:600;line-height:1.2}h1{font-size:1.75rem}"
    "h2{margin:24px 0 8px}"
    "a{color:var(--b)}.quiet{color:var(--q)}ul{list-style:none;margin:0;padding:0}"
    "li,details{border-top:1px solid var(--l);padding:12px 0}summary{cursor:pointer;"
    "font-weight:600;padding:8px 0}label{display:block;margin:12px 0 4px}"
    "fieldset{border:1px solid var(--l);border-radius:10px;margin:12px 0}"
    "fieldset label{margin:0;padding:8px 0}"
    "input:not([type=checkbox]),select,textarea{width:100%;font:inherit;padding:8px;"
    "border:1px solid var(--q);border-radius:10px;background:var(--g);color:var(--t)}"
    "input[type=checkbox]{width:20px;height:20px;vertical-align:-4px}"
    "textarea{min-height:6rem}button{font:inherit;font-weight:600;min-height:44px;width:100%;"
    "margin:12px 0;padding:8px 16px;border:0;border-radius:10px;background:var(--b);"
    "color:var(--on)}button.danger{background:var(--o)}"
    ".error{border:2px solid var(--o);border-radius:10px;padding:8px 12px;color:var(--o)}"
    ".body{white-space:pre-line}body{overflow-wrap:anywhere}"
    ".choose{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));"
    "gap:0 16px;align-items:end}.choose p{margin:0}.choose button{margin:12px 0 0}"
    "table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;color:var(--q);padding:8px 0}"
    "th,td{text-align:right;padding:8px 4px;border-top:1px solid var(--l);overflow-wrap:normal}"
    "th:first-child{text-align:left}th{font-weight:600}"
    ".shared{border-left:4px solid var(--b);padding-left:12px;font-weight:600}"
    ".shared li{border:0;padding:4px 0}"
    ".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:16px 32px}"
    "h3{margin:12px 0 0;font-size:1rem}.facts p{margin:0}"
    ".bars li{display:grid;grid-template-columns:1fr auto;gap:0 12px;border:0;padding:4px 0}"
    ".bars svg{grid-column:1/-1;width:100%;height:6px;fill:var(--b)}"
    ".lines .quiet{font-size:.875rem}.lines b{font-weight:400;color:var(--t)}"
    ".many{font-variant-numeric:tabular-nums}"
)

_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CSP: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

_PAGES: Final = {
    "frame": """<!doctype html><html lang="{{ language }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{{ self.head() }} · {{ page }}</title>
<style>{{ style|safe }}</style></head><body><main>
<h1>{% block head %}{{ w.title }}{% endblock %}</h1>
{% if error %}<p class="error" role="alert">{{ error }}</p>{% endif %}
{% block main %}{% endblock %}</main></body></html>""",
    "parts": """{% macro csrf(session) %}
<input type="hidden" name="csrf" value="{{ session.csrf }}">{% endmacro %}
{% macro text(id, name, label, value="", rows=false) %}<label for="{{ id }}">{{ label }}</label>
{% if rows %}<textarea id="{{ id }}" name="{{ name }}">{{ value }}</textarea>
{% else %}<input id="{{ id }}" name="{{ name }}" value="{{ value }}" autocomplete="off">{% endif %}
{% endmacro %}
{% macro choice(id, name, label, choices, chosen, empty="") %}
<label for="{{ id }}">{{ label }}</label><select id="{{ id }}" name="{{ name }}">
{% if empty %}<option value="">{{ empty }}</option>{% endif %}
{% for value, said in choices %}
<option value="{{ value }}"{% if value == chosen %} selected{% endif %}>{{ said }}</option>
{% endfor %}</select>{% endmacro %}
{% macro boxes(label, components, ticked) %}<fieldset><legend>{{ label }}</legend>
{% for id, name in components %}<label><input type="checkbox" name="components" value="{{ id }}"
{%- if id in ticked %} checked{% endif %}> {{ name }}</label>{% endfor %}</fieldset>{% endmacro %}
{% macro word(id, label, expected) %}<label for="{{ id }}">{{ label.format(word=expected) }}</label>
<input id="{{ id }}" name="word" autocomplete="off" autocapitalize="characters">{% endmacro %}
{% macro lines(updates) %}<ul>{% for one in updates %}<li><strong>{{ one.status }}</strong>
<span class="quiet">{{ one.at }}</span><div class="body">{{ one.body }}</div></li>{% endfor %}</ul>
{% endmacro %}""",
    "login": """{% extends "frame" %}{% import "parts" as p %}{% block main %}
<form method="post" action="/status/admin/login">
{{ p.text("name", "name", w.your_name, typed.name) }}
<label for="token">{{ w.token }}</label>
<input id="token" name="token" type="password" autocomplete="current-password">
<button>{{ w.login }}</button></form>{% endblock %}""",
    "list": """{% extends "frame" %}{% import "parts" as p %}{% block main %}
<p class="quiet">{{ w["as"] }} {{ session.name }} · <a href="/status">{{ w.public }}</a></p>
{% for heading, empty, rows in lists %}<h2>{{ heading }}</h2><ul>{% for one in rows %}
<li><a href="{{ one.href }}">{{ one.name }}</a><br>
<span class="quiet">{{ one.status }} · {{ one.impact }} · {{ one.at }}</span></li>
{% else %}<li class="quiet">{{ empty }}</li>{% endfor %}</ul>{% endfor %}
<h2>{{ w.told }}</h2><ul>{% for id, name in components %}
<li><a href="/status/admin/components/{{ id }}">{{ name }}</a></li>{% endfor %}</ul>
<p><a href="/status/admin/open">{{ w.open }}</a> ·
<a href="/status/admin/maintenance">{{ w.announce }}</a>
 · <a href="/status/admin/log">{{ w.log }}</a></p>
<form method="post" action="/status/admin/logout">{{ p.csrf(session) }}
<button>{{ w.logout }}</button></form>{% endblock %}""",
    "open": """{% extends "frame" %}{% import "parts" as p %}
{% block head %}{{ w.open }}{% endblock %}
{% block main %}<p><a href="/status/admin">{{ w.back }}</a></p>
<form method="post" action="/status/admin/open">{{ p.csrf(session) }}
{{ p.text("name", "name", w.name, typed.name) }}
{{ p.text("body", "body", w.body, typed.body, true) }}
{{ p.choice("impact", "impact", w.impact, impacts, typed.impact, w.left_open) }}
{{ p.boxes(w.components, components, typed.components) }}
<button>{{ w.open }}</button></form>{% endblock %}""",
    "incident": """{% extends "frame" %}{% import "parts" as p %}
{% block head %}{{ one.name }}{% endblock %}{% block main %}
<p><a href="/status/admin">{{ w.back }}</a> ·
<a href="/status/incidents/{{ one.id }}">{{ w.public }}</a></p>
<p><strong>{{ status }}</strong> · {{ impact }} · {{ names }}</p>
<p>{{ w.evidence }}: {{ evidence }}<br>{{ attribution }}{% for reason in reasons %}<br>
<span class="quiet">{{ reason }}</span>{% endfor %}</p>
{% if told %}<p>{{ w.told }}:{% for id, name in told %}
<a href="/status/admin/components/{{ id }}">{{ name }}</a>{% if not loop.last %},{% endif %}
{% endfor %}</p>{% endif %}
{% for action in actions %}<details{% if loop.first or action == typed.action %} open{% endif %}>
<summary>{{ w[action] }}</summary>
<form method="post" action="/status/admin/incidents/{{ one.id }}">{{ p.csrf(session) }}
<input type="hidden" name="action" value="{{ action }}">
{% if action == "dismiss" %}<p class="quiet">{{ w.dismiss_hint }}</p>
{{ p.text("reason", "reason", w.reason, typed.reason, true) }}
{{ p.word("word", w.type_word, w.word_dismiss) }}
<button class="danger">{{ w.dismiss }}</button>{% else %}
{% if action == "confirm" %}<p class="quiet">{{ w.confirm_hint }}</p>{% endif %}
{{ p.text(action ~ "-body", "body", w.body, typed.body if typed.action == action else "", true) }}
{% if action == "update" %}
{{ p.choice("status", "status", w.status, statuses, typed.status, w.unchanged) }}
{{ p.text("name", "name", w.name, typed.name or one.plain_name) }}{% endif %}
{% if action in ("update", "confirm", "reopen") %}
{{ p.choice(action ~ "-impact", "impact", w.impact, impacts, typed.impact, w.unchanged) }}
{{ p.choice(action ~ "-attribution", "attribution", w.attribution, words, "", w.unchanged) }}
{{ p.boxes(w.components, components, one.components) }}{% endif %}
<button>{{ w[action] }}</button>{% endif %}</form></details>{% endfor %}
<h2>{{ w.timeline }}</h2>{{ p.lines(updates) }}{% endblock %}""",
    "work": """{% extends "frame" %}{% import "parts" as p %}
{% block head %}{{ one.name if one else w.announce }}{% endblock %}{% block main %}
<p><a href="/status/admin">{{ w.back }}</a></p>
{% if one %}<p><strong>{{ status }}</strong></p>{% endif %}
{% if not over %}
<form method="post" action="/status/admin/maintenance{% if one %}/{{ one.id }}{% endif %}">
{{ p.csrf(session) }}<input type="hidden" name="action" value="edit">
{{ p.text("name", "name", w.name, typed.name or (one.name if one else "")) }}
{{ p.text("body", "body", w.body, typed.body, true) }}
<label for="begins">{{ w.begins }}</label>
<input id="begins" name="begins" type="datetime-local" value="{{ typed.begins or begins }}">
<label for="ends">{{ w.ends }}</label>
<input id="ends" name="ends" type="datetime-local" value="{{ typed.ends or ends }}">
{% if one %}{{ p.choice("status", "status", w.status, statuses, "", w.unchanged) }}{% endif %}
{{ p.boxes(w.components, components, typed.components or (one.components if one else ())) }}
<button>{{ w.edit if one else w.announce }}</button></form>
{% if one %}<details><summary>{{ w.cancel }}</summary>
<form method="post" action="/status/admin/maintenance/{{ one.id }}">{{ p.csrf(session) }}
<input type="hidden" name="action" value="cancel">
{{ p.text("cancel-body", "body", w.reason, "", true) }}
{{ p.word("word", w.type_word, w.word_cancel) }}
<button class="danger">{{ w.cancel }}</button></form></details>{% endif %}{% endif %}
{% if one %}<h2>{{ w.timeline }}</h2>{{ p.lines(updates) }}{% endif %}{% endblock %}""",
    "told": """{% extends "frame" %}{% block head %}{{ one.name }}{% endblock %}{% block main %}
<p><a href="/status/admin">{{ w.back }}</a> ·
<a href="/status/c/{{ one.component }}">{{ w.public }}</a></p>
<p class="quiet">{{ w.told }}</p>{{ body }}{% endblock %}""",
    "log": """{% extends "frame" %}{% block head %}{{ w.log }}{% endblock %}{% block main %}
<p><a href="/status/admin">{{ w.back }}</a></p><ul>{% for one in rows %}
<li>{{ one.at }} · <strong>{{ one.by }}</strong> · {{ one.action }} {{ one.subject }}</li>
{% else %}<li class="quiet">{{ w.no_log }}</li>{% endfor %}</ul>{% endblock %}""",
}

_ENVIRONMENT: Final = Environment(
    loader=DictLoader(_PAGES), autoescape=True, undefined=StrictUndefined
)


def draw(name: str, **values: Any) -> str:  # noqa: ANN401 - what a template shows
    """A page as HTML; every value is escaped."""
    return _ENVIRONMENT.get_template(name).render(style=STYLE, **values)
