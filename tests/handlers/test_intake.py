"""Intake: a delivery that breaks something delays its own source a little, and nobody else."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import orjson
import pytest
import structlog
from sqlalchemy import text

from bot.domain.access import SYSTEM
from bot.domain.alert import AlertEvent, AlertState
from bot.ports.records import Delivery, DeliveryState, NewDelivery
from bot.ports.sources import USUAL_ROUTES, Broken, GuardedFetch, Parsed, Route, WebhookRequest
from bot.ports.store import DEFAULT_TENANT, Urgency
from handlers.intake import CONTENTIONS, TRIES, IntakeLoop
from handlers.lanes import LeaseTerms
from tests.builders import MINUTE, SECOND
from tests.handlers.talking import Talk


class Brittle:
    """Reads a list of [fingerprint, "firing" or "resolved"], and breaks on anything else.

    What is "garbled" it tells of as broken, unless it has learnt to read it.
    """

    has_learnt = False

    name: str = "brittle"
    sample: bytes = b'[["f1", "firing"]]'
    routes: Sequence[Route] = USUAL_ROUTES

    async def verify(self, request: WebhookRequest, secrets: Sequence[str], fetch: GuardedFetch) -> bool:
        return True

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        """Read a body, and fail as a bug would."""
        pairs = orjson.loads(body)
        garbled = [] if self.has_learnt else [fingerprint for fingerprint, status in pairs if status == "garbled"]
        events = [self._event(*pair) for pair in pairs if pair[0] not in garbled]
        return Parsed(events, [Broken(fingerprint, "garbled") for fingerprint in garbled])

    def _event(self, fingerprint: str, status: str) -> AlertEvent:
        group = fingerprint.split("-", maxsplit=1)[0]
        return AlertEvent(
            fingerprint,
            {"firing": True, "garbled": True, "resolved": False}[status],
            {"alertname": group},
            group,
            "error",
        )


class Door:
    """Where deliveries come in, and the loop that works on them."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        terms = LeaseTerms("one")
        self.source = Brittle()
        self.loop = IntakeLoop(talk.desk, {"brittle": self.source}, terms=terms, wake=asyncio.Event())

    async def take(self, *pairs: tuple[str, str], source: str = "brittle") -> None:
        """Take a delivery in."""
        delivery = NewDelivery(DEFAULT_TENANT, source, "brittle", orjson.dumps(pairs), self.talk.desk.now())
        await self.talk.store.inbox.take(delivery)

    async def notices(self) -> list[str]:
        """The chats that were told of something set aside, once for each time."""
        effects = await self.talk.effects()
        return sorted(effect.chat for effect in effects if effect.key.startswith("quarantine:"))

    async def turn(self) -> None:
        """Let the loop claim what it may, and finish."""
        await self.loop.lanes.step()
        await self.loop.lanes.stop(60)

    async def alerts(self) -> dict[str, AlertState]:
        """The last state of every alert, by fingerprint."""
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            found = (await unit.alerts.window(list(AlertState), SYSTEM, limit=500)).items
        return {alert.fingerprint: alert.state for alert in sorted(found, key=lambda alert: (alert.first_at, alert.id))}

    async def set_aside(self) -> list[Delivery]:
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            return list((await unit.deliveries.window([DeliveryState.QUARANTINED])).items)

    async def break_incidents(self, severity: int = 99) -> None:
        """Make every incident's row such that nobody can read it; 3 makes them readable again."""
        async with self.talk.store.database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
            await work.connection.execute(text("UPDATE incidents SET severity = :to"), {"to": severity})


@pytest.fixture
def door(talk: Talk) -> Door:
    """A door with a source that breaks on what it does not expect."""
    return Door(talk)


async def test_a_delivery_that_its_source_breaks_on_is_set_aside_and_those_behind_it_are_absorbed(door: Door) -> None:
    await door.take(("a-1", "sideways"))
    await door.take(("b-1", "firing"))

    with structlog.testing.capture_logs() as logged:
        await door.turn()

    assert await door.alerts() == {"b-1": AlertState.FIRING}
    [aside] = await door.set_aside()
    assert aside.error == "Tocsin failed to read it: KeyError"
    [told] = [line for line in logged if line["event"] == "parse_failed"]
    assert isinstance(told["exc_info"], KeyError)


async def test_of_many_deliveries_that_a_source_breaks_on_one_traceback_is_logged_and_one_notice_sent(
    door: Door,
) -> None:
    for number in range(5):
        await door.take((f"a-{number}", "sideways"))

    with structlog.testing.capture_logs() as logged:
        await door.turn()

    told = [line for line in logged if line["event"] == "parse_failed"]
    assert [bool(line["exc_info"]) for line in told] == [True, False, False, False, False]
    assert len(await door.set_aside()) == 5
    assert await door.notices() == ["room", "slack"]


async def test_of_a_batch_with_one_broken_alert_the_others_are_kept_and_a_replay_reads_that_one(door: Door) -> None:
    await door.take(("a-1", "firing"), ("b-1", "garbled"), ("c-1", "firing"))
    await door.take(("d-1", "firing"))
    await door.turn()
    assert set(await door.alerts()) == {"a-1", "c-1", "d-1"}
    [aside] = await door.set_aside()
    assert aside.error == "1 of its alerts could not be read; the first, b-1: garbled"
    assert await door.notices() == ["room", "slack"]

    door.source.has_learnt = True
    async with door.talk.writing() as unit:
        assert await unit.deliveries.replay() == 1
    await door.turn()
    assert set(await door.alerts()) == {"a-1", "b-1", "c-1", "d-1"}
    assert await door.set_aside() == []
    incidents = [await door.talk.incident(number) for number in range(1, 5)]
    assert [incident.alerts.total for incident in incidents] == [1, 1, 1, 1], "a good one was counted twice"


async def test_what_a_source_sent_is_counted_once_however_often_it_is_read(door: Door) -> None:
    await door.take(("a-1", "firing"))
    await door.take(("b-1", "sideways"))
    await door.turn()
    for _ in range(2):
        async with door.talk.writing() as unit:
            assert await unit.deliveries.replay() == 1
        await door.turn()

    async with door.talk.store.read(DEFAULT_TENANT) as unit:
        [sent] = (await unit.deliveries.activity()).values()
    assert (sent.deliveries, sent.errors) == (2, 1)


async def test_what_a_replay_could_not_read_either_is_not_told_again(door: Door) -> None:
    for number in range(2):
        await door.take((f"a-{number}", "sideways"))
    await door.turn()
    async with door.talk.writing() as unit:
        assert await unit.deliveries.replay() == 2
    await door.turn()
    assert len(await door.set_aside()) == 2
    assert await door.notices() == ["room", "slack"]


async def test_a_delivery_that_cannot_be_absorbed_is_set_aside_after_its_tries_and_the_queue_goes_on(
    door: Door,
) -> None:
    await door.take(("a-1", "firing"))
    await door.turn()
    await door.break_incidents()
    await door.take(("a-2", "firing"))
    await door.take(("b-1", "firing"))

    for _ in range(TRIES):
        assert "b-1" not in await door.alerts(), "it went ahead of the one before it"
        await door.turn()
        door.talk.clock.forward(MINUTE)

    assert await door.alerts() == {"a-1": AlertState.FIRING, "b-1": AlertState.FIRING}
    [aside] = await door.set_aside()
    assert aside.error == "Tocsin failed on it 3 times: ValueError"


async def test_reports_wait_behind_one_that_fails_so_that_the_last_word_is_the_last_one(door: Door) -> None:
    await door.take(("a-1", "firing"))
    await door.turn()
    await door.break_incidents()
    await door.take(("a-2", "firing"), ("c-1", "firing"))
    await door.take(("c-1", "resolved"))
    await door.turn()
    await door.break_incidents(severity=3)
    door.talk.clock.forward(MINUTE)

    await door.turn()

    assert await door.alerts() == {"a-1": AlertState.FIRING, "a-2": AlertState.FIRING, "c-1": AlertState.RESOLVED}
    assert await door.set_aside() == []


async def test_a_lane_that_fails_rests_and_other_sources_go_on(door: Door) -> None:
    await door.take(("a-1", "firing"))
    await door.turn()
    await door.break_incidents()
    await door.take(("a-2", "firing"))
    await door.turn()
    for _ in range(10):
        await door.turn()
    await door.take(("b-1", "firing"), source="another")
    await door.turn()

    assert (await door.alerts())["b-1"] is AlertState.FIRING
    assert await door.set_aside() == [], "its tries were used up without a pause"
    assert 'tocsin_put_off{loop="intake"} 1.0' in door.talk.desk.metrics.text().decode()


async def test_contention_is_no_try_but_if_it_never_ends_it_is_the_deliverys_fault(door: Door) -> None:
    # The database keeps both of these under one name, and only one alert of a name may be live.
    await door.take(("a-1\0", "firing"), ("a-1?", "firing"))
    await door.take(("b-1", "firing"))

    for _ in range(CONTENTIONS):
        await door.turn()
        door.talk.clock.forward(MINUTE)
    assert await door.set_aside() == []
    async with door.talk.store.read(DEFAULT_TENANT) as unit:
        waiting = (await unit.deliveries.window([DeliveryState.PENDING])).items
    assert [delivery.attempts for delivery in waiting] == [0, 0]

    for _ in range(TRIES):
        await door.turn()
        door.talk.clock.forward(MINUTE)
    assert len(await door.set_aside()) == 1
    assert (await door.alerts())["b-1"] is AlertState.FIRING


async def test_a_lane_that_was_put_off_goes_on_after_its_pause_and_is_put_off_no_more(door: Door) -> None:
    await door.take(("a-1", "firing"))
    await door.turn()
    await door.break_incidents()
    await door.take(("a-2", "firing"))
    await door.turn()
    await door.break_incidents(severity=3)
    await door.turn()
    assert "a-2" not in await door.alerts()

    door.talk.clock.forward(SECOND)
    await door.turn()

    assert (await door.alerts())["a-2"] is AlertState.FIRING
    assert 'tocsin_put_off{loop="intake"} 0.0' in door.talk.desk.metrics.text().decode()
