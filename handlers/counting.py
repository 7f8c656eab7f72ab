"""Counts the lines that people write, and how long their answers take."""

from time import monotonic

from bot.domain.forms import Question
from bot.domain.organisation import Account
from bot.metrics import Metrics
from bot.ports.chat import Answer, ChatInbox, Incoming


class CountedInbox:
    """A `ChatInbox` that counts what goes into another one."""

    def __init__(self, inner: ChatInbox, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def take(self, incoming: Incoming) -> Answer:
        began_at = monotonic()
        answer = await self._inner.take(incoming)
        self._metrics.answered(incoming.account.chat, monotonic() - began_at, ok=answer.ok)
        return answer

    async def overheard(self, incoming: Incoming) -> Answer | None:
        return await self._inner.overheard(incoming)

    async def fault(self, question: Question, answer: str, account: Account) -> str | None:
        return await self._inner.fault(question, answer, account)
