"""What senders say beside firing and resolved reaches whom it is about, and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import orjson
import pytest_asyncio

from bot.domain.alert import AlertEvent
from bot.domain.said import Acknowledged, Changed, Noted, Reworded, Said
from bot.domain.timeline import EventKind
from bot.ports.records import NewDelivery
from bot.ports.sources import Parsed, Unreadable
from bot.ports.store import DEFAULT_TENANT
from handlers.intake import IntakeLoop
from handlers.lanes import LeaseTerms
from tests.builders import MINUTE
from tests.handlers.talking import Talk, talking

GATEWAY = {"alertname": "Slow", "service": "inference-gateway"}


class Speaker:
    """A source whose deliveries are lists of words; what stands for a word that it does not know can be taught."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def parse(self, body: bytes, received_at: datetime) -> Parsed:
        events: list[AlertEvent] = []
        said: list[Said] = []
        for word in orjson.loads(body):
            match self._words.get(word, word).split():
                case ["fires", fingerprint]:
                    events.append(AlertEvent(fingerprint, True, GATEWAY, "Slow", "critical"))
                case ["ends", fingerprint]:
                    events.append(AlertEvent(fingerprint, False, {}, "Slow"))
                case ["ack", fingerprint]:
                    said.append(Acknowledged(fingerprint))
                case ["note", fingerprint]:
                    said.append(Noted(fingerprint, "It is the disk", "amira"))
                case ["says", fingerprint, text]:
                    said.append(Reworded(fingerprint, title=text))
                case ["explains", fingerprint, text]:
                    said.append(Reworded(fingerprint, summary=text))
                case ["change", service]:
                    said.append(Changed({"service": service}, "Release 42", changed_at=received_at))
                case _:
                    raise Unreadable("this word is not known", "unknown word")
        return Parsed(events, said=said)


class House:
    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        terms = LeaseTerms("one")
        self.words: dict[str, str] = {}
        self.loop = IntakeLoop(talk.desk, {"speaker": Speaker(self.words)}, terms=terms, wake=asyncio.Event())  # type: ignore[dict-item]

    async def hears(self, *deliveries: list[str]) -> None:
        """Take deliveries in, all of them before any is worked on."""
        for words in deliveries:
            now = self.talk.desk.now()
            await self.talk.store.inbox.take(NewDelivery(DEFAULT_TENANT, "said", "speaker", orjson.dumps(words), now))
        await self.loop.lanes.step()
        await self.loop.lanes.stop(60)

    async def kinds(self) -> list[EventKind]:
        return [stored.event.kind for stored in await self.talk.timeline()]


@pytest_asyncio.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with talking(sqlite_url) as talk:
        yield House(talk)


async def test_what_was_received_in_one_batch_happens_in_the_order_of_receipt(house: House) -> None:
    await house.hears(["ack a"], ["fires a"], ["note a"], ["ack a"], ["ends a"], ["note a"])
    kinds = await house.kinds()
    told = (EventKind.OPENED_BY_ALERT, EventKind.NOTE, EventKind.ACKNOWLEDGED, EventKind.ALERTS_RESOLVED)
    assert [kind for kind in kinds if kind in told] == list(told)


async def test_a_note_finds_the_alert_that_its_own_delivery_ends(house: House) -> None:
    await house.hears(["fires a"], ["note a", "ends a"])
    [note] = [stored.event for stored in await house.talk.timeline() if stored.event.kind is EventKind.NOTE]
    assert note.fields["text"] == "amira: It is the disk"
    assert str(note.actor) == "tocsin:source:said"


async def test_a_person_may_still_take_what_a_source_acknowledged(house: House) -> None:
    await house.hears(["fires a"], ["ack a"])
    assert (await house.talk.incident()).acknowledged_by is None
    await house.talk.done("amira", "ack INC-1")
    assert (await house.talk.incident()).acknowledged_by is not None


async def test_an_acknowledgement_of_an_incident_that_was_resolved_changes_nothing(house: House) -> None:
    await house.hears(["fires a"])
    await house.talk.done("amira", "resolve INC-1")
    before = await house.talk.incident()
    await house.hears(["ack a"])
    assert await house.talk.incident() == before


async def test_an_acknowledgement_that_is_read_at_last_is_none_of_an_alert_that_began_since(house: House) -> None:
    await house.hears(["fires a"], ["garbled"])
    house.talk.clock.forward(MINUTE)
    await house.hears(["ends a"], ["fires a"])
    async with house.talk.writing() as unit:
        assert await unit.deliveries.replay() == 1
    house.words["garbled"] = "ack a"
    await house.hears()
    assert (await house.talk.incident()).acknowledged_at is None
    assert EventKind.ACKNOWLEDGED not in await house.kinds()

    await house.hears(["ack a"])
    assert EventKind.ACKNOWLEDGED in await house.kinds()


async def test_an_alert_is_put_into_other_words_while_it_fires_and_no_other_is(house: House) -> None:
    await house.hears(["fires a"], ["fires b"], ["says a Slower"], ["explains a Disk"], ["says c Nothing"])
    await house.hears(["ends b"], ["says b Late"])
    async with house.talk.store.read(DEFAULT_TENANT) as unit:
        alerts = await unit.alerts.of_incident((await house.talk.incident()).id)
    assert {(alert.fingerprint, alert.title, alert.summary) for alert in alerts} == {
        ("a", "Slower", "Disk"),
        ("b", "Slow", ""),
    }


async def test_a_change_is_kept_also_where_no_incident_or_no_service_is_there(house: House) -> None:
    await house.hears(["change inference-gateway"], ["change nobody-knows"])
    async with house.talk.store.read(DEFAULT_TENANT) as unit:
        kept = (await unit.changes.window()).items
        first = await unit.changes.window(limit=1)
        rest = await unit.changes.window(cursor=first.next_cursor)
    assert {change.service for change in kept} == {"inference-gateway", None}
    assert (*first.items, *rest.items) == tuple(kept)


async def test_a_change_stands_in_the_open_incidents_of_its_service_only(house: House) -> None:
    await house.hears(["fires a"])
    await house.hears(["change inference-gateway"], ["change nobody-knows"])
    assert (await house.kinds()).count(EventKind.SERVICE_CHANGED) == 1
    await house.talk.done("amira", "resolve INC-1")
    await house.hears(["change inference-gateway"])
    assert (await house.kinds()).count(EventKind.SERVICE_CHANGED) == 1
