"""Calling people into a topic: a bot can add nobody to a group, so it names them there and gives the others a way in."""

from collections.abc import Callable, Sequence
from typing import Final

import structlog
from telegram.error import BadRequest

from bot.domain.organisation import Account, Organisation
from bot.wording.speech import Speech
from integrations.chat.telegram.calls import Undone, ask
from integrations.chat.telegram.limiter import Priority
from integrations.chat.telegram.markup import Run, fit, to_html
from integrations.chat.telegram.post import SENT_LIFE, Letter, Pen, Place

log = structlog.get_logger(__name__)

_CALLED: Final = "called"
_WAY_IN: Final = "invite"
_LINK_NAME: Final = "Tocsin"
_OUTSIDE: Final = frozenset({"left", "kicked"})


class Inviting:
    """Invites accounts; each is named once in a topic."""

    def __init__(self, pen: Pen, organisation: Callable[[], Organisation], speech: Callable[[], Speech]) -> None:
        self._pen = pen
        self._organisation = organisation
        self._speech = speech

    async def invite(self, place: Place, accounts: Sequence[Account], key: str) -> None:
        """Name those who were not named yet. Raises `BadRequest` and `Undone`."""
        new = [account for account in accounts if not await self._is_called(place, account)]
        if not new:
            return
        outside = [account for account in new if not await self._is_member(place.chat, account)]
        way_in = await self._way_in(place.chat) if outside else None
        runs = [*self._named(new), Run(f" {self._speech().words('telegram.called')}")]
        if outside:
            runs += [Run("\n"), *self._named(outside), Run(f" {self._speech().words('telegram.outside')}")]
            if way_in is not None:
                runs.append(Run(f" {way_in}"))
        message = await self._pen.send(place, Letter(to_html(fit(runs)), is_silent=False), Priority.STATE)
        await self._pen.remember(key, place.room, message)
        for account in new:
            await self._note_called(place, account)
        for account in outside if way_in is not None else ():
            await self._tell(account, str(way_in))

    def _named(self, accounts: Sequence[Account]) -> list[Run]:
        """Name people so that Telegram notifies them: a link to their account."""
        runs: list[Run] = []
        for account in accounts:
            person = self._organisation().person_behind(account)
            name = person.name if person is not None else account.user
            runs += [Run(", ")] if runs else []
            runs.append(Run(name, href=f"tg://user?id={int(account.user)}"))
        return runs

    async def _is_member(self, group: int, account: Account) -> bool:
        try:
            member = await ask(lambda: self._pen.bot.get_chat_member(group, int(account.user)))
        except (BadRequest, Undone):
            return False
        return member.status not in _OUTSIDE

    async def _way_in(self, group: int) -> str | None:
        """Return a link into the group, made once: making the group's own link anew would end the one in use."""
        known = await self._pen.memory.get(_WAY_IN, str(group))
        if known is not None:
            return str(known["link"])
        try:
            made = await ask(lambda: self._pen.bot.create_chat_invite_link(group, name=_LINK_NAME))
        except (BadRequest, Undone):
            return None
        await self._pen.memory.put(_WAY_IN, str(group), {"link": made.invite_link})
        return made.invite_link

    async def _tell(self, account: Account, way_in: str) -> None:
        person = self._organisation().person_behind(account)
        words = self._speech().words("telegram.come_in", name=person.name if person else account.user, link=way_in)
        try:
            await self._pen.send(
                Place(int(account.user)), Letter(to_html(fit([Run(words)])), is_silent=False), Priority.STATE
            )
        except (BadRequest, Undone) as error:
            log.info("telegram_way_in_not_told", error=type(error).__name__)

    async def _is_called(self, place: Place, account: Account) -> bool:
        return await self._pen.memory.get(_CALLED, _call(place, account)) is not None

    async def _note_called(self, place: Place, account: Account) -> None:
        expires_at = self._pen.clock.now() + SENT_LIFE
        await self._pen.memory.put(_CALLED, _call(place, account), {}, expires_at=expires_at)


def _call(place: Place, account: Account) -> str:
    return f"{place.chat}:{place.topic}:{account.user}"
