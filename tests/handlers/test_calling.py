"""Calls on their way to a chat: which are made, which are no more needed, and what the API says of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.domain.effects import Say
from bot.domain.organisation import Account
from bot.domain.timeline import EventKind
from bot.ports import chat as ask
from bot.ports.chat import ChatEffect, ChatInbox, Done, Failed, Receipt
from bot.ports.records import PageState
from handlers.deciding import SPARED
from handlers.delivery import PAGE_KINDS, DeliveryLoop
from handlers.lanes import LeaseTerms
from handlers.router import Router
from tests.builders import MINUTE, a_policy, a_step, to_person, to_team
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


@pytest.mark.parametrize("line", ["mitigate INC-1", "lead INC-1", "resolve INC-1"])
async def test_whoever_has_it_answers_nobody_elses_call_by_working_on(talk: Talk, line: str) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await talk.done("omar", "ack INC-1")
    await talk.done("omar", "page @lina INC-1")
    await told(talk, Bell("room"), Bell("slack"))
    await talk.done("omar", line)
    assert await states(talk) == {("p-amira", 1, PageState.ACKNOWLEDGED, None), ("p-lina", 0, PageState.SENT, None)}


@pytest.mark.parametrize("line", ["ack INC-1", "mitigate INC-1", "lead INC-1"])
async def test_who_is_called_by_whoever_has_it_answers_their_own_call(talk: Talk, line: str) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await talk.done("omar", "ack INC-1")
    await talk.done("omar", "page @lina @amira INC-1")
    await told(talk, Bell("room"), Bell("slack"))
    await talk.done("lina", line)
    assert await states(talk) == {
        ("p-amira", 1, PageState.ACKNOWLEDGED, None),
        ("p-amira", 0, PageState.SENT, None),
        ("p-lina", 0, PageState.ACKNOWLEDGED, None),
    }


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


async def lost(talk: Talk) -> list[str]:
    """What the timeline says of calls that were lost."""
    kept = [stored.event for stored in await talk.timeline()]
    return [talk.desk.speech().event(event) for event in kept if event.kind is EventKind.PAGE_FAILED]


def reachable_by(talk: Talk, *chats: str, **changes: Any) -> None:
    """Connect these chats, Telegram knowing everybody by their id; `changes` are the organisation's."""
    talk.desk = replace(talk.desk, chats=chats)
    talk.router = Router(talk.desk)
    org = talk.desk.organisation()
    people = tuple(replace(one, accounts=(*one.accounts, Account("telegram", "", one.id))) for one in org.people)
    talk.configured(replace(org, people=people, **changes))


async def test_who_only_the_built_in_room_has_taken_a_call_for_is_not_waited_for(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await told(talk, Bell("room"), Bell("slack", frozenset({"UAMIRA"})))
    assert await lost(talk) == [
        "Calling amira by slack failed: no such user. Whoever can reach them another way, please do."
    ]
    assert (await talk.incident()).escalation.sent == 2
    assert [effect.effect.loud for effect in await talk.effects() if isinstance(effect.effect, Say)][-2:] == [True] * 2


async def test_who_another_chat_has_called_is_waited_for_and_the_lost_call_is_told_all_the_same(talk: Talk) -> None:
    reachable_by(talk, "room", "slack", "telegram")
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await told(talk, Bell("room"), Bell("slack", frozenset({"UAMIRA"})), Bell("telegram"))
    assert [line.split(":")[0] for line in await lost(talk)] == ["Calling amira by slack failed"]
    assert (await talk.incident()).escalation.sent == 1


async def test_every_chat_that_a_call_is_lost_in_is_named(talk: Talk) -> None:
    reachable_by(talk, "room", "slack", "telegram")
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await told(talk, Bell("room"), Bell("slack", frozenset({"UAMIRA"})), Bell("telegram", frozenset({"p-amira"})))
    said = [line.split(":")[0] for line in await lost(talk)]
    assert sorted(said) == ["Calling amira by slack failed", "Calling amira by telegram failed"]
    assert (await talk.incident()).escalation.sent == 2


async def test_where_there_is_nothing_but_the_built_in_room_its_calls_are_waited_for(talk: Talk) -> None:
    team_first = a_policy(a_step(to_team("ml-platform")), a_step(to_person("p-omar"), after=MINUTE))
    reachable_by(talk, "room", policies=(team_first,))
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await told(talk, Bell("room", frozenset({"p-amira"})))
    assert [line.split(":")[0] for line in await lost(talk)] == ["Calling amira by room failed"]
    assert (await talk.incident()).escalation.sent == 1


async def test_a_call_by_hand_says_in_the_timeline_who_asked_for_it(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --service inference-gateway")
    await talk.done("omar", "page @lina INC-1 she knows the pool")
    speech = talk.desk.speech()
    assert speech.event((await talk.timeline())[-1].event) == "Called by omar: lina."
