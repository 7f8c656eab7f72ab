"""Putting Telegram together: the library's client inside our loop, and what works with it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.config.settings import Settings
from bot.ports.chat import Chat
from integrations.chat.kind import ChatHost
from integrations.chat.refusals import Refusals
from integrations.chat.telegram.answering import Answering
from integrations.chat.telegram.asking import Asking
from integrations.chat.telegram.buttons import Buttons
from integrations.chat.telegram.chat import TelegramChat
from integrations.chat.telegram.conversing import Conversing
from integrations.chat.telegram.declaration import API_URL, BOT_TOKEN, WEBHOOK_SECRET, TelegramSection
from integrations.chat.telegram.identity import Identity
from integrations.chat.telegram.inviting import Inviting
from integrations.chat.telegram.limiter import Limiter
from integrations.chat.telegram.performing import Performer
from integrations.chat.telegram.post import CHAT, Pen
from integrations.chat.telegram.pressing import Pressing
from integrations.chat.telegram.receiving import Receiving
from integrations.chat.telegram.strays import Strays
from integrations.chat.telegram.voices import Voices
from integrations.chat.telegram.webhook import Webhook

_TIMEOUT_SECONDS: Final = 5.0
_FILE_SECONDS: Final = 20.0
_CONNECTIONS: Final = 32


@asynccontextmanager
async def client(settings: Settings) -> AsyncIterator[Bot]:
    """Give the library's client until the block is left. It asks nothing by itself, not even who it is."""
    token = settings.chats.of(BOT_TOKEN)
    assert token is not None
    # At INFO it writes every address that it calls, and the token stands in each.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    requests = [_request(_CONNECTIONS), _request(1)]
    try:
        yield Bot(
            token.get_secret_value(),
            base_url=f"{settings.chats.of(API_URL)}/bot",
            request=requests[0],
            get_updates_request=requests[1],
        )
    finally:
        for request in requests:
            await request.shutdown()


@asynccontextmanager
async def open_chat(settings: Settings, host: ChatHost) -> AsyncIterator[Chat]:
    """Give the chat until the block is left."""

    def section() -> TelegramSection:
        return host.section().of(TelegramSection)

    async with client(settings) as bot:
        given = settings.chats.of(WEBHOOK_SECRET)
        secret = given.get_secret_value() if given is not None else None
        voices = Voices(host.speech, host.linking)
        pen = Pen(bot, Limiter(lambda: section().per_minute, host.steady), host.memory, host.clock)
        refusals = Refusals(CHAT, host.clock, host.denied)
        buttons, asking, identity = Buttons(host.memory, host.clock), Asking(pen), Identity(bot)
        answering, strays = Answering(pen, buttons, asking), Strays(pen, voices.room)
        inviting = Inviting(pen, host.organisation, voices.room)
        conversing = Conversing(
            answering,
            asking,
            strays,
            identity,
            linking=host.linking,
            voices=voices,
            menu=host.menu,
            forum=lambda: section().forum,
        )
        try:
            yield TelegramChat(
                host,
                pen,
                identity,
                performer=Performer(pen, buttons, inviting, strays, section=section, speech=voices.room),
                conversing=conversing,
                pressing=Pressing(pen, buttons, answering, conversing, asking=asking, voices=voices),
                receiving=Receiving(bot, host.updates, host.clock, public_url=host.public_url, secret=secret),
                webhook=Webhook(secret, host, refusals) if secret is not None else None,
            )
        finally:
            await refusals.close()


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=_TIMEOUT_SECONDS,
        write_timeout=_TIMEOUT_SECONDS,
        connect_timeout=_TIMEOUT_SECONDS,
        pool_timeout=_TIMEOUT_SECONDS,
        media_write_timeout=_FILE_SECONDS,
    )
