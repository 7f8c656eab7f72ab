"""The doctor says what is wrong with Slack's set-up and what to do; the manifest asks for what the code needs, and no more."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

import integrations.chat.slack
from bot.cli import main
from bot.config.file import File
from bot.config.finding import Finding, Health
from integrations.chat.slack import CHAT, ailments
from integrations.chat.slack.manifest import manifest
from integrations.chat.slack.needs import EVENTS, NEEDS, Call, scopes
from tests.config.files import file_saying
from tests.fakes.slack.server import TIERS, Mood, SlackServer, Trouble
from tests.integrations.chat.slack.conftest import SOCKET, settings

ANNOUNCES = file_saying(slack={"announce": "incidents"})
POLICY = "policies: [{name: all, steps: [{page: ['person:me']}]}]\n"
HTTPS = {"TOCSIN_PUBLIC_URL": "https://tocsin.example"}


async def examined(server: SlackServer, more: Mapping[str, str], file: File = ANNOUNCES) -> Sequence[Finding]:
    return await CHAT.examine(settings(server, **more), file)


def unwell(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.health is not Health.WELL]


@pytest.mark.parametrize("more", [HTTPS, SOCKET], ids=["http", "socket"])
async def test_a_set_up_that_works_is_found_well(server: SlackServer, more: dict[str, str]) -> None:
    findings = await examined(server, more)

    assert unwell(findings) == []
    assert "@tocsin in the workspace Acme AI" in findings[0].what
    assert len(findings) == 5


async def test_a_token_that_slack_does_not_take_is_told(server: SlackServer) -> None:
    server.refusals["auth.test"] = "token_revoked"

    assert await examined(server, {}) == [ailments.BOT_REFUSED.found(code="token_revoked")]


async def test_a_slack_that_is_away_is_told(server: SlackServer) -> None:
    away = {"TOCSIN_SLACK_API_URL": "http://127.0.0.1:1/api"}

    [finding] = await examined(server, away)

    assert finding.health is Health.PROBLEM
    assert finding.remedy == "see that this machine may connect to http://127.0.0.1:1/api"


async def test_an_address_where_there_is_no_api_of_slack_is_told_apart_from_a_slack_that_is_away(
    server: SlackServer,
) -> None:
    url = server.api_url.removesuffix("/api")

    [finding] = await examined(server, {"TOCSIN_SLACK_API_URL": url})

    assert finding.health is Health.PROBLEM
    assert f"{url} is not the address of Slack's API (Slack answered auth.test with 404" in finding.what
    assert finding.remedy.startswith("unset TOCSIN_SLACK_API_URL")


@pytest.mark.parametrize(
    "secret", ["'8f742231b10e8888abcd99baac85a500'", "8f742231b10e8888abcd99baac85a5", "abcdefgh" * 4]
)
async def test_a_signing_secret_that_does_not_look_like_one_is_doubted(server: SlackServer, secret: str) -> None:
    [finding] = unwell(await examined(server, {**HTTPS, "TOCSIN_SLACK_SIGNING_SECRET": secret}))

    assert finding == ailments.UNLIKE_A_SECRET.found()
    assert finding.health is Health.WARNING


async def test_a_scope_that_is_lacking_is_named(server: SlackServer) -> None:
    server.scopes = tuple(scope for scope in scopes() if scope not in {"pins:write", "groups:write"})

    assert unwell(await examined(server, HTTPS)) == [ailments.LACKS_SCOPES.found(scopes="groups:write, pins:write")]


async def test_a_clock_that_is_wrong_is_told(server: SlackServer) -> None:
    server.date = "Mon, 05 Jan 2026 09:00:00 GMT"

    [finding] = unwell(await examined(server, HTTPS))

    assert "this machine's clock and Slack's are" in finding.what


async def test_an_app_token_that_slack_does_not_take_is_told(server: SlackServer) -> None:
    server.refusals["apps.connections.open"] = "not_allowed_token_type"

    assert unwell(await examined(server, SOCKET)) == [ailments.APP_REFUSED.found(code="not_allowed_token_type")]


async def test_an_address_that_slack_can_not_reach_is_doubted(server: SlackServer) -> None:
    [finding] = unwell(await examined(server, {}))

    assert finding == ailments.UNREACHABLE.found(url="http://127.0.0.1:8080")


async def test_a_channel_for_announcements_that_is_not_there_or_shut_is_told(server: SlackServer) -> None:
    other = file_saying(slack={"announce": "ops"})
    nowhere = File()
    incidents = server.workspace.named("incidents")
    assert incidents is not None

    assert unwell(await examined(server, HTTPS, other)) == [ailments.NOT_THERE.found(name="ops")]
    assert unwell(await examined(server, HTTPS, nowhere)) == [ailments.ANNOUNCES_NOWHERE.found()]
    incidents.is_archived = True
    assert unwell(await examined(server, HTTPS)) == [ailments.SHUT.found(name="incidents")]


async def test_channels_that_slack_does_not_tell_are_told(server: SlackServer) -> None:
    server.troubles.append(Trouble(Mood.BROKEN, frozenset({"users.conversations"})))

    [finding] = unwell(await examined(server, HTTPS))

    assert finding.remedy == ailments.CHANNELS_UNREAD.remedy


def test_every_call_that_the_adapter_can_make_is_made_and_stands_in_the_table() -> None:
    folder = Path(integrations.chat.slack.__file__).parent
    used = set()
    for path in folder.glob("*.py"):
        if path.name in {"needs.py", "limiter.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(value=ast.Name(id="Call"), attr=name):
                    used.add(Call[name])
                case ast.Attribute(attr="api_call"):
                    # One place calls, and it takes nothing but a `Call`.
                    assert path.name == "api.py"
                case _:
                    continue
    assert used == set(Call) == set(NEEDS)
    rates = {method: rate for method, rate in TIERS.items() if NEEDS[Call(method)].per_minute > rate}
    assert rates == {}


def written(public_url: str | None) -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(manifest("/incident", public_url))
    return made


def test_the_manifest_asks_for_what_the_table_has() -> None:
    made = written("https://tocsin.example")

    assert made["oauth_config"]["scopes"]["bot"] == list(scopes())
    assert made["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    [command] = made["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/incident", "https://tocsin.example/slack/events")
    assert made["settings"]["interactivity"]["request_url"] == "https://tocsin.example/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False


def test_for_socket_mode_the_manifest_names_no_address() -> None:
    assert "url" not in manifest("/inc", None)
    assert written(None)["settings"]["socket_mode_enabled"] is True


def test_tocsin_prints_the_manifest_before_there_is_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tocsin.yaml").write_text("chat: {slack: {command: /incident}}\npeople: [{name: me}]\n" + POLICY)

    assert main(["manifest"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["settings"]["socket_mode_enabled"] is True

    assert main(["manifest", "--http"]) == 1
    assert "set it to an https address, or use Socket Mode" in capsys.readouterr().err

    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://tocsin.example")
    assert main(["manifest"]) == 0
    assert "https://tocsin.example/slack/events" in capsys.readouterr().out
