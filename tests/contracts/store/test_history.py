"""Looking back: the alerts of a time in order, and who was called for them."""

from datetime import datetime
from typing import Any

from bot.domain.access import ANYONE, SYSTEM, Access, Viewer, Visibility
from bot.domain.alert import Alert, AlertState
from bot.domain.incident import Kind, Status
from bot.domain.noise import Call, Rule
from bot.domain.resemblance import Earlier
from bot.ids import new_id
from bot.ports.records import PageState
from bot.ports.store import DEFAULT_TENANT, Urgency
from storage.store import SqlStore
from tests.builders import DAY, MINUTE, NOW
from tests.records import a_delivery, a_page, an_alert, stored

OMAR = Viewer("p-omar", Access.RESPONDER)


def alert_at(at: datetime, fingerprint: str = "f1", **changes: Any) -> Alert:
    return an_alert(fingerprint, id=new_id(at), first_at=at, last_at=at, **changes)


async def test_alerts_of_a_time_come_in_the_order_in_which_they_began(store: SqlStore) -> None:
    ended = {"state": AlertState.RESOLVED, "resolved_at": NOW + MINUTE}
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        incident = await stored(unit)
        await unit.alerts.add(
            [
                alert_at(NOW - MINUTE, "before"),
                alert_at(NOW, "first", incident=incident.id, service="gateway", **ended),
                alert_at(NOW + MINUTE, "second", labels={"service": "labelled"}, reason="milder than SEV4"),
                alert_at(NOW + 2 * MINUTE, "third", reason="expired", **ended),
                alert_at(NOW + DAY, "at the end"),
            ]
        )
        found = await unit.history.began(NOW, NOW + DAY, OMAR, limit=9)
        rest = await unit.history.began(NOW, NOW + DAY, OMAR, after=found[0].id, limit=1)
    assert [episode.fingerprint for episode in found] == ["first", "second", "third"]
    assert [episode.rule for episode in found] == [
        Rule("prom", "Slow", "gateway"),
        Rule("prom", "Gateway is slow", "labelled"),
        Rule("prom", "Slow", ""),
    ]
    assert [episode.is_cut for episode in found] == [False, False, True]
    assert (found[0].incident, found[0].began_at, found[0].ended_at) == (incident.id, NOW, NOW + MINUTE)
    assert (found[1].incident, found[1].ended_at) == (None, None)
    assert [episode.fingerprint for episode in rest] == ["second"]


async def test_alerts_of_private_incidents_are_seen_by_those_who_may(store: SqlStore) -> None:
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        private = await stored(unit, visibility=Visibility.PRIVATE)
        await unit.alerts.add([alert_at(NOW, incident=private.id)])
        assert await unit.history.began(NOW, NOW + DAY, OMAR, limit=9) == []
        assert len(await unit.history.began(NOW, NOW + DAY, SYSTEM, limit=9)) == 1


async def test_any_time_can_be_asked_for(store: SqlStore) -> None:
    first, last = datetime.fromisoformat("0001-01-01T00:00+14:00"), datetime.fromisoformat("9999-12-31T23:59Z")
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([alert_at(NOW)])
        assert len(await unit.history.began(first, last, SYSTEM, limit=9)) == 1
        assert await unit.history.began(last, first, SYSTEM, limit=9) == []


async def test_what_fired_at_an_instant_is_found_though_it_began_before(store: SqlStore) -> None:
    over: dict[str, Any] = {"state": AlertState.RESOLVED}
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add(
            [
                alert_at(NOW - 3 * MINUTE, "over", resolved_at=NOW - MINUTE, **over),
                alert_at(NOW - 2 * MINUTE, "ended later", resolved_at=NOW + MINUTE, **over),
                alert_at(NOW - MINUTE, "fires still"),
                alert_at(NOW - MINUTE, "of another source", source="grafana"),
                alert_at(NOW, "began then"),
            ]
        )
        found = await unit.history.firing(NOW, ["prom", "datadog"])
    assert [episode.fingerprint for episode in found] == ["ended later", "fires still"]


async def test_deliveries_of_a_time_are_found_with_their_bodies_in_order_of_receipt(store: SqlStore) -> None:
    # The first was received a moment after the second, though it was stored before it.
    for minutes, source in ((1, "prom"), (0, "prom"), (2, "grafana"), (60, "prom"), (-1, "prom")):
        await store.inbox.take(a_delivery(source, str(minutes).encode(), received_at=NOW + minutes * MINUTE))
    async with store.read(DEFAULT_TENANT) as unit:
        every = await unit.history.received(NOW, NOW + 60 * MINUTE, None)
        ours = await unit.history.received(NOW, NOW + 60 * MINUTE, "prom")
        assert [one.body for one in await unit.history.deliveries(every)] == [b"1", b"0", b"2"]
        assert [(one.source, one.received_at) for one in await unit.history.deliveries(ours)] == [
            ("prom", NOW + MINUTE),
            ("prom", NOW),
        ]


async def test_a_call_through_several_chats_is_one_and_answered_if_any_was(store: SqlStore) -> None:
    async with store.write(DEFAULT_TENANT, Urgency.PROCESSING) as unit:
        incident, other = await stored(unit), await stored(unit, 2)
        await unit.pages.add(
            [
                a_page(incident.id, channel="room", state=PageState.FAILED),
                a_page(incident.id, channel="slack", state=PageState.ACKNOWLEDGED),
                a_page(incident.id, person="p-omar", requested_at=NOW + MINUTE),
                a_page(incident.id, person="p-lina", state=PageState.FAILED),
                a_page(other.id),
            ]
        )
        assert list(await unit.history.calls([incident.id])) == [
            Call(incident.id, "p-amira", NOW, is_answered=True),
            Call(incident.id, "p-lina", NOW, is_answered=False, is_heard=False),
            Call(incident.id, "p-omar", NOW + MINUTE, is_answered=False),
        ]
        assert await unit.history.calls([]) == []


async def test_earlier_incidents_come_newest_first_without_those_that_were_none(store: SqlStore) -> None:
    async with store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
        first = await stored(unit, 1, title="First", service="gateway", group_key="g-1", status=Status.CLOSED)
        await stored(unit, 2, title="A drill", kind=Kind.DRILL)
        await stored(unit, 3, title="A mistake", status=Status.CANCELLED)
        await stored(unit, 4, title="Private", visibility=Visibility.PRIVATE)
        await stored(unit, 5, title="Told later", kind=Kind.BACKFILLED)
        await stored(unit, 6, title="This one")
    async with store.read(DEFAULT_TENANT) as unit:
        found = await unit.history.before(6, ANYONE, limit=9)
        assert [one.ref for one in found] == ["INC-5", "INC-1"]
        assert found[1] == Earlier(first.id, 1, "First", "gateway", "g-1", first.opened_at)
        assert [one.number for one in await unit.history.before(6, SYSTEM, limit=2)] == [5, 4]
    async with store.read("another") as unit:
        assert await unit.history.before(6, SYSTEM, limit=9) == []
