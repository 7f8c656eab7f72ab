"""Telegram as a chat: an incident is a topic of a group, a form is one question at a time, a call is a private message.

Only this module is imported always; what weighs anything is imported when Telegram is opened or examined.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.config.file import File
from bot.config.finding import Finding
from bot.config.settings import Settings
from bot.ports.chat import Chat
from integrations.chat.kind import ChatHost, ChatKind
from integrations.chat.telegram.declaration import BOT_TOKEN, DECLARATION
from integrations.chat.telegram.sentences import SENTENCES


@asynccontextmanager
async def _open(settings: Settings, host: ChatHost) -> AsyncIterator[Chat]:
    from integrations.chat.telegram.opening import open_chat

    async with open_chat(settings, host) as chat:
        yield chat


async def _examine(settings: Settings, file: File) -> Sequence[Finding]:
    from integrations.chat.telegram.examination import examine

    return await examine(settings, file)


CHAT = ChatKind(DECLARATION, lambda settings: settings.of(BOT_TOKEN) is not None, _open, _examine, SENTENCES)
