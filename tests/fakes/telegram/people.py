"""People of Telegram, who write, reply, press buttons and open links."""

import asyncio
from dataclasses import dataclass
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.telegram.markup import Part
from tests.fakes.telegram.methods import bot, chat_of, to_json, user
from tests.fakes.telegram.news import News
from tests.fakes.telegram.state import FORUM, Everything, Message, Refused, Someone


@dataclass(frozen=True)
class Toast:
    """What Telegram shows for a press."""

    text: str
    is_alert: bool


class People:
    """Lets people act; each act returns the update that the bot was told."""

    def __init__(self, everything: Everything, news: News) -> None:
        self._all = everything
        self._news = news
        self._presses: dict[str, asyncio.Future[Toast]] = {}
        self.last: dict[str, Any] = {}

    def join(self, name: str, number: int, *, has_started: bool = True, is_member: bool = True) -> Someone:
        """Let somebody be there."""
        someone = Someone(number, name, has_started, is_member)
        self._all.people[name] = someone
        return someone

    def write(
        self, name: str, text: str, *, topic: int | None = None, reply_to: int | None = None, **more: Any
    ) -> Message:
        """Write into a topic of the group (0: into General), or in private. `more` goes into the update's message."""
        someone = self._all.people[name]
        chat = someone.id if topic is None else FORUM
        if chat == someone.id:
            someone.has_started = True
        message = Message(self._all.number(), chat, topic or None, someone.id, [Part(text)], reply_to=reply_to)
        self._all.messages.append(message)
        self.last = self._news.happened(message=self._told(message, someone) | more)
        return message

    def open_link(self, name: str, address: str) -> Message:
        """Open a deep link and press Start."""
        token = parse_qs(urlsplit(address).query)["start"][0]
        return self.write(name, f"/start {token}")

    async def press(self, name: str, message: Message, data: str, *, patience: float = 20) -> Toast:
        """Press a button and wait for what Telegram shows."""
        answer: asyncio.Future[Toast] = asyncio.get_running_loop().create_future()
        self._presses[self._pressed(name, message, data)] = answer
        async with asyncio.timeout(patience):
            return await answer

    def press_late(self, name: str, message: Message, data: str) -> None:
        """Press a button whose press is told to the bot so late that Telegram takes no answer to it any more."""
        self._pressed(name, message, data)

    def _pressed(self, name: str, message: Message, data: str) -> str:
        """Tell the bot of a press; returns its number."""
        someone = self._all.people[name]
        query = str(self._all.number())
        self.last = self._news.happened(
            callback_query={
                "id": query,
                "from": user(someone.id, someone.name),
                "chat_instance": "1",
                "data": data,
                "message": to_json(message),
            }
        )
        return query

    async def handled(self, name: str, chat: int) -> None:
        """Return when all that somebody did in a chat was handled: what they do there is handled in order."""
        last = self.last
        nothing = Message(1, chat, None, self._all.people[name].id, [Part("-")])
        await self.press(name, nothing, "nothing")
        self.last = last

    def answered(self, query: str, text: str, is_alert: bool) -> None:
        """Take note of what a press was answered; raises `Refused` for one that waits for no answer any more."""
        if (answer := self._presses.get(query)) is None:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if not answer.done():
            answer.set_result(Toast(text, is_alert))

    def _told(self, message: Message, someone: Someone) -> dict[str, Any]:
        found = {
            "message_id": message.id,
            "date": int(time()),
            "chat": chat_of(message),
            "from": user(someone.id, someone.name),
            "text": message.plain,
        }
        if message.topic is not None:
            found |= {"message_thread_id": message.topic, "is_topic_message": True}
            topic = self._all.topics.get(message.topic)
            if topic is not None and message.reply_to is None:
                made = {"name": topic.name, "icon_color": 7322096}
                head = {"message_id": topic.id, "date": 1, "chat": chat_of(message), "from": bot()}
                found["reply_to_message"] = head | {"forum_topic_created": made}
        if message.reply_to is not None:
            replied = self._all.message(message.chat, message.reply_to)
            found["reply_to_message"] = to_json(replied) if replied is not None else {}
        return found
