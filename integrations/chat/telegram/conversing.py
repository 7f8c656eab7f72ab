"""What people write and press in Telegram, carried out and answered, however often an update is handled."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from bot.domain.organisation import Account
from bot.ports.chat import Answer, ChatInbox, Incoming, Linking
from integrations.chat.kind import MenuEntry
from integrations.chat.telegram.answering import Answering
from integrations.chat.telegram.asking import Asking
from integrations.chat.telegram.identity import Identity
from integrations.chat.telegram.reading import Order, Said, Where, breaks_in, order_of
from integrations.chat.telegram.strays import Strays
from integrations.chat.telegram.voices import Voices
from integrations.chat.telegram.wizard import chosen

log = structlog.get_logger(__name__)


class Conversing:
    """Handles what people write."""

    def __init__(
        self,
        answering: Answering,
        asking: Asking,
        strays: Strays,
        identity: Identity,
        *,
        linking: Linking,
        voices: Voices,
        menu: Callable[[], Sequence[MenuEntry]],
        forum: Callable[[], int | None],
    ) -> None:
        self._answering = answering
        self._asking = asking
        self._strays = strays
        self._identity = identity
        self._linking = linking
        self._voices = voices
        self._menu = menu
        self._forum = forum

    async def said(self, said: Said, update: str, inbox: ChatInbox) -> None:
        """Handle something that somebody wrote: an answer to a question, a command, or talk."""
        me = await self._identity.known()
        where, order = said.where, order_of(said.text, me.username)
        if order is not None and not where.is_private and not self._is_for_us(order):
            order = None
        if not self.is_at_home(where):
            if order is not None and order.is_addressed:
                await self._say("telegram.elsewhere", said, update)
            return
        if said.is_anonymous:
            if order is not None:
                await self._say("telegram.anonymous", said, update)
            return
        if (
            where.place.topic is not None
            and said.maker == me.id
            and await self._strays.seen(where.place, said.topic_name)
        ):
            return
        if order is None and await self._answers(said, update, inbox):
            return
        if order is not None and order.verb == "start" and where.is_private:
            await self._start(order.line.removeprefix("start").strip(), said, update)
        elif order is not None or where.is_private:
            line = order.line if order is not None else said.text
            await self.carry_out(line_of(update, line, said.account, where), where, inbox)
            await self._ask_again(said, update)
        elif where.place.topic is not None and said.text:
            incoming = line_of(update, said.text, said.account, where)
            answer = await inbox.overheard(incoming)
            if answer is not None:
                await self._answering.show(answer, where, said.account, update, await self._voices.to(said.account))

    def is_at_home(self, where: Where) -> bool:
        """Say whether this is a private chat or the configured group: nowhere else does Tocsin tell anything."""
        return where.is_private or where.place.chat == self._forum()

    async def carry_out(self, incoming: Incoming, where: Where, inbox: ChatInbox) -> Answer:
        """Hand a line in and show what came of it."""
        answer = await inbox.take(incoming)
        speech = await self._voices.to(incoming.account)
        await self._answering.show(answer, where, incoming.account, incoming.key, speech)
        return answer

    async def submit(self, said_by: Incoming, where: Where, inbox: ChatInbox) -> Answer | None:
        """Hand in a form whose questions are all answered. Returns the answer, None when it asks again.

        `said_by` has the update's key and the account; what was wrong is asked again, and nothing else.
        """
        account, chat = said_by.account, where.place.chat
        wizard = await self._asking.under_way(chat, account)
        if wizard is None:
            return None
        speech = await self._voices.to(account)
        answer = await inbox.take(replace(said_by, key=f"{said_by.key}:form", text=wizard.line))
        again = wizard.corrected(answer.errors, said_by.key) if not answer.ok else None
        if again is not None:
            await self._asking.put(again, chat, account)
            await self._asking.ask(again, where, account, speech)
            return None
        await self._answering.show(answer, where, account, f"{said_by.key}:form", speech)
        after = await self._asking.under_way(chat, account)
        if after is not None and after.id == wizard.id:
            await self._asking.end(chat, account)
        return answer

    async def _answers(self, said: Said, update: str, inbox: ChatInbox) -> bool:
        """Take what was written as the answer to a question; says whether it was one.

        In the group only a reply to the question is, so that somebody can go on talking beside a form; in private
        everything is but a command that breaks in.
        """
        where, account = said.where, said.account
        wizard = await self._asking.under_way(where.place.chat, account)
        if wizard is None or not said.text or (where.is_private and breaks_in(said.text, self._menu())):
            return False
        if wizard.last != update:
            if not where.is_private and said.reply_to != wizard.asked:
                return False
            await self._asking.take_buttons(where.place, wizard.asked)
            assert wizard.question is not None
            why = await inbox.fault(wizard.question, chosen(wizard.question, said.text), account)
            wizard = wizard.answered(said.text, update) if why is None else wizard.refused(why, update)
            await self._asking.put(wizard, where.place.chat, account)
        if wizard.question is None:
            await self.submit(line_of(update, "", account, where), where, inbox)
        else:
            speech = await self._voices.to(account)
            await self._asking.ask(wizard, where, account, speech)
        return True

    async def _ask_again(self, said: Said, update: str) -> None:
        """In private, ask the question of an open form once more, below the command that broke in on it."""
        where, account = said.where, said.account
        wizard = await self._asking.under_way(where.place.chat, account)
        if wizard is None or not where.is_private:
            return
        if wizard.last != update:
            await self._asking.take_buttons(where.place, wizard.asked)
            wizard = replace(wizard, last=update, asked=None)
            await self._asking.put(wizard, where.place.chat, account)
        await self._asking.ask(wizard, where, account, await self._voices.to(account))

    async def _start(self, token: str, said: Said, update: str) -> None:
        """Greet; with a token, the account becomes that of the person who was given it."""
        person = await self._linking.redeem(said.account, token) if token else None
        # Handled again after a crash, the token is used up by ourselves.
        person = person or await self._linking.person_behind(said.account)
        speech = self._voices.person(person)
        if person is not None:
            text = speech.words("telegram.welcome", name=person.name)
        elif token:
            text = speech.words("telegram.token_useless", user=str(said.user))
        else:
            text = speech.stranger("telegram", str(said.user))
        await self._answering.say(text, said.where, update, speech)

    def _is_for_us(self, order: Order) -> bool:
        """Say whether a command in the group is ours: without our name it may be another bot's."""
        return order.is_addressed or any(order.verb in {entry.name, *entry.aliases} for entry in self._menu())

    async def _say(self, key: str, said: Said, update: str) -> None:
        speech = await self._voices.to(said.account)
        await self._answering.say(speech.words(key), said.where, update, speech)


def line_of(update: str, text: str, account: Account, where: Where, version: int | None = None) -> Incoming:
    """Return what an update says as a line for the inbox; a private chat is no room."""
    room = None if where.is_private else where.place.room
    return Incoming(update, text, account, room, version, is_kept=True)
