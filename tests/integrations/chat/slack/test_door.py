"""Who is not Slack is not let in, what is not whole is refused, and neither changes anything nor gives a 500."""

import io
import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.fakes.slack.people import FORM, JSON, Sent, signed
from tests.fakes.slack.workspace import TEAM
from tests.integrations.chat.slack.conftest import AMIRA, Adapter

COMMAND = urlencode(
    {
        "command": "/inc",
        "text": "resolve INC-1",
        "team_id": TEAM,
        "user_id": AMIRA,
        "channel_id": "C1",
        "trigger_id": "1.2.3",
        "response_url": "https://hooks.slack.example/1",
    }
)
NOW = int(time.time())


def nothing_happened(adapter: Adapter) -> bool:
    return not adapter.inbox.carried_out and not adapter.inbox.heard and not adapter.updates.stored


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(COMMAND, secret="another secret"),
        signed(COMMAND, at=NOW - 3600),
        signed(COMMAND, at=NOW + 3600),
        {**signed(COMMAND), "X-Slack-Request-Timestamp": "yesterday"},
        {**signed(COMMAND), "X-Slack-Request-Timestamp": "١٢٣"},
        {**signed(COMMAND), "X-Slack-Request-Timestamp": str(NOW) + "0" * 400},
        {**signed(COMMAND), "X-Slack-Signature": "v0=é"},
        {**signed(COMMAND), "X-Slack-Signature": ""},
        signed(COMMAND + "&more=1"),
    ],
    ids=["none", "forged", "old", "early", "letters", "other digits", "endless", "no ascii", "empty", "other body"],
)
async def test_who_is_not_slack_is_not_let_in(
    adapter: Adapter, headers: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answered = await adapter.people.post(COMMAND.encode(), {**headers, "Content-Type": FORM})

    assert answered.status == 401
    assert nothing_happened(adapter)
    assert "resolve INC-1" not in caplog.text
    await adapter.people.post(COMMAND.encode(), {**headers, "Content-Type": FORM})
    [audited] = adapter.audited
    assert audited.startswith("a request to Slack's door: it")
    assert audited.endswith(", from 127.0.0.1")


async def test_each_way_of_not_being_slack_shows_in_the_audit(adapter: Adapter) -> None:
    forged, stale = signed(COMMAND, secret="another secret"), signed(COMMAND, at=NOW - 3600)
    unsigned = {**signed(COMMAND), "X-Slack-Signature": ""}

    for headers in ({"X-Slack-Signature": "v0=1"}, forged, stale, unsigned):
        await adapter.people.post(COMMAND.encode(), {**headers, "Content-Type": FORM})

    reasons = [line.removeprefix("a request to Slack's door: ").partition(",")[0] for line in adapter.audited]
    assert reasons == [
        "it has no time",
        "its signature is not Slack's",
        "its time is not now: a replay",
        "it has no signature",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "payload=",
        "payload={",
        "payload=[]",
        "payload=5",
        "x=1",
        "command=%2Finc",
        json.dumps({"type": 5}),
        json.dumps({"type": "event_callback", "team_id": TEAM}),
        json.dumps({"type": "event_callback", "team_id": TEAM, "event": "x"}),
        json.dumps({"type": "event_callback", "team_id": [], "event": {"type": "message"}}),
        json.dumps({"type": "event_callback", "team": 5, "event": {}}),
        json.dumps({"type": "block_actions", "team": {"id": TEAM}, "user": {"id": AMIRA}, "actions": []}),
        json.dumps({"type": "block_actions", "team": {"id": TEAM}, "user": "x", "actions": [{"action_ts": "1"}]}),
        json.dumps({"type": "view_submission", "team": {"id": TEAM}, "user": {"id": AMIRA}}),
        json.dumps({"type": "view_submission", "team": {"id": TEAM}, "user": {"id": AMIRA}, "view": {"id": 5}}),
        "payload=" + json.dumps({"type": "block_actions", "team": "x", "actions": {}}),
        "[" * 100_000,
        "\ud800",
    ],
)
async def test_what_is_not_whole_is_refused(adapter: Adapter, body: str) -> None:
    raw = body.encode("utf-8", "surrogatepass")
    headers = signed(body) if body.isprintable() or not body else signed_bytes(raw)

    for kind in (FORM, JSON):
        answered = await adapter.people.post(raw, {**headers, "Content-Type": kind})
        assert 400 <= answered.status < 500, answered
    assert nothing_happened(adapter)


def signed_bytes(raw: bytes) -> dict[str, str]:
    """Sign what is no text; it fails for its signature or for what it is."""
    return signed(raw.decode("utf-8", "replace"))


async def test_what_is_too_large_is_refused_before_it_is_read(adapter: Adapter) -> None:
    body = "text=" + "x" * 1_500_000

    large = io.BytesIO(body.encode())
    answered = await adapter.people.post(large, {**signed(body), "Content-Type": FORM})

    assert answered.status == 413


async def test_another_workspace_is_refused(adapter: Adapter) -> None:
    answered = await adapter.people.command(AMIRA, "resolve INC-1", team_id="T0EVIL")
    pressed = await adapter.people.send(
        AMIRA,
        Sent(
            "interactive",
            {
                "type": "block_actions",
                "team": {"id": "T0EVIL"},
                "user": {"id": AMIRA},
                "actions": [{"type": "button", "action_id": "a", "action_ts": "1.0", "value": "{}"}],
            },
        ),
    )

    assert (answered.status, pressed.status) == (403, 403)
    assert nothing_happened(adapter)
    assert adapter.audited == ["a request to Slack's door: it is for another workspace, from 127.0.0.1"]


async def test_what_slack_sends_and_nobody_here_handles_is_refused_quietly(adapter: Adapter) -> None:
    for kind in ("shortcut", "message_action", "block_suggestion", "made_up"):
        payload: dict[str, Any] = {"type": kind, "team": {"id": TEAM}, "user": {"id": AMIRA}, "callback_id": "x"}
        answered = await adapter.people.send(AMIRA, Sent("interactive", payload))
        assert answered.status == 404, kind
    assert nothing_happened(adapter)


async def test_slack_is_told_that_the_address_is_ours(adapter: Adapter) -> None:
    answered = await adapter.people.send(AMIRA, Sent("events_api", {"type": "url_verification", "challenge": "c1"}))

    assert (answered.status, answered.body) == (200, {"challenge": "c1"})


async def test_an_event_that_can_not_be_stored_is_to_be_delivered_again(adapter: Adapter) -> None:
    adapter.updates.is_broken = True
    channel = adapter.server.workspace.add_channel("general")

    [answered] = await adapter.people.say(AMIRA, "hello", channel)
    adapter.updates.is_broken = False
    again = await adapter.people.again(AMIRA)

    assert (answered.status, again.status) == (503, 200)
    assert len(adapter.updates.stored) == 1


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what other Slack programs of this machine have in their environment."""
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "another-program")


async def test_what_other_slack_programs_have_in_the_environment_changes_nothing(
    others: None, adapter: Adapter
) -> None:
    answered = await adapter.people.command(AMIRA, "help")

    assert answered.body["text"] == "did help"
    assert {call.token for call in adapter.server.calls} == {"xoxb-0-tocsin"}
