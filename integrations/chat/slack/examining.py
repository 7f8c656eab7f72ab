"""Asks Slack whether the set-up is right, for `tocsin doctor`: every finding that is not well has its remedy."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.config.file import File
from bot.config.finding import Finding, well
from bot.config.settings import Settings
from bot.domain.phrases import describe
from integrations.chat.slack import ailments
from integrations.chat.slack.ailments import SUBJECT
from integrations.chat.slack.api import Slack, connected
from integrations.chat.slack.declaration import API_URL, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackSection
from integrations.chat.slack.needs import PATH, Call, scopes
from integrations.chat.slack.trouble import Astray, Refused, Trouble

_SIGNING_SECRET: Final = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
TOLERATED: Final = timedelta(seconds=60)
"""Slack's signatures are good for five minutes either way; a clock that far off is about to be refused."""


async def examine(settings: Settings, file: File) -> Sequence[Finding]:
    """Return how it is with the tokens, the scopes, the clock, the ways in and the channel for announcements."""
    token = settings.chats.of(BOT_TOKEN)
    assert token is not None
    async with connected(settings.chats.of(API_URL), token) as slack:
        asked_at = datetime.now(UTC)
        try:
            told = await slack.ask(Call.AUTH_TEST)
        except Refused as refused:
            return [ailments.BOT_REFUSED.found(code=refused.code)]
        except Astray as astray:
            return [ailments.ASTRAY.found(reason=astray, url=settings.chats.of(API_URL))]
        except Trouble as trouble:
            return [ailments.AWAY.found(reason=trouble, url=settings.chats.of(API_URL))]
        return [
            well(SUBJECT, f"the token works: @{told.get('user', '')} in the workspace {told.get('team', '')}"),
            _scopes(told),
            _clock(told, asked_at),
            *_signature(settings),
            await _way_in(slack, settings),
            await _announcing(slack, file.chat.of(SlackSection).announce),
        ]


def _scopes(told: AsyncSlackResponse) -> Finding:
    granted = {scope.strip() for scope in str(told.headers.get("x-oauth-scopes", "")).split(",")}
    lacking = [scope for scope in scopes() if scope not in granted]
    if lacking:
        return ailments.LACKS_SCOPES.found(scopes=", ".join(lacking))
    return well(SUBJECT, "the bot has every scope that it needs")


def _clock(told: AsyncSlackResponse, asked_at: datetime) -> Finding:
    try:
        theirs = parsedate_to_datetime(str(told.headers.get("Date", "")))
    except ValueError:
        return well(SUBJECT, "Slack does not say what time it is")
    off = abs(theirs - (asked_at + (datetime.now(UTC) - asked_at) / 2))
    if off <= TOLERATED:
        return well(SUBJECT, "this machine's clock agrees with Slack's")
    return ailments.SKEWED.found(off=describe(timedelta(seconds=round(off.total_seconds()))))


def _signature(settings: Settings) -> Sequence[Finding]:
    """Return a doubt about the signing secret: Slack can't be asked whether it is right, only its form can be seen."""
    secret = settings.chats.of(SIGNING_SECRET)
    if secret is None or _SIGNING_SECRET.fullmatch(secret.get_secret_value()):
        return ()
    return (ailments.UNLIKE_A_SECRET.found(),)


async def _way_in(slack: Slack, settings: Settings) -> Finding:
    if (app_token := settings.chats.of(APP_TOKEN)) is not None:
        try:
            await slack.call(Call.CONNECTIONS_OPEN, token=app_token)
        except Refused as refused:
            return ailments.APP_REFUSED.found(code=refused.code)
        except Trouble as trouble:
            return ailments.AWAY.found(reason=trouble, url=settings.chats.of(API_URL))
        return well(SUBJECT, "Socket Mode works")
    if settings.chats.of(SIGNING_SECRET) is None:
        return ailments.UNSIGNED.found()
    if not settings.public_url.startswith("https://"):
        return ailments.UNREACHABLE.found(url=settings.public_url)
    return well(SUBJECT, f"Slack sends to {settings.public_url}{PATH}")


async def _announcing(slack: Slack, name: str | None) -> Finding:
    if name is None:
        return ailments.ANNOUNCES_NOWHERE.found()
    cursor = ""
    while True:
        try:
            told = await slack.call(
                Call.OWN_CHANNELS, types="public_channel,private_channel", limit=999, cursor=cursor or None
            )
        except Trouble as trouble:
            return ailments.CHANNELS_UNREAD.found(reason=trouble)
        for channel in told.get("channels", ()):
            if name in {channel.get("name"), channel.get("id")}:
                return _channel(channel, name)
        cursor = (told.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return ailments.NOT_THERE.found(name=name)


def _channel(channel: Mapping[str, object], name: str) -> Finding:
    if channel.get("is_archived"):
        return ailments.SHUT.found(name=name)
    return well(SUBJECT, f"the bot may announce in #{channel.get('name', name)}")
