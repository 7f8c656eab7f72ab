"""Timers: each stands by itself, so that one which can't be carried out keeps nobody else from being called."""

from datetime import datetime

import pytest
import structlog
from sqlalchemy import text

from bot.domain.incident import TimerKind
from bot.ports.records import PageState
from bot.ports.store import Urgency
from handlers.timing import AT_ONCE, TimerLoop, discover
from tests.builders import DAY, HOUR, MINUTE, NOW, SECOND
from tests.handlers.talking import Talk
from tests.records import stored

UNHEARD_OF = "unheard-of"


@pytest.fixture
def loop(talk: Talk) -> TimerLoop:
    """The timer loop, whose steps a test takes."""
    return TimerLoop(talk.desk, discover())


async def poisoned(talk: Talk, number: int) -> None:
    """Make an incident's row such that nobody can read it."""
    incident = await talk.incident(number)
    async with talk.store.database.write(talk.desk.tenant, Urgency.COMMAND) as work:
        await work.connection.execute(text("UPDATE incidents SET severity = 99 WHERE id = :id"), {"id": incident.id})


async def mended(talk: Talk) -> None:
    """Make every incident's row readable again."""
    async with talk.store.database.write(talk.desk.tenant, Urgency.COMMAND) as work:
        await work.connection.execute(text("UPDATE incidents SET severity = 2 WHERE severity = 99"))


async def called(talk: Talk, number: int) -> set[str]:
    """Whom an incident's escalation has called."""
    return {page.person for page in await talk.pages(number) if page.state is PageState.QUEUED}


async def steps(loop: TimerLoop, limit: int = 20) -> int:
    """Take steps until there is nothing to do; returns how many there were."""
    for taken in range(limit):
        if not await loop.step():
            return taken
    raise AssertionError("the loop spins: it never finds that there is nothing to do")


async def test_an_incident_that_cannot_be_read_keeps_no_other_from_calling_people(talk: Talk, loop: TimerLoop) -> None:
    for number in (1, 2):
        await talk.done("lina", f'declare "Down {number}" --sev 1 --service inference-gateway')
    await steps(loop)
    await poisoned(talk, 1)
    talk.clock.forward(5 * MINUTE)

    await steps(loop)

    assert "p-omar" in await called(talk, 2)


async def test_more_timers_that_fail_than_are_taken_at_once_leave_room_for_the_others(
    talk: Talk, loop: TimerLoop
) -> None:
    async with talk.writing() as unit:
        for _ in range(AT_ONCE + 5):
            incident = await stored(unit, await unit.incidents.next_number(), group_key=None)
            await unit.timers.set_for(incident.id, {TimerKind.UPDATE: NOW - HOUR})
    async with talk.store.database.write(talk.desk.tenant, Urgency.COMMAND) as work:
        await work.connection.execute(text("UPDATE incidents SET severity = 99"))
    number = AT_ONCE + 6
    await talk.done("lina", 'declare "Down" --sev 1 --service inference-gateway')

    await steps(loop)
    talk.clock.forward(5 * MINUTE)
    await steps(loop)

    assert "p-omar" in await called(talk, number)


async def test_a_timer_that_failed_is_tried_again_after_a_pause_and_carried_out_when_it_can_be(
    talk: Talk, loop: TimerLoop
) -> None:
    await talk.done("lina", 'declare "Down" --sev 1 --service inference-gateway')
    await steps(loop)
    await poisoned(talk, 1)
    talk.clock.forward(5 * MINUTE)
    await steps(loop)
    assert 'tocsin_put_off{loop="timers"} 1.0' in talk.desk.metrics.text().decode()
    assert await loop.step() is False, "it is tried again without a pause"

    await mended(talk)
    talk.clock.forward(SECOND)
    await steps(loop)

    assert "p-omar" in await called(talk, 1)
    assert 'tocsin_put_off{loop="timers"} 0.0' in talk.desk.metrics.text().decode()


async def test_a_timer_that_goes_on_failing_is_told_with_its_traceback_once(talk: Talk, loop: TimerLoop) -> None:
    await talk.done("lina", 'declare "Down" --sev 1 --service inference-gateway')
    await steps(loop)
    await poisoned(talk, 1)
    talk.clock.forward(5 * MINUTE)
    with structlog.testing.capture_logs() as logged:
        for _ in range(5):
            await steps(loop)
            talk.clock.forward(MINUTE)

    told = [line for line in logged if line["event"] == "put_off"]
    assert [line["failures"] for line in told] == [1, 2, 3, 4, 5]
    assert [bool(line["exc_info"]) for line in told] == [True, False, False, False, False]
    assert [line["pause_seconds"] for line in told] == [1, 2, 4, 8, 16]


async def test_a_timer_of_a_kind_that_only_a_newer_replica_knows_is_left_to_that_one(
    talk: Talk, loop: TimerLoop
) -> None:
    await talk.done("lina", 'declare "Down" --sev 1 --service inference-gateway')
    incident = await talk.incident()
    await set_timer(talk, UNHEARD_OF, incident.id, NOW - DAY)
    await steps(loop)
    talk.clock.forward(5 * MINUTE)
    await steps(loop)

    assert "p-omar" in await called(talk, 1)
    due = await talk.store.timers.due(talk.desk.now(), kinds=[UNHEARD_OF], limit=10)
    assert [one.subject for one in due] == [incident.id]


async def set_timer(talk: Talk, kind: str, incident: str, due_at: datetime) -> None:
    """Set a timer as a newer replica would."""
    async with talk.store.database.write(talk.desk.tenant, Urgency.COMMAND) as work:
        values = {"kind": kind, "of": incident, "at": int(due_at.timestamp() * 1_000_000)}
        await work.connection.execute(text("INSERT INTO timers VALUES ('default', :kind, :of, :of, :at)"), values)
