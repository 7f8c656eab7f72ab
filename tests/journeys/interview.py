"""Somebody answers a whole postmortem in a chat as people do: by talk and by form, with a skip, a step back and an edit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.config.script import own_script
from bot.domain.postmortem_script import Prompt
from tests.contracts.chat.house import House
from tests.contracts.chat.interviewing import answer, answered, asks
from tests.contracts.chat.world import SeenMessage, SeenRoom
from tests.counterparts.program import until
from tests.handlers.postmortems import LINES

FIRST_SUMMARY = "The gateway was slow, and nobody knew why yet."
"""What the summary is before it is edited."""

BY_FORM: Mapping[str, Sequence[str]] = {
    "summary": (FIRST_SUMMARY,),
    "detection": ("a customer", "an alert on the queue would have told us"),
}
"""By question, what is filled into the fields of its form, in their order."""

SKIPPED: Mapping[str, str] = {"difficulty": "Those who could tell are on leave"}
"""By question, why it is left out."""

RETURNED_FROM = "worked"
"""The question from which somebody goes back to the one before, and leaves that as it is."""

_WRITTEN = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Interview:
    """A postmortem of the first incident, which was opened at an instant, answered by one person in its room."""

    house: House
    person: str
    room: SeenRoom
    opened_at: datetime

    @property
    def said(self) -> dict[str, str]:
        """What is written where no form is filled in, by question. Times are on the clock of the organisation."""
        own = ZoneInfo("Asia/Dubai")
        release, errors, began = (
            (self.opened_at - timedelta(minutes=ago)).astimezone(own).strftime(_WRITTEN) for ago in (20, 9, 7)
        )
        timeline = f"{release} Release 42 went out https://ci.example/42\n{errors} The first timeouts, unverified"
        return {**LINES, "facilitator": "external Lina", "timeline": timeline, "times": f"began {began}"}

    @property
    def kept(self) -> dict[str, str]:
        """The words of each answer that has to be kept in the end, by question: a line of them is a thing said."""
        began = (self.opened_at - timedelta(minutes=7)).astimezone(UTC).strftime(_WRITTEN)
        detection = f"customer: {BY_FORM['detection'][1]}"
        actions = "prevent: Limit the pool; owner omar\ndone when the load test passes"
        return {**self.said, **SKIPPED, "times": f"began {began}", "detection": detection, "actions": actions}

    async def run(self) -> None:
        """Answer every question, correct the summary, and finish."""
        for prompt in own_script().prompts:
            if prompt.id == RETURNED_FROM:
                await self._go_back_and_on(prompt)
            if prompt.id in BY_FORM:
                await self._fill_in(prompt)
            elif prompt.id in SKIPPED:
                await self._skip(prompt)
            else:
                await answer(self.house, self.person, prompt, self.room, self.said[prompt.id])
        await self._correct("summary")
        last = await self._message(lambda message: "Finish" in message.buttons)
        await self.house.world.press(self.person, last, "Finish")

    async def _fill_in(self, prompt: Prompt) -> None:
        form = (await self.house.world.press(self.person, await self._asked(prompt, "Answer"), "Answer")).form
        await self.house.world.fill(self.person, dict(zip(form, BY_FORM[prompt.id], strict=True)))
        await self._is_kept(prompt, BY_FORM[prompt.id][-1])

    async def _skip(self, prompt: Prompt) -> None:
        [why] = (await self.house.world.press(self.person, await self._asked(prompt, "Skip"), "Skip")).form
        await self.house.world.fill(self.person, {why: SKIPPED[prompt.id]})
        await self._is_kept(prompt, SKIPPED[prompt.id])

    async def _go_back_and_on(self, prompt: Prompt) -> None:
        before = own_script().prompts[prompt.number - 1]
        await self.house.world.press(self.person, await self._asked(prompt, "Back"), "Back")
        there = await self._asked(before, "Leave it as it is")
        assert self.said[before.id].splitlines()[0] in there.text, "what was answered before is not shown"
        seen = len((await self.house.room(settled=False)).messages)
        await self.house.world.press(self.person, there, "Leave it as it is")

        async def is_asked_again() -> bool:
            new = (await self.house.room(settled=False)).messages[seen:]
            return any(asks(message, prompt) for message in new)

        await until(is_asked_again)

    async def _correct(self, question: str) -> None:
        prompt = own_script().prompt(question)
        assert prompt is not None
        [text] = (await self.house.world.command(self.person, f"postmortem edit {prompt.place}", self.room)).form
        await self.house.world.fill(self.person, {text: self.said[prompt.id]})
        await self._is_kept(prompt, self.said[prompt.id])

    async def _is_kept(self, prompt: Prompt, words: str) -> None:
        async def is_there() -> bool:
            return any(words in one["text"] for one in await answered(self.house) if one["question"] == prompt.text())

        await until(is_there)

    async def _asked(self, prompt: Prompt, label: str) -> SeenMessage:
        return await self._message(lambda message: asks(message, prompt) and label in message.buttons)

    async def _message(self, is_it: Callable[[SeenMessage], bool]) -> SeenMessage:
        found: list[SeenMessage] = []

        async def is_there() -> bool:
            found[:] = filter(is_it, (await self.house.room(settled=False)).messages)
            return bool(found)

        await until(is_there)
        return found[-1]
