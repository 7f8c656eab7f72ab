"""What Slack has signed and is not what Slack sends: each part of each request is left out, and put wrongly."""

import copy
import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.domain.forms import Form, Option, Question, QuestionKind
from bot.ports.chat import Answer
from bot.wording.speech import Speech
from integrations.chat.slack.modals import modal
from tests.fakes.slack.people import FORM, JSON, signed
from tests.fakes.slack.workspace import TEAM
from tests.integrations.chat.slack.conftest import AMIRA, Adapter, acme

WRONG: Final[tuple[Any, ...]] = (None, True, 5, "", "\x00\ud800 \u202e", "x" * 5000, [], [5], {"id": 5})

ASKED: Final = Form(
    "Severity",
    "sev INC-1",
    (
        Question("severity", "Severity", QuestionKind.CHOICE, options=(Option("SEV1", "SEV1"),), value="SEV1"),
        Question("reason", "Why", QuestionKind.PARAGRAPH),
    ),
    "Change",
)
WHO: Final = {"team": {"id": TEAM, "domain": "acme"}, "user": {"id": AMIRA, "team_id": TEAM}, "api_app_id": "A1"}


def command() -> dict[str, Any]:
    who = {"team_id": TEAM, "user_id": AMIRA, "user_name": "amira", "channel_id": "C1", "channel_name": "general"}
    return {"command": "/inc", "text": "list", "trigger_id": "1.2.3", "response_url": "http://127.0.0.1:9/1", **who}


def press() -> dict[str, Any]:
    value = json.dumps({"command": "ack INC-1", "version": 7})
    button = {"type": "button", "action_id": "command.0", "block_id": "b1", "action_ts": "1.1", "value": value}
    where = {"type": "message", "message_ts": "1.1", "channel_id": "C1", "is_ephemeral": False}
    shown = {"type": "message", "ts": "1.1", "text": "x", "blocks": [{"type": "section", "block_id": "b0"}]}
    opened = {"trigger_id": "1.2.3", "response_url": "http://127.0.0.1:9/1", "channel": {"id": "C1", "name": "general"}}
    return {"type": "block_actions", **WHO, **opened, "container": where, "message": shown, "actions": [button]}


def form(kind: str) -> dict[str, Any]:
    org = acme()
    drawn = modal(ASKED, "C1", Speech(org, org.people[0]))
    chosen = {"type": "static_select", "selected_option": {"text": {"type": "plain_text"}, "value": "SEV1"}}
    typed = {"type": "plain_text_input", "value": "everyone waits"}
    values = {"severity": {"answer": chosen}, "reason": {"answer": typed}}
    assert drawn is not None
    view = {**drawn, "id": "V1", "hash": "1.a", "app_installed_team_id": TEAM, "state": {"values": values}}
    return {"type": kind, **WHO, "trigger_id": "1.2.3", "view": view, "response_urls": []}


def event(kind: str, **more: Any) -> dict[str, Any]:
    said = {"type": kind, "user": AMIRA, "channel": "C1", "channel_type": "channel", "text": "hi", "ts": "1.1"}
    about = {"team_id": TEAM, "api_app_id": "A1", "event_id": "Ev1", "event_time": 1}
    authorizations = [{"team_id": TEAM, "user_id": "U0TOCSIN", "is_bot": True}]
    return {"type": "event_callback", **about, "event": {**said, **more}, "authorizations": authorizations}


GENUINE: Final[dict[str, dict[str, Any]]] = {
    "command": command(),
    "press": press(),
    "form": form("view_submission"),
    "closed form": form("view_closed"),
    "message": event("message", thread_ts="1.1"),
    "mention": event("app_mention", blocks=[{"type": "rich_text"}]),
    "other event": event("member_joined_channel", inviter=AMIRA),
    "shortcut": {"type": "shortcut", **WHO, "callback_id": "x", "trigger_id": "1.2.3"},
    "message shortcut": {"type": "message_action", **WHO, "callback_id": "x", "message": {"ts": "1.1"}},
    "suggestion": {"type": "block_suggestion", **WHO, "action_id": "x", "block_id": "b", "value": ""},
    "old button": {"type": "interactive_message", **WHO, "callback_id": "x", "actions": [{"name": "x"}]},
    "verification": {"type": "url_verification", "token": "x", "challenge": "c1"},
}


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every part of a body, at every depth."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, part in inner:
        yield (*at, name)
        yield from places(part, (*at, name))


def mutations(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a body without each of its parts, with each of them wrong, and with parts that it never has."""
    for *way, last in places(body):
        for wrong in (..., *WRONG):
            mutated = copy.deepcopy(body)
            inner: Any = mutated
            for name in way:
                inner = inner[name]
            if wrong is ...:
                del inner[last]
            else:
                inner[last] = wrong
            yield mutated
    for also in ("command", "event", "type", "view", "actions", "channel", "message", "response_urls", "thread_ts"):
        for wrong in WRONG:
            yield {**body, also: wrong}


def sendings(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return how a body comes, as the text of the request and its kind; a command in a way in which it can be odd, too."""
    if "command" in body:
        yield urlencode(body, errors="replace"), FORM
    if "command" in body or "event" in body or "challenge" in body:
        yield json.dumps(body), JSON
    else:
        yield urlencode({"payload": json.dumps(body)}), FORM


@pytest.mark.parametrize("kind", GENUINE)
async def test_no_signed_body_however_odd_makes_tocsin_fail(adapter: Adapter, kind: str) -> None:
    adapter.server.has_limits = False
    adapter.inbox.answer = lambda _line: Answer(ok=False, text="Not now")
    address = f"{adapter.people.url}/slack/events"
    with capture_logs() as logged:
        async with aiohttp.ClientSession() as session:
            for number, mutated in enumerate(mutations(GENUINE[kind])):
                # Each by someone else, since nobody is answered more often than once a second.
                for body, of in sendings(json.loads(json.dumps(mutated).replace(AMIRA, f"U{number}"))):
                    lines, reports = len(adapter.inbox.carried_out), len(adapter.updates.stored)
                    async with session.post(address, data=body, headers={**signed(body), "Content-Type": of}) as told:
                        assert told.status < 500, body[:500]
                    has_more = (len(adapter.inbox.carried_out), len(adapter.updates.stored)) != (lines, reports)
                    assert told.status == 200 or not has_more, body[:500]
        await adapter.handled()
        answered = await adapter.people.command(AMIRA, "list")

    assert (answered.status, answered.body["text"]) == (200, "Not now")
    assert [one for one in logged if one["log_level"] in {"error", "critical"}] == []


async def test_no_signed_body_however_deep_makes_tocsin_fail(adapter: Adapter) -> None:
    # Somewhere among these is what can be read and is too deep to be written again.
    for depth in range(100, 1100, 20):
        body = json.dumps(GENUINE["form"]).replace('"everyone waits"', "[" * depth + "]" * depth)
        body = body.replace(AMIRA, f"U{depth}")
        answered = await adapter.people.post(body.encode(), {**signed(body), "Content-Type": JSON})
        assert answered.status < 500, depth

    assert adapter.inbox.carried_out == []


async def test_an_odd_body_is_refused_and_not_a_failure_when_the_database_is_away_too(adapter: Adapter) -> None:
    adapter.memory.is_broken = True
    whole, odd = json.dumps(GENUINE["message"]), json.dumps({"type": "view_submission", "view": {"callback_id": "x"}})

    with capture_logs() as logged:
        answered = [
            await adapter.people.post(body.encode(), {**signed(body), "Content-Type": JSON}) for body in (whole, odd)
        ]

    assert [one.status for one in answered] == [503, 400]
    assert adapter.audited == ["a request to Slack's door: Slack's library can't read it, from 127.0.0.1"]
    assert {"event": "slack_request_unreadable", "error": "KeyError", "log_level": "warning"} in logged


@pytest.mark.parametrize("kind", GENUINE)
async def test_the_bodies_that_are_mutated_are_taken_as_they_are(adapter: Adapter, kind: str) -> None:
    wanted = 404 if kind in {"shortcut", "message shortcut", "suggestion", "old button"} else 200
    for body, of in sendings(GENUINE[kind]):
        answered = await adapter.people.post(body.encode(), {**signed(body), "Content-Type": of})
        assert answered.status == wanted

    texts = {"command": "list", "press": "ack INC-1", "form": 'sev INC-1 --severity "SEV1" --reason "everyone waits"'}
    assert [line.text for line in adapter.inbox.carried_out] == [text for name, text in texts.items() if name == kind]
    assert [one.body["event"]["type"] for one in adapter.updates.stored] == {
        "message": ["message"],
        "mention": ["app_mention"],
    }.get(kind, [])
