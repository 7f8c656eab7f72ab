"""Puts the adapter together, and takes it apart again when Tocsin stops."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config.settings import Settings
from integrations.chat.kind import ChatHost
from integrations.chat.refusals import Refusals
from integrations.chat.slack.accounts import Accounts
from integrations.chat.slack.api import connected
from integrations.chat.slack.bot_self import WhoAmI
from integrations.chat.slack.chat import SlackChat
from integrations.chat.slack.declaration import API_URL, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from integrations.chat.slack.entrance import Entrance
from integrations.chat.slack.inbound import Inbound
from integrations.chat.slack.messages import Messages
from integrations.chat.slack.replies import Replies
from integrations.chat.slack.rooms import Channels


@asynccontextmanager
async def opened(settings: Settings, host: ChatHost) -> AsyncIterator[SlackChat]:
    """Give the chat until the block is left. Slack is not called yet, so that it may be away."""
    token = settings.chats.of(BOT_TOKEN)
    assert token is not None
    digest = hashlib.sha256(token.get_secret_value().encode()).hexdigest()[:16]
    async with connected(settings.chats.of(API_URL), token) as slack:
        who = WhoAmI(slack, host.memory, digest)
        refusals = Refusals("slack", host.clock, host.denied)
        inbound = Inbound(host, who, Accounts(slack, who, host), Replies(slack), refusals)
        entrance = Entrance(
            slack,
            who,
            inbound,
            refusals,
            host.address,
            signing_secret=settings.chats.of(SIGNING_SECRET),
            app_token=settings.chats.of(APP_TOKEN),
        )
        messages = Messages(slack, who, host.memory)
        try:
            yield SlackChat(host, Channels(slack, who, host.memory), messages, inbound, entrance)
        finally:
            await inbound.drain()
            await refusals.close()
