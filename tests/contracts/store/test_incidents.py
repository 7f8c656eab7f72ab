"""Incidents: kept whole, numbered without a race, changed by one at a time, shown to those who may see them."""

import asyncio
from dataclasses import fields, replace

import pytest

from bot.domain.access import SYSTEM, Access, Role, Viewer, Visibility
from bot.domain.incident import (
    OPEN_STATUSES,
    AlertTally,
    Dependant,
    Escalation,
    EscalationState,
    Incident,
    Kind,
    Status,
)
from bot.domain.severity import Severity
from bot.ports.chat import RoomRef
from bot.ports.store import BadCursor, Conflict, Urgency
from storage.store import SqlStore
from tests.builders import HOUR, NOW, SECOND
from tests.records import a_new_incident, a_room_link, stored

TENANT = "default"
OMAR = Viewer("p-omar", Access.RESPONDER)
LINA = Viewer("p-lina", Access.RESPONDER)
STRANGER = Viewer(None, Access.VIEWER)
AMIRA = Viewer("p-amira", Access.ADMIN)


def in_full() -> Incident:
    """An incident of which no field has its default."""
    return Incident(
        id="ab" * 16,
        number=7,
        title="Gateway “slow” 🔥",
        severity=Severity.SEV1,
        opened_at=NOW,
        status=Status.MITIGATED,
        kind=Kind.DRILL,
        visibility=Visibility.PRIVATE,
        service="inference-gateway",
        team="ml-platform",
        group_key="g-1",
        rule="slow",
        runbook="https://r.example",
        rings=(NOW, NOW + SECOND),
        dependants=(Dependant("shop"), Dependant("web", "INC-3")),
        opened_by="p-omar",
        roles=((Role.COMMANDER, "p-amira"), (Role.RESPONDER, "p-omar")),
        participants=("p-omar", "p-amira"),
        alerts=AlertTally(5, 2, Severity.SEV2),
        escalation=Escalation(EscalationState.RUNNING, "ml-oncall", 2, NOW + HOUR, 3),
        acknowledged_at=NOW + 1 * SECOND,
        acknowledged_by="p-amira",
        mitigated_at=NOW + 2 * SECOND,
        resolved_at=NOW + 3 * SECOND,
        closed_at=NOW + 4 * SECOND,
        quiet_at=NOW + 5 * SECOND,
        update_due_at=NOW + 6 * SECOND,
        commander_due_at=NOW + 7 * SECOND,
        quiet_due_at=NOW + 8 * SECOND,
        configuration="v9",
    )


def test_the_full_incident_of_these_tests_leaves_nothing_to_its_default() -> None:
    bare = Incident(id="", number=0, title="", severity=Severity.SEV5, opened_at=NOW)
    same = [field.name for field in fields(Incident) if getattr(in_full(), field.name) == getattr(bare, field.name)]
    assert same == ["opened_at", "version"]


async def test_an_incident_comes_back_as_it_was_stored(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        added = await unit.incidents.add(in_full())
    assert added == replace(in_full(), version=1)
    async with store.read(TENANT) as unit:
        assert await unit.incidents.get(added.id, SYSTEM) == added
        assert await unit.incidents.by_number(7, SYSTEM) == added
        assert await unit.incidents.many([added.id, "unknown"]) == {added.id: added}


async def test_what_alerts_did_to_many_incidents_is_stored_at_once(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        first, second = await stored(unit, 1), await stored(unit, 2, alerts=AlertTally(9, 9, Severity.SEV1))
        told = [
            replace(first, version=2, alerts=AlertTally(3, 2, Severity.SEV4)),
            replace(second, version=2, alerts=AlertTally(9, 0)),
        ]
        await unit.incidents.tally(told)
        await unit.incidents.tally([])
    async with store.read(TENANT) as unit:
        assert [await unit.incidents.get(one.id, SYSTEM) for one in told] == told


async def test_a_change_comes_back_as_it_was_saved(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        added = await unit.incidents.add(in_full())
    changed = replace(added, title="Other", participants=("p-lina", "p-omar"), roles=(), group_key=None, team=None)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        saved = await unit.incidents.save(changed)
    assert saved == replace(changed, version=2)
    async with store.read(TENANT) as unit:
        assert await unit.incidents.get(added.id, SYSTEM) == saved


async def test_who_takes_part_is_kept_through_several_changes_in_one_unit(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit, participants=("p-omar",))
        incident = await unit.incidents.save(replace(incident, participants=("p-omar", "p-lina")))
        incident = await unit.incidents.save(replace(incident, title="Other"))
        incident = await unit.incidents.save(replace(incident, participants=("p-lina", "p-amira", "p-omar")))
    async with store.read(TENANT) as unit:
        found = await unit.incidents.get(incident.id, SYSTEM)
    assert found is not None
    assert found.participants == ("p-lina", "p-amira", "p-omar")


async def test_twenty_writers_at_once_get_twenty_numbers(store: SqlStore) -> None:
    async def open_one() -> int:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            number = await unit.incidents.next_number()
            await stored(unit, number)
            return number

    numbers = await asyncio.gather(*(open_one() for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))


async def test_a_number_taken_by_a_unit_that_failed_is_never_stored_twice(store: SqlStore) -> None:
    async def fail() -> None:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            await stored(unit, await unit.incidents.next_number())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit, await unit.incidents.next_number())
    async with store.read(TENANT) as unit:
        assert await unit.incidents.by_number(incident.number, SYSTEM) == incident


async def test_who_saves_an_older_version_is_told_of_the_conflict_and_changes_nothing(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        first = await stored(unit)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        winner = await unit.incidents.save(replace(first, title="Winner"))
    with pytest.raises(Conflict):
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            await unit.incidents.save(replace(first, title="Loser"))
    async with store.read(TENANT) as unit:
        assert await unit.incidents.get(first.id, SYSTEM) == winner


async def test_of_many_who_change_the_same_version_at_once_one_wins(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        first = await stored(unit)

    async def change(title: str) -> str | None:
        try:
            async with store.write(TENANT, Urgency.COMMAND) as unit:
                await unit.incidents.save(replace(first, title=title))
        except Conflict:
            return None
        return title

    outcomes = await asyncio.gather(*(change(f"By {at}") for at in range(8)))
    winners = [title for title in outcomes if title is not None]
    assert len(winners) == 1
    async with store.read(TENANT) as unit:
        found = await unit.incidents.get(first.id, SYSTEM)
    assert found == replace(first, title=winners[0], version=2)


async def test_a_group_has_one_open_incident(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await stored(unit, 1, group_key="g-1")
        with pytest.raises(Conflict):
            await stored(unit, 2, group_key="g-1")
        # The unit is not spoilt by it.
        await stored(unit, 3, group_key="g-1", status=Status.RESOLVED)
        await stored(unit, 4, group_key="g-2")
    async with store.read(TENANT) as unit:
        found = await unit.incidents.window(list(Status), SYSTEM)
    assert [incident.number for incident in found.items] == [4, 3, 1]


async def test_an_alert_joins_the_open_incident_else_the_newest_that_was_resolved_lately(store: SqlStore) -> None:
    resolved = {"status": Status.RESOLVED, "resolved_at": NOW}
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await stored(unit, 1, group_key="g-open", **resolved)
        await stored(unit, 2, group_key="g-open")
        await stored(unit, 3, group_key="g-open", **resolved)
        await stored(unit, 4, group_key="g-resolved", **resolved)
        await stored(unit, 5, group_key="g-resolved", **resolved)
        await stored(unit, 6, group_key="g-long-ago", status=Status.RESOLVED, resolved_at=NOW - HOUR)
        await stored(unit, 7, group_key="g-closed", status=Status.CLOSED, resolved_at=NOW)
        asked = ["g-open", "g-resolved", "g-long-ago", "g-closed", "g-unknown"]
        found = await unit.incidents.joinable(asked, NOW - SECOND)
        assert await unit.incidents.joinable([], NOW) == {}
    assert {key: incident.number for key, incident in found.items()} == {"g-open": 2, "g-resolved": 5}


@pytest.mark.parametrize(
    ("viewer", "numbers"),
    [(AMIRA, [3, 2, 1]), (SYSTEM, [3, 2, 1]), (OMAR, [2, 1]), (LINA, [1]), (STRANGER, [1])],
)
async def test_a_private_incident_exists_for_those_who_take_part_and_administrators(
    store: SqlStore, viewer: Viewer, numbers: list[int]
) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        for incident in (
            await stored(unit, 1),
            await stored(unit, 2, visibility=Visibility.PRIVATE, participants=("p-omar",)),
            await stored(unit, 3, visibility=Visibility.PRIVATE),
        ):
            await unit.rooms.link(a_room_link(incident.id, f"C{incident.number}"))
    async with store.read(TENANT) as unit:
        listed = await unit.incidents.window(OPEN_STATUSES, viewer)
        assert [incident.number for incident in listed.items] == numbers
        for number in (1, 2, 3):
            by_number = await unit.incidents.by_number(number, viewer)
            in_room = await unit.incidents.in_room(RoomRef("slack", "T1", f"C{number}"), viewer)
            assert (by_number is not None) == (in_room is not None) == (number in numbers)
            if by_number is not None:
                assert await unit.incidents.get(by_number.id, viewer) == by_number == in_room


async def test_pages_of_a_list_lead_through_all_of_it_newest_first(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        for number in range(1, 8):
            await stored(unit, number, status=Status.CLOSED if number == 4 else Status.TRIAGE, participants=("p-omar",))
    seen: list[int] = []
    cursor = None
    async with store.read(TENANT) as unit:
        while True:
            part = await unit.incidents.window(OPEN_STATUSES, OMAR, cursor=cursor, limit=2)
            assert all(incident.participants == ("p-omar",) for incident in part.items)
            seen += [incident.number for incident in part.items]
            cursor = part.next_cursor
            if cursor is None:
                break
    assert seen == [7, 6, 5, 3, 2, 1]


@pytest.mark.parametrize("cursor", ["", "x", "not a cursor", "IjEi", "W10", "ÿ", "MTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA"])
async def test_a_cursor_of_another_making_is_refused(store: SqlStore, cursor: str) -> None:
    async with store.read(TENANT) as unit:
        with pytest.raises(BadCursor):
            await unit.incidents.window(list(Status), SYSTEM, cursor=cursor)


async def test_a_number_that_no_incident_can_have_finds_none(store: SqlStore) -> None:
    async with store.read(TENANT) as unit:
        for number in (-1, 0, 10**30):
            assert await unit.incidents.by_number(number, SYSTEM) is None


async def test_tenants_count_and_see_for_themselves(store: SqlStore) -> None:
    await store.add_tenant("other", NOW)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit, await unit.incidents.next_number(), group_key="g-1")
    async with store.write("other", Urgency.COMMAND) as unit:
        assert await unit.incidents.next_number() == 1
        assert await unit.incidents.get(incident.id, SYSTEM) is None
        assert await unit.incidents.joinable(["g-1"], NOW) == {}
        with pytest.raises(Conflict):
            await unit.incidents.save(incident)


async def test_a_title_that_no_database_can_hold_is_mended(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.incidents.add(a_new_incident(title="a\0b\ud800c"))
    async with store.read(TENANT) as unit:
        found = await unit.incidents.by_number(1, SYSTEM)
    assert found is not None
    assert found.title == "a?b?c"
