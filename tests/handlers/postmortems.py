"""A postmortem in tests: an answer to every question, as a line, as the fields of a form."""

from collections.abc import Mapping
from typing import Final

from bot.domain.cards import Card
from bot.domain.forms import command_line
from bot.domain.postmortem import Answer, Postmortem, given
from bot.domain.postmortem_script import Script
from bot.ports.chat import Answer as Told
from bot.ports.chat import RoomRef
from bot.ports.store import DEFAULT_TENANT
from tests.builders import MINUTE
from tests.handlers.talking import Talk, a_line

LINES: Final[Mapping[str, str]] = {
    "facilitator": "lina",
    "timeline": "06:50 Release 42 went out https://ci.example/42\n06:58 The first timeouts, unverified",
    "summary": "The gateway answered slowly for an hour. A pool without a limit ran full.",
    "impact": "1200 customers for 40 minutes",
    "times": "began 02:50",
    "detection": "customer: an alert on the queue would have told us",
    "view": "The graphs looked healthy, and restarting seemed safe.",
    "surprise": "That the cache is cold after a restart.",
    "pressure": "A customer was waiting; help was asked for after 20 minutes.",
    "conditions": "technical: the pool had no limit\nprocess: nobody reviews limits",
    "worked": "The runbook was right.",
    "difficulty": "Two dashboards disagreed.",
    "similar": "INC-7, and work on it had been put off",
    "actions": "prevent: Limit the pool; owner omar; due in 2 weeks; P2; done when the load test passes",
    "declined": "No second region, because it costs more than it saves",
    "closing": "Yes, and yes.",
    "review": "amira and the owner of the gateway",
}
"""By question, what somebody answers in one line."""

FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "impact": {"text": "unknown", "finder": "omar"},
    "times": {"began": "2026-01-07 02:50"},
    "detection": {"source": "customer", "text": "an alert on the queue"},
    "actions": {
        "kind": "prevent",
        "what": "Limit the pool",
        "owner": "omar",
        "due": "in 2 weeks",
        "priority": "P2",
        "test": "the load test passes",
    },
    "declined": {"text": "No second region", "reason": "it costs more than it saves"},
}
"""By question, what somebody fills into its form; elsewhere the form has one field, for the line."""


async def postmortem(talk: Talk, number: int = 1) -> Postmortem:
    incident = await talk.incident(number)
    async with talk.store.read(DEFAULT_TENANT) as unit:
        found = await unit.postmortems.of(incident.id)
    assert found is not None
    return found


async def answers(talk: Talk, question: str | None = None) -> list[Answer]:
    """Every version of every answer to a question, or of all of them."""
    found = await postmortem(talk)
    async with talk.store.read(DEFAULT_TENANT) as unit:
        everything = await unit.postmortems.answers(found.id)
    return [answer for answer in everything if question in {None, answer.question}]


async def script(talk: Talk) -> Script:
    found = await postmortem(talk)
    async with talk.store.read(DEFAULT_TENANT) as unit:
        return await unit.postmortems.script(found.script)


async def text_of(talk: Talk, question: str) -> str:
    """The answer to a question as it now is."""
    return given(await answers(talk), question)[0].text


async def by_form(talk: Talk, name: str) -> Told:
    """Open the form of what is asked, fill it in and send it."""
    asked = (await postmortem(talk)).current
    assert asked is not None
    form = (await talk.says(name, "answer INC-1")).form
    assert form is not None
    filled = {question.name: question.value for question in form.questions}
    filled |= FIELDS.get(asked, {"text": LINES[asked]})
    return await talk.says(name, command_line(form.command, filled))


def button(card: Card, label: str) -> str:
    """The command behind a button."""
    return next(button.command for button in card.actions if button.label == label)


async def resolved(talk: Talk) -> RoomRef:
    await talk.done("amira", "declare Smoke --sev 2 --quiet")
    room = await talk.in_room()
    await talk.done("omar", "ack", room=room)
    talk.clock.forward(MINUTE)
    await talk.done("omar", "resolve", room=room)
    return room


async def talks(
    talk: Talk, name: str, text: str, *, key: str | None = None, room: RoomRef | None = None
) -> Told | None:
    """What is made of what somebody says in the room."""
    spoken = room or RoomRef("slack", "T1", "C1")
    return await talk.router.overheard(a_line(name, text, key=key or f"t{next(talk.keys)}", room=spoken))


async def answer_by_line(talk: Talk, question: str) -> None:
    await talk.done("omar", f"answer {LINES[question]}", room=RoomRef("slack", "T1", "C1"))
