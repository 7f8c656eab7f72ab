"""Calls on their way to a chat: which are made, which are no more needed, and what the API says of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.ports import chat as ask
from bot.ports.chat import ChatEffect, ChatInbox, Done, Failed, Receipt
from bot.ports.records import PageState
from handlers.deciding import SPARED
from handlers.delivery import PAGE_KINDS, DeliveryLoop
from handlers.lanes import LeaseTerms
from tests.handlers.talking import Talk


async def nothing() -> None:
    """Happen while a call is made."""


@dataclass
class Bell:
    """A chat that takes every call but those of people it does not know."""

    name: str
    strangers: frozenset[str] = frozenset()
    meanwhile: Callable[[], Awaitable[object]] = nothing
    called: list[str] = field(default_factory=list)
    abilities: frozenset[ask.Ability] = frozenset()

    async def perform(self, effect: ChatEffect, *, key: str) -> Receipt:
        assert isinstance(effect, ask.Direct)
        person = str(effect.account.user)
        if person in self.strangers:
            return Failed("no such user")
        await self.meanwhile()
        self.called.append(person)
        return Done()

    async def find(self, effect: ChatEffect, *, key: str) -> Receipt | None:
        return None

    async def listen(self, inbox: ChatInbox) -> None:
        """Hear of nothing."""


async def told(talk: Talk, *bells: Bell) -> None:
    """Let the loop of calls do all that it can."""
    chats = {bell.name: bell for bell in bells}
    loop = DeliveryLoop(talk.desk, chats, PAGE_KINDS, loop="pages", terms=LeaseTerms("here"), wake=asyncio.Event())
    await loop.lanes.step()
    await loop.lanes.stop(30)


async def states(talk: Talk) -> set[tuple[str, int, PageState, str | None]]:
    """What became of every call."""
    return {(page.person, page.step, page.state, page.reason) for page in await talk.pages()}


async def test_what_was_not_told_when_its_incident_ended_is_told_no_more(talk: Talk) -> None:
    room, slack = Bell("room"), Bell("slack")
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await talk.done("omar", "resolve INC-1")

    await told(talk, room, slack)
    assert room.called + slack.called == []
    assert await states(talk) == {("p-amira", 1, PageState.FAILED, SPARED)}


async def test_a_call_that_was_made_stays_sent_when_its_incident_ends_since_nobody_answered_it(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await told(talk, Bell("room"), Bell("slack"))
    await talk.done("omar", "resolve INC-1")
    assert await states(talk) == {("p-amira", 1, PageState.SENT, None)}


async def test_a_call_that_is_being_made_while_its_incident_ends_was_sent(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    room = Bell("room", meanwhile=lambda: talk.done("omar", "resolve INC-1"))
    await told(talk, room, Bell("slack", strangers=frozenset({"UAMIRA"})))

    assert room.called == ["p-amira"]
    assert {(page.channel, page.state) for page in await talk.pages()} >= {("room", PageState.SENT)}


async def test_who_answers_has_answered_every_call(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await told(talk, Bell("room"), Bell("slack"))
    await talk.done("omar", "ack INC-1")
    assert await states(talk) == {("p-amira", 1, PageState.ACKNOWLEDGED, None)}


async def test_a_call_by_hand_is_no_reason_to_wait_when_a_step_reaches_nobody(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await talk.done("omar", "page @lina INC-1 she knows the pool")
    assert (await talk.incident()).escalation.sent == 1

    nobody = frozenset({"UAMIRA", "p-amira"})
    await told(talk, Bell("room", nobody), Bell("slack", nobody))
    assert (await talk.incident()).escalation.sent == 2
    assert await states(talk) >= {
        ("p-amira", 1, PageState.FAILED, "no such user"),
        ("p-lina", 0, PageState.SENT, None),
        ("p-omar", 2, PageState.QUEUED, None),
    }


async def test_a_call_by_hand_says_in_the_timeline_who_asked_for_it(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await talk.done("omar", "page @lina INC-1 she knows the pool")
    speech = talk.desk.speech()
    assert speech.event((await talk.timeline())[-1].event) == "Called by omar: lina."
