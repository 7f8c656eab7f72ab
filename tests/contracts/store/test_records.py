"""What stands beside incidents: timeline, pages, follow-ups, room links; and commands and the audit."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.incident import Status
from bot.domain.timeline import Actor, Event, EventKind
from bot.ports.chat import RoomRef
from bot.ports.records import AuditEntry, PageState
from bot.ports.store import BadCursor, Conflict, Urgency
from storage.store import SqlStore
from tests.builders import HOUR, MINUTE, NOW, SECOND, a_followup
from tests.records import a_page, a_receipt, a_room_link, stored

TENANT = "default"


def a_note(text: str, **changes: object) -> Event:
    event = Event(EventKind.NOTE, Actor(person="p-amira"), NOW, {"text": text, "count": 3, "none": None})
    return replace(event, **changes)  # type: ignore[arg-type]


async def test_the_timeline_is_in_the_order_of_what_happened_then_of_what_was_recorded(store: SqlStore) -> None:
    first, second, earlier = a_note("one"), a_note("two"), a_note("before", occurred_at=NOW - HOUR, schema=2)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        await unit.timeline.add(incident.id, [first, second], NOW)
        await unit.timeline.add(incident.id, [earlier], NOW + MINUTE)
        await unit.timeline.add(incident.id, [], NOW)
    async with store.read(TENANT) as unit:
        found = await unit.timeline.of(incident.id)
        last = await unit.timeline.of(incident.id, limit=2)
    assert [stored_event.event for stored_event in found] == [earlier, first, second]
    assert [stored_event.recorded_at for stored_event in found] == [NOW + MINUTE, NOW, NOW]
    assert len({stored_event.id for stored_event in found}) == 3
    assert [stored_event.event for stored_event in last] == [first, second]


async def test_pages_are_listed_oldest_first_with_what_became_of_them(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        pages = [a_page(incident.id, step=step, requested_at=NOW + step * SECOND) for step in range(1, 6)]
        await unit.pages.add(list(reversed(pages)))
        await unit.pages.add([])
        for page, state in zip(pages, PageState, strict=True):
            await unit.pages.mark(page.id, state, NOW + HOUR)
    async with store.read(TENANT) as unit:
        found = await unit.pages.of(incident.id)
        assert await unit.pages.get(pages[1].id) == found[1]
        assert await unit.pages.get("unknown") is None
    assert found == [
        replace(page, state=state, sent_at=NOW + HOUR if state is PageState.SENT else None)
        for page, state in zip(pages, PageState, strict=True)
    ]


async def test_two_calls_of_one_person_in_one_step_are_two_pages(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        await unit.pages.add([a_page(incident.id)])
        await unit.pages.add([a_page(incident.id)])
        assert len(await unit.pages.of(incident.id)) == 2


async def test_acknowledging_answers_every_page_that_may_have_got_through(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident, other = await stored(unit, 1), await stored(unit, 2)
        await unit.pages.add([a_page(incident.id, step=at, state=state) for at, state in enumerate(PageState)])
        await unit.pages.add([a_page(other.id)])
        await unit.pages.acknowledge(incident.id)
        states = [page.state for page in await unit.pages.of(incident.id)]
        assert states == [PageState.ACKNOWLEDGED] * 3 + [PageState.FAILED, PageState.ACKNOWLEDGED]
        assert [page.state for page in await unit.pages.of(other.id)] == [PageState.QUEUED]


async def test_a_person_is_called_to_the_open_incidents_whose_calls_nobody_has_answered(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        called, again, over = (
            await stored(unit, 1),
            await stored(unit, 2),
            await stored(unit, 3, status=Status.RESOLVED),
        )
        await unit.pages.add([a_page(called.id, step=at, state=state) for at, state in enumerate(PageState)])
        await unit.pages.add([a_page(again.id), a_page(again.id, person="p-lina"), a_page(over.id)])
        assert [await unit.pages.calling(person) for person in ("p-amira", "p-lina", "p-noor")] == [2, 1, 0]
        await unit.pages.acknowledge(called.id)
        await unit.pages.acknowledge(again.id, "p-lina")
        assert [await unit.pages.calling(person) for person in ("p-amira", "p-lina")] == [1, 0]


async def test_of_an_incident_that_is_over_no_page_waits_any_more_and_what_was_sent_stays_sent(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident, other = await stored(unit, 1), await stored(unit, 2)
        pages = [a_page(incident.id, step=at, state=state) for at, state in enumerate(PageState)]
        await unit.pages.add([*pages, a_page(other.id)])
        await unit.pages.spare(incident.id, "it is over")
        after = [(page.state, page.reason) for page in await unit.pages.of(incident.id)]
        assert after == [
            (PageState.FAILED, "it is over"),
            (PageState.SENT, None),
            (PageState.FAILED, "it is over"),
            (PageState.FAILED, None),
            (PageState.ACKNOWLEDGED, None),
        ]
        assert [page.state for page in await unit.pages.of(other.id)] == [PageState.QUEUED]

        await unit.pages.mark(pages[0].id, PageState.UNKNOWN, NOW)
        assert (await unit.pages.of(incident.id))[0].state is PageState.FAILED
        await unit.pages.mark(pages[0].id, PageState.SENT, NOW)
        told = (await unit.pages.of(incident.id))[0]
        assert (told.state, told.sent_at, told.reason) == (PageState.SENT, NOW, None)


async def test_an_acknowledged_page_stays_so(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        page = a_page(incident.id, state=PageState.ACKNOWLEDGED)
        await unit.pages.add([page])
        await unit.pages.mark(page.id, PageState.SENT, NOW)
        assert await unit.pages.get(page.id) == page


async def test_followups_are_listed_in_the_order_of_their_making(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        first = a_followup(incident=incident.id, id="f-2")
        second = a_followup(incident=incident.id, id="f-1", created_at=NOW + SECOND)
        await unit.followups.save([second, first])
        done = replace(first, done_at=NOW + HOUR, remind_at=None, text="Raise it “now”")
        await unit.followups.save([done])
    async with store.read(TENANT) as unit:
        assert await unit.followups.of(incident.id) == [done, second]
        assert await unit.followups.get("f-2") == done
        assert await unit.followups.get("unknown") is None


async def test_an_incident_has_one_room_in_each_chat(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident, other = await stored(unit, 1), await stored(unit, 2)
        slack = a_room_link(incident.id)
        telegram = a_room_link(incident.id, ref=RoomRef("telegram", "", "-100", "7"))
        for link in (telegram, slack, slack):
            await unit.rooms.link(link)
        with pytest.raises(Conflict, match="another room"):
            await unit.rooms.link(a_room_link(incident.id, "C2"))
        with pytest.raises(Conflict, match="another incident"):
            await unit.rooms.link(a_room_link(other.id, "C1"))
        # The unit is not spoilt by it.
        await unit.rooms.link(a_room_link(other.id, "C2"))
    async with store.read(TENANT) as unit:
        assert await unit.rooms.of(incident.id) == [slack, telegram]
        assert await unit.rooms.of("unknown") == ()
        assert await unit.rooms.find(incident.id, "telegram") == telegram
        assert await unit.rooms.find(other.id, "telegram") is None
        both = await unit.rooms.of_many([incident.id, other.id, "unknown"])
        assert await unit.rooms.of_many([]) == {}
    assert {key: [link.ref.room for link in links] for key, links in both.items()} == {
        incident.id: ["C1", "-100"],
        other.id: ["C2"],
    }


async def test_the_card_of_a_room_is_remembered_and_linking_again_forgets_it_not(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)
        await unit.rooms.link(a_room_link(incident.id))
        await unit.rooms.set_card(incident.id, "slack", "1700.1", "hash")
        await unit.rooms.link(a_room_link(incident.id))
        found = await unit.rooms.find(incident.id, "slack")
    assert found == a_room_link(incident.id, card_message="1700.1", card_hash="hash")


async def test_two_replicas_that_open_a_room_at_once_link_one(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit)

    async def link(room: str) -> str | None:
        try:
            async with store.write(TENANT, Urgency.PROCESSING) as unit:
                await unit.rooms.link(a_room_link(incident.id, room))
        except Conflict:
            return None
        return room

    linked = [room for room in await asyncio.gather(*(link(f"C{at}") for at in range(5))) if room is not None]
    async with store.read(TENANT) as unit:
        assert [found.ref.room for found in await unit.rooms.of(incident.id)] == linked


async def test_a_line_is_taken_once_and_its_answer_given_again(store: SqlStore) -> None:
    receipt = a_receipt("k1", line={"text": "ack INC-1", "version": None})
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        assert await unit.commands.take(receipt) is None
        assert await unit.commands.take(a_receipt("k1")) == receipt
        assert await unit.commands.take(a_receipt("k1", chat="telegram")) is None
        await unit.commands.attempted(receipt.id)
        await unit.commands.answered(receipt.id, {"ok": True, "text": "Done."})
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        again = await unit.commands.take(a_receipt("k1"))
    assert again == replace(receipt, attempts=1, answer={"ok": True, "text": "Done."})


async def test_a_line_that_comes_twice_at_once_is_new_to_one(store: SqlStore) -> None:
    async def take() -> bool:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            return await unit.commands.take(a_receipt("k1")) is None

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]


async def test_lines_that_nobody_answered_are_found_oldest_first(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        late, early, answered = (
            a_receipt("late", received_at=NOW - SECOND),
            a_receipt("early", received_at=NOW - HOUR),
            a_receipt("answered", received_at=NOW - HOUR),
        )
        for receipt in (late, early, answered, a_receipt("now", received_at=NOW)):
            await unit.commands.take(receipt)
        await unit.commands.answered(answered.id, {})
        assert await unit.commands.unanswered(NOW) == [early, late]
        assert await unit.commands.unanswered(NOW, limit=1) == [early]


async def test_the_audit_is_listed_newest_first_part_by_part(store: SqlStore) -> None:
    entries = [
        AuditEntry(NOW, "person:p-amira", "api", "Acknowledge", f"INC-{at}", {"version": at}, {"roles": [["x", "y"]]})
        for at in range(5)
    ]
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.audit.add(entries[:3])
        await unit.audit.add(entries[3:])
        await unit.audit.add([])
    async with store.read(TENANT) as unit:
        first = await unit.audit.window(limit=3)
        second = await unit.audit.window(cursor=first.next_cursor, limit=3)
        with pytest.raises(BadCursor):
            await unit.audit.window(cursor="nonsense")
    assert [*first.items, *second.items] == list(reversed(entries))
    assert second.next_cursor is None
