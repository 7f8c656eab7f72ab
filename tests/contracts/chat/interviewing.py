"""Somebody answers every question of a postmortem in a chat, as it is asked."""

from bot.config.script import own_script
from bot.domain.postmortem_script import Prompt
from tests.contracts.chat.house import Outside
from tests.contracts.chat.world import SeenMessage, SeenRoom
from tests.counterparts.program import until
from tests.handlers.postmortems import LINES

ANSWERS = {**LINES, "facilitator": "external Lina", "timeline": "ok", "times": "ok"}
"""What is written, by question."""


async def asked(outside: Outside, prompt: Prompt) -> SeenMessage:
    """Return the message that asks a question, once it is in the room."""
    found: list[SeenMessage] = []

    async def is_there() -> bool:
        room = await outside.room(settled=False)
        found[:] = [message for message in room.messages if asks(message, prompt)]
        return bool(found)

    await until(is_there)
    return found[-1]


async def answer(outside: Outside, person: str, prompt: Prompt, room: SeenRoom, text: str = "") -> None:
    """Say the answer in the room, by default that of `ANSWERS`; actions are ended by a word of their own."""
    await asked(outside, prompt)
    before = await answered(outside)
    await outside.world.talk(person, text or ANSWERS[prompt.id], room)

    async def is_kept() -> bool:
        return len(await answered(outside)) > len(before)

    await until(is_kept)
    if prompt.id == "actions":
        await outside.world.talk(person, "done", room)


async def answer_all(outside: Outside, person: str, *, after: int = 0) -> None:
    """Answer every question from a place on, in the room."""
    room = await outside.room()
    for prompt in own_script().prompts[after:]:
        await answer(outside, person, prompt, room)


async def answered(outside: Outside) -> list[dict[str, str]]:
    """Return the answers that are kept."""
    postmortem = (await outside.get("/incidents/INC-1"))["postmortem"]
    kept: list[dict[str, str]] = postmortem["answers"] if postmortem is not None else []
    return kept


def asks(message: SeenMessage, prompt: Prompt) -> bool:
    """Say whether a message asks a question."""
    beginning = " ".join(prompt.text().split())[:60]
    return beginning in " ".join(message.text.split()) and bool({"Answer", "Add another"} & set(message.buttons))
