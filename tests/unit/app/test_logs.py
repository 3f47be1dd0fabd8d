"""Log lines: one form for all, and no secret or listener's address in any."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from rostra.app import foreign_logs, logs

TICKET = "eyJzcGFjZSI6ImhhbGwifQ.c2lnbmF0dXJl"
PASSWORD = "hunter2-hunter2"  # noqa: S105 - to be looked for
SECRETS = (
    f"GET /join/{TICKET} failed",
    f"see http://talk.example.org/invite/{TICKET}",
    f"see /owner/{TICKET}, please",
    f"Bearer {TICKET}",
    f"/api/v1/tickets/{TICKET}?x=1",
    f"/whip/hall?token={TICKET}",
    f"nats://desk:{TICKET}@127.0.0.1:4222 is away",
    f"postgresql+psycopg://rostra:{TICKET}@db/rostra",
)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[str]]]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    yield lambda: capsys.readouterr().err.splitlines()  # noqa: PLW0108 - captures anew
    root.handlers[:], level, config = before
    root.setLevel(level)
    structlog.configure(**config)


Lines = Callable[[], list[str]]
forms = pytest.mark.parametrize("form", ["json", "human"])


@forms
@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_hidden_wherever_it_stands_in_a_line(
    lines: Lines, form: str, text: str
) -> None:
    logs.configure(form, "desk")
    structlog.get_logger("a").warning(text)
    structlog.get_logger("b").warning("told", why=text, deep={"list": [text, (text,)]})
    logging.getLogger("rostra.foreign").warning("it said %s", text)
    found = lines()
    assert len(found) == 3
    assert TICKET not in "".join(found)
    assert all(logs.HIDDEN in line for line in found)


@forms
def test_what_sounds_secret_is_hidden_however_deep(lines: Lines, form: str) -> None:
    logs.configure(form, "desk")
    structlog.get_logger("c").warning(
        "told", password=PASSWORD, body={"user": [{"Resume_Ticket": PASSWORD}]}
    )
    (line,) = lines()
    assert PASSWORD not in line
    assert "user" in line


@forms
def test_a_traceback_shows_no_local_variable_and_no_link(lines: Lines, form: str) -> None:
    logs.configure(form, "desk")

    def checks(password: str) -> None:
        sentence = f"{len(password)} characters came by /join/{TICKET}"
        raise ValueError(sentence)

    try:
        checks(PASSWORD)
    except ValueError:
        structlog.get_logger("d").exception("it broke")
    text = "\n".join(lines())
    assert PASSWORD not in text
    assert TICKET not in text
    assert "checks" in text
    assert "ValueError" in text
    assert f"{len(PASSWORD)} characters" in text


def test_json_lines_read_whatever_was_hidden_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    line = json.dumps({"event": f'/join/{TICKET}"\n/host/{TICKET}\\'})
    assert json.loads(logs.hide_in_line(None, "", line)) == {
        "event": f'/join/{logs.HIDDEN}"\n/host/{logs.HIDDEN}\\'
    }
    assert capsys.readouterr().err == ""


def test_lines_of_nats_and_caddy_take_our_form() -> None:
    nats = "[42] 2026/11/24 10:00:00.000000 [WRN] Filestore is slow"
    assert foreign_logs.parse_line(nats) == ("warning", "Filestore is slow", {})
    caddy = json.dumps({"level": "error", "msg": "no upstream", "status": 502, "ts": 1.0})
    assert foreign_logs.parse_line(caddy) == ("error", "no upstream", {"status": "502"})
    assert foreign_logs.parse_line("panic: no") == ("warning", "panic: no", {})


def test_a_listeners_address_is_in_no_line_however_long() -> None:
    address = "203.0.113.77"
    whole = {
        "level": "error",
        "msg": f"write tcp 10.0.0.1:443->{address}:5555: broken pipe",
        "request": {"remote_ip": address, "headers": ["x" * 3_000]},
        "error": f"read tcp 10.0.0.1:443->[2001:db8::1]:5555: {'x' * 3_000}",
    }
    line = json.dumps(whole)
    for told in (line, line[:3_000], line[:200]):
        found = str(foreign_logs.parse_line(told))
        assert address not in found
        assert "2001:db8" not in found
    _, text, fields = foreign_logs.parse_line(line)
    assert "broken pipe" in text
    assert len(fields["error"]) == foreign_logs.TEXT_CHARS_MAX
