"""Slack as a chat: a channel for every incident, pages as direct messages, and people's commands over HTTP or a socket.

Imported always, so everything that weighs anything is imported when the chat is opened or examined.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.config.file import File
from bot.config.finding import Finding
from bot.config.settings import Settings
from bot.ports.chat import Chat
from integrations.chat.kind import ChatHost, ChatKind


@asynccontextmanager
async def _open(settings: Settings, host: ChatHost) -> AsyncIterator[Chat]:
    from integrations.chat.slack.opening import opened

    async with opened(settings, host) as chat:
        yield chat


async def _examine(settings: Settings, file: File) -> Sequence[Finding]:
    from integrations.chat.slack.examining import examine

    return await examine(settings, file)


CHAT = ChatKind("slack", lambda settings: settings.slack_bot_token is not None, _open, _examine)
