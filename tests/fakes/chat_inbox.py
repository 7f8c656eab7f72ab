"""A true fake of where a chat hands in what people write: each key is answered once, then answered alike."""

from collections.abc import Callable

from bot.domain.forms import Check, Question
from bot.domain.organisation import Account
from bot.ports.chat import Answer, Incoming


class FakeInbox:
    """Fulfils `ChatInbox`. `answer` says what comes of a line, `made_of_talk` what is made of talk.

    `carried_out` and `heard` tell a test what came in.
    """

    def __init__(
        self, answer: Callable[[Incoming], Answer] = lambda line: Answer(ok=True, text=f"did {line.text}")
    ) -> None:
        self.answer = answer
        self.made_of_talk: Answer | None = None
        self.carried_out: list[Incoming] = []
        self.heard: list[Incoming] = []
        self._answers: dict[str, Answer] = {}

    async def take(self, incoming: Incoming) -> Answer:
        if incoming.key not in self._answers:
            self.carried_out.append(incoming)
            self._answers[incoming.key] = self.answer(incoming)
        return self._answers[incoming.key]

    async def overheard(self, incoming: Incoming) -> Answer | None:
        self.heard.append(incoming)
        return self.made_of_talk

    async def fault(self, question: Question, answer: str, account: Account) -> str | None:
        return f"“{answer}” is no time." if question.check is Check.WHEN and "day" in answer else None
