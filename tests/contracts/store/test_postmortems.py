"""Postmortems in the database: one for an incident, changed one at a time, with every version of every answer."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.incident import Incident
from bot.domain.postmortem import Answer, Postmortem, State
from bot.domain.postmortem_script import script_from_plain, script_to_plain
from bot.ids import new_id
from bot.ports.store import Conflict, Urgency
from storage.store import SqlStore
from tests.builders import HOUR, NOW
from tests.contracts.store.another import another
from tests.domain.postmortems import SCRIPT, an_answer
from tests.records import stored

TENANT = "default"
LONG = "كان كل شيء بطيئاً 🔥 " * 600
"""About 12,000 letters from right to left."""


async def opened(store: SqlStore, number: int = 1) -> tuple[Incident, Postmortem]:
    """An incident with a postmortem that was just opened."""
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit, number)
        fresh = Postmortem(new_id(NOW), incident.id, SCRIPT.digest, NOW, owner="p-omar", current="facilitator")
        return incident, await unit.postmortems.open(fresh, SCRIPT)


async def of(store: SqlStore, incident: Incident, tenant: str = TENANT) -> Postmortem | None:
    async with store.read(tenant) as unit:
        return await unit.postmortems.of(incident.id)


async def test_a_postmortem_comes_back_as_it_was_with_its_script(store: SqlStore) -> None:
    incident, postmortem = await opened(store)
    assert postmortem.version == 1
    assert await of(store, incident) == postmortem
    async with store.read(TENANT) as unit:
        assert await unit.postmortems.script(postmortem.script) == SCRIPT


async def test_an_incident_has_one_postmortem_and_a_failed_second_leaves_nothing(store: SqlStore) -> None:
    incident, postmortem = await opened(store)
    with pytest.raises(Conflict):
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            await unit.postmortems.open(replace(postmortem, id=new_id(NOW)), SCRIPT)
    assert await of(store, incident) == postmortem


async def test_every_field_is_kept(store: SqlStore) -> None:
    incident, postmortem = await opened(store)
    changed = replace(
        postmortem,
        state=State.WAIVED,
        owner=None,
        current=None,
        is_paused=True,
        opened_by="tocsin:timer",
        finished_at=NOW + HOUR,
        waived_by="p-amira",
        waived_reason="a known fault",
    )
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        saved = await unit.postmortems.save(changed)
    assert saved == replace(changed, version=2)
    assert await of(store, incident) == saved


async def test_who_changes_an_older_one_is_told(store: SqlStore) -> None:
    incident, postmortem = await opened(store)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.postmortems.save(replace(postmortem, is_paused=True))
    with pytest.raises(Conflict):
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            await unit.postmortems.save(replace(postmortem, current="timeline"))
    after = await of(store, incident)
    assert after is not None
    assert (after.is_paused, after.current) == (True, "facilitator")


async def test_every_version_of_every_answer_comes_back_in_order(store: SqlStore) -> None:
    _, postmortem = await opened(store)
    answers = [
        an_answer("view", LONG, postmortem=postmortem.id, parts=({"words": 2}, {"link": None, "text": "نص"})),
        an_answer("view", "shorter", id="a-2", number=2, postmortem=postmortem.id, person=None),
        an_answer("view", "as lina saw it", id="a-3", account="p-lina", postmortem=postmortem.id),
        an_answer("impact", "", id="a-4", skipped="", postmortem=postmortem.id),
        an_answer("actions", "second", id="a-5", item=2, postmortem=postmortem.id),
    ]
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.postmortems.add(answers)
    async with store.read(TENANT) as unit:
        assert list(await unit.postmortems.answers(postmortem.id)) == answers


async def test_a_version_that_is_there_is_never_written_over(store: SqlStore) -> None:
    _, postmortem = await opened(store)
    first = an_answer("view", "first", postmortem=postmortem.id)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.postmortems.add([first])
    with pytest.raises(Conflict):
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            await unit.postmortems.add([replace(first, id="a-2", text="second")])
    async with store.read(TENANT) as unit:
        assert list(await unit.postmortems.answers(postmortem.id)) == [first]


async def test_of_two_replicas_that_answer_at_once_one_is_told(store: SqlStore, migrated_url: str) -> None:
    _, postmortem = await opened(store)

    async def answer(at: SqlStore, name: str) -> Answer | None:
        try:
            async with at.write(TENANT, Urgency.COMMAND) as unit:
                await unit.postmortems.save(replace(postmortem, current="timeline"))
                kept = an_answer("facilitator", name, id=name, postmortem=postmortem.id)
                await unit.postmortems.add([kept])
                return kept
        except Conflict:
            return None

    async with another(migrated_url, "a key for tests only") as second:
        results = await asyncio.gather(answer(store, "lina"), answer(second, "noor"))
    async with store.read(TENANT) as unit:
        there = list(await unit.postmortems.answers(postmortem.id))
    assert there == [kept for kept in results if kept is not None]
    assert len(there) == 1


async def test_an_edited_script_leaves_running_conversations_alone(store: SqlStore) -> None:
    _, first = await opened(store)
    plain = script_to_plain(SCRIPT)
    plain["questions"] = plain["questions"][:3]
    edited = script_from_plain(plain)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        incident = await stored(unit, 2)
        fresh = Postmortem(new_id(NOW), incident.id, edited.digest, NOW)
        second = await unit.postmortems.open(fresh, edited)
    async with store.read(TENANT) as unit:
        assert len((await unit.postmortems.script(first.script)).prompts) == 17
        assert len((await unit.postmortems.script(second.script)).prompts) == 3


async def test_another_tenant_has_none_of_it(store: SqlStore) -> None:
    incident, postmortem = await opened(store)
    assert await of(store, incident, "another") is None
    async with store.read("another") as unit:
        assert list(await unit.postmortems.answers(postmortem.id)) == []
        with pytest.raises(LookupError, match="no script"):
            await unit.postmortems.script(postmortem.script)
