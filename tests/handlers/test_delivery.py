"""Delivery: a chat or a sentence that breaks is counted, tried again and given up, and nothing else waits for it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import text

from bot.domain.cards import Card
from bot.domain.timeline import EventKind
from bot.loops import Loop
from bot.ports import chat as ask
from bot.ports.chat import ChatEffect, Receipt, RetryAfter
from bot.ports.records import PageState
from bot.ports.store import DEFAULT_TENANT, Urgency
from handlers.delivery import PAGE_KINDS, TRIES, DeliveryLoop
from handlers.lanes import LeaseTerms
from tests.builders import NOW, SECOND
from tests.handlers.delivering import Brittle, Works
from tests.handlers.talking import Talk


class Moment:
    """The tests' now, and from there on as time goes by."""

    def __init__(self) -> None:
        self._began = monotonic()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=monotonic() - self._began)


class Busy(Brittle):
    """A chat that wants to be left alone for a moment at first."""

    def __init__(self) -> None:
        super().__init__()
        self.is_done = asyncio.Event()

    async def perform(self, effect: ChatEffect, *, key: str) -> Receipt:
        self.asked[key] += 1
        if self.asked[key] == 1:
            return RetryAfter(timedelta(milliseconds=50), "busy")
        self.is_done.set()
        return self._receipt(effect)


def is_page(effect: ChatEffect) -> bool:
    return isinstance(effect, ask.Direct) and effect.is_page


async def test_a_page_that_its_chat_breaks_on_goes_out_when_the_chat_is_mended(works: Works) -> None:
    works.slack.breaks = is_page
    await works.turns(2)
    assert await works.page() is PageState.UNKNOWN
    works.slack.breaks = lambda _effect: False
    await works.turns(1)

    assert await works.page() is PageState.SENT
    assert works.slack.calls() == 1


async def test_a_page_that_its_chat_goes_on_breaking_on_is_given_up_and_said_to_be_lost(works: Works) -> None:
    works.slack.breaks = is_page
    await works.turns(TRIES)

    assert await works.page() is PageState.FAILED
    [dead] = await works.dead()
    assert dead.error == "slack failed unexpectedly: ZeroDivisionError"
    [page] = [key for key, times in works.slack.asked.items() if times == TRIES]
    assert page == dead.key


async def test_when_no_chat_outside_reaches_a_person_the_incident_says_so(works: Works) -> None:
    works.slack.breaks = is_page
    await works.turns(TRIES)

    assert EventKind.PAGE_FAILED in {event.event.kind for event in await works.talk.timeline()}


async def test_a_chat_that_breaks_after_the_fact_tells_nothing_twice(works: Works) -> None:
    works.slack.breaks = lambda _effect: True
    works.slack.happens_first = True
    await works.turns(3)

    assert works.slack.calls() == 1
    assert set(works.slack.asked.values()) == {1}
    assert await works.page() is PageState.SENT


async def test_between_two_tries_there_is_a_pause(works: Works) -> None:
    works.slack.breaks = is_page
    for _ in range(20):
        await works.turn()

    assert max(works.slack.asked.values()) == 1
    assert 'tocsin_put_off{loop="pages"} 1.0' in works.talk.desk.metrics.text().decode()


async def test_a_new_room_begins_with_its_card(works: Works) -> None:
    for _ in range(5):
        works.talk.clock.forward(SECOND)
        await works.turn()

    posts = [effect.content for effect in works.slack.told.values() if isinstance(effect, ask.Post)]
    assert [isinstance(content, Card) for content in posts] == [True, False]


async def test_what_is_said_waits_in_vain_for_a_card_for_a_few_seconds_only(works: Works) -> None:
    works.slack.breaks = lambda effect: isinstance(effect, ask.Post) and isinstance(effect.content, Card)
    for _ in range(7):
        works.talk.clock.forward(SECOND)
        await works.turn()

    posts = [effect.content for effect in works.slack.told.values() if isinstance(effect, ask.Post)]
    assert [isinstance(content, Card) for content in posts] == [False]


async def test_what_was_put_off_for_a_moment_does_not_wait_for_the_next_tick(talk: Talk, works: Works) -> None:
    slack, wake = Busy(), asyncio.Event()
    desk, chats = replace(talk.desk, clock=Moment()), {"slack": slack, "room": works.slack}
    pages = DeliveryLoop(desk, chats, PAGE_KINDS, loop="pages", terms=LeaseTerms("p"), wake=wake)
    turning = asyncio.create_task(Loop("pages", pages.lanes.step, wake, every_seconds=3600).run())

    try:
        await asyncio.wait_for(slack.is_done.wait(), 10)
    finally:
        turning.cancel()
        await pages.lanes.stop(10)

    assert await works.page() is PageState.SENT


async def test_a_page_for_an_incident_that_nobody_can_read_is_given_up_and_the_next_one_goes_out(
    talk: Talk, works: Works
) -> None:
    async with talk.store.database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
        await work.connection.execute(text("UPDATE incidents SET severity = 99"))
    await talk.done("lina", 'declare "Down too" --sev 1 --service inference-gateway')
    await works.turns(TRIES)

    assert await works.page(number=2) is PageState.SENT
    async with talk.store.database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
        await work.connection.execute(text("UPDATE incidents SET severity = 1"))
    assert await works.page(number=1) is PageState.FAILED
    assert "Tocsin could not word it: ValueError" in {effect.error for effect in await works.dead()}


async def test_what_was_being_told_when_tocsin_stopped_is_looked_for_before_it_is_told_again(
    talk: Talk, works: Works
) -> None:
    works.slack.hangs = asyncio.Event()
    await works.pages.lanes.step()
    await works.slack.hangs.wait()
    await works.pages.lanes.stop(0)
    works.slack.hangs = None

    another = Works(talk)
    another.slack.told, another.slack.asked = works.slack.told, works.slack.asked
    await another.turn()

    assert await another.page() is PageState.SENT
    assert {another.slack.asked[key] for key, effect in another.slack.told.items() if is_page(effect)} == {1}
