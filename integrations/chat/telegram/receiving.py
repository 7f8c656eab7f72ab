"""How news comes from Telegram: it calls us (a webhook), or we ask for it (polling); and the menu that it shows."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import BadRequest

from bot.clock import Clock
from bot.ports.chat_updates import TakesUpdates
from integrations.chat.kind import MenuEntry
from integrations.chat.telegram.calls import Undone, ask
from integrations.chat.telegram.markup import shorten
from integrations.chat.telegram.reading import ALLOWED_UPDATES
from integrations.chat.telegram.webhook import PATH, to_update

log = structlog.get_logger(__name__)

_POLL: Final = timedelta(seconds=25)
_AT_ONCE: Final = 100
_LOOK_EVERY_SECONDS: Final = 600
_MOST_COMMANDS: Final = 100
_LONGEST_SUMMARY: Final = 256
_SCOPES: Final = (
    BotCommandScopeAllGroupChats(),
    BotCommandScopeAllChatAdministrators(),
    BotCommandScopeAllPrivateChats(),
)


class Receiving:
    """Receives until cancelled. `public_url` is where Telegram reaches us when there is a secret."""

    def __init__(self, bot: Bot, updates: TakesUpdates, clock: Clock, *, public_url: str, secret: str | None) -> None:
        self._bot = bot
        self._updates = updates
        self._clock = clock
        self._url = f"{public_url}{PATH}"
        self._secret = secret

    async def run(self) -> None:
        """Receive, in the way that is set up. Raises what the outside does."""
        if self._secret is None:
            await ask(lambda: self._bot.delete_webhook(drop_pending_updates=False))
            await self._poll()
        while True:
            await self._keep_webhook()
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def _poll(self) -> None:
        """Ask for news; what was given is asked for no more only when it is on disk."""
        offset: int | None = None
        while True:
            news = await ask(
                partial(self._bot.get_updates, offset, limit=_AT_ONCE, timeout=_POLL, allowed_updates=ALLOWED_UPDATES)
            )
            if not news:
                continue
            now = self._clock.now()
            taken = [update for each in news if (update := to_update(each.to_dict(), now)) is not None]
            await self._updates.take(taken)
            offset = news[-1].update_id + 1

    async def _keep_webhook(self) -> None:
        """Set the webhook; set again now and then, since Telegram removes one that answered 410 for a day."""
        await ask(
            lambda: self._bot.set_webhook(
                self._url, allowed_updates=ALLOWED_UPDATES, secret_token=self._secret, drop_pending_updates=False
            )
        )


async def show_menu(bot: Bot, menu: Callable[[], Sequence[MenuEntry]]) -> None:
    """Let Telegram suggest the commands, in groups, to administrators and in private; that it can't be is no matter."""
    commands = [
        BotCommand(entry.name, shorten(entry.summary, _LONGEST_SUMMARY)) for entry in menu() if len(entry.summary) > 2
    ][:_MOST_COMMANDS]
    for scope in _SCOPES:
        try:
            await ask(partial(bot.set_my_commands, commands, scope=scope))
        except (BadRequest, Undone) as error:
            log.warning("telegram_menu_not_set", scope=scope.type, error=type(error).__name__)
