"""People keep their ids whatever is configured, and a configuration's versions are kept."""

import asyncio
from dataclasses import replace

from sqlalchemy import select

from bot.domain.access import Access
from bot.domain.organisation import Account
from bot.ports.store import PersonEntry, Urgency
from storage.store import SqlStore
from storage.tables import AccountRow, ConfigurationRow, PersonRow
from tests.builders import HOUR, NOW

TENANT = "default"
PEOPLE = PersonRow.__table__
ACCOUNTS = AccountRow.__table__

AMIRA = PersonEntry(
    name="amira",
    access=Access.ADMIN,
    timezone="Asia/Dubai",
    language="en",
    email="amira@acme.example",
    accounts=(Account("slack", "", "U01"), Account("telegram", "", "1111")),
)
OMAR = PersonEntry("omar", Access.RESPONDER, "UTC", "en", None, (Account("slack", "", "U02"),))


async def accounts(store: SqlStore) -> dict[tuple[str, str], str]:
    """Whose each account is."""
    async with store.database.read(TENANT) as work:
        return {(row["chat"], row["user_id"]): row["person"] for row in await work.rows(select(ACCOUNTS))}


async def test_the_table_says_what_is_configured(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        ids = await unit.people.sync([AMIRA, OMAR], NOW)
        names = await unit.people.names([*ids.values(), "unknown"])
        assert await unit.people.names([]) == {}
    assert ids.keys() == {"amira", "omar"}
    assert names == {ids["amira"]: "amira", ids["omar"]: "omar"}
    assert await accounts(store) == {
        ("slack", "U01"): ids["amira"],
        ("telegram", "1111"): ids["amira"],
        ("slack", "U02"): ids["omar"],
    }


async def test_people_keep_their_ids_when_all_else_about_them_changes(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        before = await unit.people.sync([AMIRA, OMAR], NOW)
    changed = replace(
        AMIRA, access=Access.VIEWER, timezone="UTC", language="ar", email=None, accounts=(Account("slack", "", "U02"),)
    )
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        after = await unit.people.sync([replace(OMAR, accounts=(Account("slack", "", "U01"),)), changed], NOW + HOUR)
    assert after == before
    assert await accounts(store) == {("slack", "U02"): before["amira"], ("slack", "U01"): before["omar"]}
    async with store.database.read(TENANT) as work:
        row = await work.row(select(PEOPLE).where(PEOPLE.c.name == "amira"))
    assert row is not None
    assert (row["access"], row["timezone"], row["language"], row["email"]) == (1, "UTC", "ar", None)
    assert row["created_at"] == NOW


async def test_who_leaves_loses_access_and_accounts_but_not_the_id(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        before = await unit.people.sync([AMIRA, OMAR], NOW)
        assert await unit.people.sync([AMIRA], NOW + HOUR) == {"amira": before["amira"]}
        assert await unit.people.names([before["omar"]]) == {before["omar"]: "omar"}
    assert before["omar"] not in (await accounts(store)).values()
    async with store.database.read(TENANT) as work:
        row = await work.row(select(PEOPLE).where(PEOPLE.c.name == "omar"))
    assert row is not None
    assert (row["access"], row["left_at"]) == (None, NOW + HOUR)
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        assert await unit.people.sync([AMIRA, OMAR], NOW + 2 * HOUR) == before
        assert await unit.people.sync([], NOW + 3 * HOUR) == {}
    assert await accounts(store) == {}


async def test_an_account_that_a_person_linked_themselves_outlives_a_reload(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        ids = await unit.people.sync([AMIRA, OMAR], NOW)
    async with store.database.write(TENANT, Urgency.COMMAND) as work:
        linked = {"chat": "telegram", "workspace": "", "user_id": "2222", "person": ids["omar"]}
        await work.put(ACCOUNTS, [{**linked, "linked_by": "token", "linked_at": NOW}])
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        await unit.people.sync([AMIRA, OMAR], NOW)
    assert (await accounts(store))["telegram", "2222"] == ids["omar"]


async def test_replicas_that_load_the_same_people_together_agree_on_ids(store: SqlStore) -> None:
    async def sync() -> dict[str, str]:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            return dict(await unit.people.sync([AMIRA, OMAR], NOW))

    first, *others = await asyncio.gather(*(sync() for _ in range(5)))
    assert others == [first] * 4
    assert set((await accounts(store)).values()) == set(first.values())


async def test_a_configuration_is_stored_once_until_it_changes(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.COMMAND) as unit:
        one, before = await unit.configurations.keep("digest 1", {"organisation": {"name": "Acme AI"}}, NOW)
        assert await unit.configurations.keep("digest 1", {}, NOW) == (one, one)
        two, before_two = await unit.configurations.keep("digest 2", {}, NOW)
        back, _ = await unit.configurations.keep("digest 1", {}, NOW)
    assert (before, before_two) == (None, one)
    assert len({one, two, back}) == 3
    async with store.database.read(TENANT) as work:
        kept = await work.rows(select(ConfigurationRow.__table__).order_by(ConfigurationRow.__table__.c.seq))
    assert [(row["id"], row["digest"]) for row in kept] == [(one, "digest 1"), (two, "digest 2"), (back, "digest 1")]
    assert kept[0]["body"] == {"organisation": {"name": "Acme AI"}}


async def test_replicas_that_load_the_same_configuration_together_keep_one_version(store: SqlStore) -> None:
    async def keep() -> str:
        async with store.write(TENANT, Urgency.COMMAND) as unit:
            return (await unit.configurations.keep("digest", {}, NOW))[0]

    assert len(set(await asyncio.gather(*(keep() for _ in range(5))))) == 1
