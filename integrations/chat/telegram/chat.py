"""Telegram as a chat of Tocsin: see `bot.ports.chat.Chat`, `HandlesUpdates`, `Invites` and `OverHttp`."""

from collections.abc import Sequence
from typing import Final, assert_never

import structlog
from aiohttp import web
from telegram.error import BadRequest

from bot.domain.text import clip
from bot.log import hide
from bot.ports.chat import Ability, ChatEffect, ChatInbox, Receipt, RetryAfter
from bot.ports.chat_updates import NotYet, Update
from integrations.chat.kind import ChatHost
from integrations.chat.telegram.calls import Undone
from integrations.chat.telegram.conversing import Conversing
from integrations.chat.telegram.identity import Identity
from integrations.chat.telegram.performing import Performer
from integrations.chat.telegram.post import CHAT, Pen
from integrations.chat.telegram.pressing import Pressing
from integrations.chat.telegram.reading import Moved, Said, Tapped, read
from integrations.chat.telegram.receiving import Receiving, show_menu
from integrations.chat.telegram.webhook import PATH, Webhook

log = structlog.get_logger(__name__)

ABILITIES: Final = frozenset({Ability.EDIT, Ability.PIN, Ability.UPLOAD, Ability.ARCHIVE, Ability.FORMS})
"""A topic has no line of its own beside its name, and everyone in the group sees it; a bot can add nobody to a group,
and messages can't be searched."""


class TelegramChat:
    """Telegram. `webhook` is None where we ask for news."""

    name = CHAT
    abilities = ABILITIES

    def __init__(
        self,
        host: ChatHost,
        pen: Pen,
        identity: Identity,
        *,
        performer: Performer,
        conversing: Conversing,
        pressing: Pressing,
        receiving: Receiving,
        webhook: Webhook | None,
    ) -> None:
        self._host = host
        self._pen = pen
        self._identity = identity
        self._performer = performer
        self._conversing = conversing
        self._pressing = pressing
        self._receiving = receiving
        self._webhook = webhook

    async def perform(self, effect: ChatEffect, *, key: str) -> Receipt:
        """Do it once and say what came of it."""
        return await self._performer.perform(effect, key)

    async def find(self, effect: ChatEffect, *, key: str) -> Receipt | None:
        """Return what is remembered of it; what Telegram did without telling us can't be found."""
        return await self._performer.find(effect, key)

    async def listen(self, inbox: ChatInbox) -> None:  # noqa: ARG002 - what comes in is stored, and handled from there
        """Receive until cancelled. Raises when Telegram can't be reached, so that it is tried again later."""
        try:
            await self._identity.known()
            await show_menu(self._pen.bot, self._host.menu)
            await self._receiving.run()
        except (BadRequest, Undone) as error:
            reason = clip(hide(error.message), 200) if isinstance(error, BadRequest) else str(error)
            log.warning("telegram_brings_no_news", reason=reason)
            raise

    def routes(self, inbox: ChatInbox) -> Sequence[web.RouteDef]:  # noqa: ARG002 - as above
        """Return the webhook's door, where one is set up."""
        return () if self._webhook is None else (web.post(PATH, self._webhook.receive),)

    def invitation(self, token: str) -> str | None:
        """Return the deep link that starts the bot with a token; None until the bot knows its name."""
        me = self._identity.me
        return None if me is None or not me.username else f"https://t.me/{me.username}?start={token}"

    async def handle(self, update: Update, inbox: ChatInbox) -> None:
        """Handle one stored update; what was done before for it is not done again."""
        try:
            await self._handle(update, inbox)
        except Undone as undone:
            if isinstance(undone.receipt, RetryAfter):
                raise NotYet(undone.receipt.delay, undone.receipt.reason) from undone
            raise

    async def _handle(self, update: Update, inbox: ChatInbox) -> None:
        event = read(update.body, self._name_of)
        match event:
            case Said():
                await self._conversing.said(event, update.key, inbox)
            case Tapped():
                await self._pressing.tapped(event, update.key, inbox)
            case Moved():
                remedy = f"set chat.telegram.forum to {event.new}"
                log.error("telegram_group_moved", old_id=event.old, new_id=event.new, remedy=remedy)
            case None:
                pass
            case _:
                assert_never(event)

    def _name_of(self, user: int) -> str | None:
        people = self._host.organisation().people
        return next(
            (
                person.name
                for person in people
                if any(account.chat == CHAT and account.user == str(user) for account in person.accounts)
            ),
            None,
        )
