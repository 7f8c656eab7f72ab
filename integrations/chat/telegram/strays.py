"""Topics that Telegram made without telling us: each is closed when somebody writes in it, and they are shown the way."""

from collections.abc import Callable
from typing import Final

import structlog
from telegram.error import BadRequest

from bot.wording.speech import Speech
from integrations.chat.telegram.calls import AS_IT_WAS, Undone, ask, says
from integrations.chat.telegram.limiter import Priority
from integrations.chat.telegram.markup import Run, to_html
from integrations.chat.telegram.post import SENT_LIFE, Letter, Pen, Place

log = structlog.get_logger(__name__)

_OURS: Final = "topic"
_NAMED: Final = "named"


class Strays:
    """Remembers the topics that were made, by number and by name."""

    def __init__(self, pen: Pen, speech: Callable[[], Speech]) -> None:
        self._pen = pen
        self._speech = speech

    async def opened(self, place: Place, name: str) -> None:
        """Note a topic that was made: the one of its name."""
        expires_at = self._pen.clock.now() + SENT_LIFE
        await self._pen.memory.put(_OURS, f"{place.chat}:{place.topic}", {}, expires_at=expires_at)
        await self._pen.memory.put(_NAMED, f"{place.chat}:{name}", {"topic": place.topic}, expires_at=expires_at)

    async def seen(self, place: Place, name: str) -> bool:
        """Close a topic of ours that is the lost twin of another one; says whether it was one."""
        if await self._pen.memory.get(_OURS, f"{place.chat}:{place.topic}") is not None:
            return False
        named = await self._pen.memory.get(_NAMED, f"{place.chat}:{name}")
        if named is None or named["topic"] == place.topic or place.topic is None:
            return False
        log.warning("telegram_stray_topic", topic=place.topic, instead=named["topic"])
        address = f"https://t.me/c/{str(place.chat).removeprefix('-100')}/{named['topic']}"
        topic = place.topic
        try:
            html = to_html([Run(self._speech().words("telegram.stray", name=name, address=address))])
            await self._pen.send(place, Letter(html), Priority.REPLY)
            await ask(lambda: self._pen.bot.close_forum_topic(place.chat, topic))
        except BadRequest as error:
            if not says(error, *AS_IT_WAS):
                log.warning("telegram_stray_not_closed", topic=topic)
        except Undone:
            log.warning("telegram_stray_not_closed", topic=topic)
        return True
