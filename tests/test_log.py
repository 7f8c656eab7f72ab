"""The log: one JSON object a line, for people on a terminal, and never a secret."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from bot.log import HIDDEN, configure, hide


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = io.StringIO()
    configure(out)
    yield out
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_time_in_utc(out: io.StringIO) -> None:
    structlog.get_logger().info("incident_opened", incident="INC-42", people=2)
    (line,) = lines(out)
    at = datetime.fromisoformat(line.pop("at"))
    assert at.utcoffset() == timedelta()
    assert line == {"event": "incident_opened", "level": "info", "incident": "INC-42", "people": 2}


def test_the_libraries_write_in_the_same_form(out: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.pool").warning("lost %s", "a connection")
    (line,) = lines(out)
    assert (line["event"], line["level"]) == ("lost a connection", "warning")


@pytest.mark.parametrize("name", ["httpx", "aiohttp.access", "slack_bolt.App", "slack_sdk", "telegram.ext"])
def test_libraries_that_print_tokens_or_requests_are_quiet_below_warning(out: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("POST https://api.telegram.org/bot123456:secret/getMe")
    assert out.getvalue() == ""
    logging.getLogger(name).warning("told")
    assert lines(out)[0]["event"] == "told"


def test_ticks_that_a_busy_machine_missed_are_no_news(out: io.StringIO) -> None:
    logging.getLogger("apscheduler.scheduler").warning("skipped: maximum number of running instances reached (1)")
    assert out.getvalue() == ""
    logging.getLogger("apscheduler.executors.default").error("the job failed")
    assert lines(out)[0]["event"] == "the job failed"


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "api_token",
        "SLACK_BOT_TOKEN",
        "webhookKey",
        "X-Tocsin-Key",
        "password",
        "Authorization",
        "signature",
        "body",
        "secret",
        "signing_secret",
        "cookie",
        "login",
    ],
)
def test_a_field_whose_name_speaks_of_a_secret_is_hidden(out: io.StringIO, name: str) -> None:
    structlog.get_logger().info("asked", **{name: "hunter2", "headers": [{name: ["hunter2"]}]})
    (line,) = lines(out)
    assert line[name] == HIDDEN
    assert line["headers"] == [{name: HIDDEN}]


@pytest.mark.parametrize("name", ["monkey", "nobody", "tokyo", "person", "incident"])
def test_a_field_that_only_sounds_alike_is_shown(out: io.StringIO, name: str) -> None:
    structlog.get_logger().info("asked", **{name: "shown"})
    assert lines(out)[0][name] == "shown"


def test_nothing_and_yes_or_no_are_no_secrets(out: io.StringIO) -> None:
    structlog.get_logger().info("asked", token=None, has_key=True)
    line = lines(out)[0]
    assert (line["token"], line["has_key"]) == (None, True)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("https://api.telegram.org/bot123456:ABC-def_ghijk/getMe", "https://api.telegram.org/bot***/getMe"),
        ("sent with xoxb-1-2-abc to Slack", "sent with *** to Slack"),
        ("xapp-1-A-b", "***"),
        ("Bearer abcdef", "Bearer ***"),
        ("postgresql://tocsin:hunter2@db/tocsin", "postgresql://***@db/tocsin"),
        ("POST /webhooks/prom/hunter2 refused", "POST /webhooks/prom/*** refused"),
        ("POST /webhooks/prom refused", "POST /webhooks/prom refused"),
        ("http://127.0.0.1:8080/incidents", "http://127.0.0.1:8080/incidents"),
    ],
)
def test_tokens_inside_any_text_are_hidden(out: io.StringIO, text: str, left: str) -> None:
    assert hide(text) == left
    structlog.get_logger().info("said", text=text)
    assert lines(out)[0]["text"] == left


def test_a_traceback_is_one_field_without_tokens(out: io.StringIO) -> None:
    try:
        raise ConnectionError("postgresql://tocsin:hunter2@db/tocsin is gone")
    except ConnectionError:
        structlog.get_logger().exception("loop_failed")
    (line,) = lines(out)
    assert "ConnectionError: postgresql://***@db/tocsin is gone" in line["exception"]
    assert "hunter2" not in out.getvalue()


def test_a_value_that_json_does_not_know_is_shown_as_text(out: io.StringIO) -> None:
    structlog.get_logger().info(
        "odd", error=ValueError("Bearer hunter2"), raw=b"hunter2", deep=[[[[[[[["hunter2"]]]]]]]]
    )
    (line,) = lines(out)
    assert (line["error"], line["raw"]) == ("Bearer ***", HIDDEN)
    assert "hunter2" not in out.getvalue()


def test_on_a_terminal_a_line_is_for_reading() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    out = Terminal()
    try:
        configure(out)
        structlog.get_logger().info("started", url="http://127.0.0.1:8080", api_token="hunter2")
    finally:
        structlog.reset_defaults()
        root.handlers[:], root.level = handlers, level
    assert "started" in out.getvalue()
    assert "http://127.0.0.1:8080" in out.getvalue()
    assert not out.getvalue().startswith("{")
    assert "hunter2" not in out.getvalue()
