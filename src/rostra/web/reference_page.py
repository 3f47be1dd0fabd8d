"""The API's reference as one readable page, made from the OpenAPI description alone."""

import html
from typing import Any

from rostra.web.plain import page


def reference_page(openapi: dict[str, Any]) -> str:
    """A document without scripts and foreign files; everything in it is escaped."""
    parts = [
        f"<h1>{_text(openapi['info']['title'])}</h1>",
        f"<p>{_text(openapi['info'].get('description', ''))}</p>",
        '<p class="quiet">For programs: <a href="/api/openapi.json">/api/openapi.json</a></p>',
    ]
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(path, method, operation))
    return page("API", "".join(parts))


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    answers = ", ".join(sorted(operation.get("responses", {})))
    body = _schema_of(operation.get("requestBody", {}))
    takes = f"<p>Takes {_text(body)}</p>" if body else ""
    gives = [
        f"{status}: {_schema_of(given)}"
        for status, given in operation.get("responses", {}).items()
        if status.startswith("2") and _schema_of(given)
    ]
    return (
        f"<section><h2><code>{_text(method.upper())} {_text(path)}</code></h2>"
        f"<p>{_text(operation.get('description', operation.get('summary', '')))}</p>{takes}"
        f'<p class="quiet">Answers {_text("; ".join(gives) or answers)}</p></section>'
    )


def _schema_of(part: dict[str, Any]) -> str:
    schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    references = [schema, *schema.get("anyOf", ())]
    names = [ref["$ref"].rpartition("/")[2] for ref in references if "$ref" in ref]
    return " or ".join(names)


def _text(value: object) -> str:
    return html.escape(str(value))
