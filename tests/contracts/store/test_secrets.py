"""Secrets at rest: made once, unreadable without the key, and moved to the newest key when an old one opens them."""

import asyncio
from itertools import count

import pytest
from sqlalchemy import RowMapping, select

from bot.ports.store import DEFAULT_TENANT
from storage.engine import UnusableDatabase
from storage.store import SqlStore
from storage.tables import SecretRow
from tests.builders import NOW
from tests.contracts.store.another import another


def never() -> bytes:
    raise AssertionError("there is a secret already")


async def row_of(store: SqlStore, name: str = "session") -> RowMapping:
    async with store.database.read(DEFAULT_TENANT) as work:
        row = await work.row(select(SecretRow.__table__).where(SecretRow.__table__.c.name == name))
    assert row is not None
    return row


async def test_a_secret_is_made_at_first_and_then_kept(migrated_url: str) -> None:
    async with another(migrated_url, "key") as store:
        assert await store.secret(DEFAULT_TENANT, "session", lambda: b"\x00signing\xff") == b"\x00signing\xff"
        assert await store.secret(DEFAULT_TENANT, "session", never) == b"\x00signing\xff"
    async with another(migrated_url, "key") as store:
        assert await store.secret(DEFAULT_TENANT, "session", never) == b"\x00signing\xff"


async def test_names_and_tenants_have_secrets_of_their_own(store: SqlStore) -> None:
    await store.add_tenant("another", NOW)
    await store.secret(DEFAULT_TENANT, "session", lambda: b"ours")
    assert await store.secret("another", "session", lambda: b"theirs") == b"theirs"
    assert await store.secret(DEFAULT_TENANT, "other", lambda: b"other") == b"other"
    assert await store.secret(DEFAULT_TENANT, "session", never) == b"ours"


async def test_nothing_of_a_secret_can_be_read_from_the_database(migrated_url: str) -> None:
    async with another(migrated_url, "the key") as store:
        await store.secret(DEFAULT_TENANT, "session", lambda: b"the signing secret")
        stored = (await row_of(store))["ciphertext"]
    assert b"signing" not in stored
    assert b"the key" not in stored


async def test_replicas_that_make_a_secret_at_once_keep_the_same(migrated_url: str) -> None:
    number = count()
    async with another(migrated_url, "key") as first, another(migrated_url, "key") as second:
        asked = [
            replica.secret(DEFAULT_TENANT, "session", lambda: b"made %d" % next(number))
            for _ in range(5)
            for replica in (first, second)
        ]
        assert len(set(await asyncio.gather(*asked))) == 1


async def test_an_older_key_still_opens_and_the_newest_takes_over(migrated_url: str) -> None:
    async with another(migrated_url, "old") as store:
        await store.secret(DEFAULT_TENANT, "session", lambda: b"secret")
        assert (await row_of(store))["rotated_at"] is None
    async with another(migrated_url, "new", "old") as store:
        assert await store.secret(DEFAULT_TENANT, "session", never) == b"secret"
        assert (await row_of(store))["rotated_at"] is not None
    async with another(migrated_url, "new") as store:
        assert await store.secret(DEFAULT_TENANT, "session", never) == b"secret"


async def test_a_secret_under_the_newest_key_is_left_as_it_is(migrated_url: str) -> None:
    async with another(migrated_url, "new", "old") as store:
        await store.secret(DEFAULT_TENANT, "session", lambda: b"secret")
        before = await row_of(store)
        await store.secret(DEFAULT_TENANT, "session", never)
        assert await row_of(store) == before


async def test_without_its_key_a_secret_is_refused_with_what_to_do(migrated_url: str) -> None:
    async with another(migrated_url, "old") as store:
        await store.secret(DEFAULT_TENANT, "session", lambda: b"secret")
    async with another(migrated_url, "new") as store:
        with pytest.raises(UnusableDatabase, match=r"'session'.*another TOCSIN_SECRET_KEY.*end of the list"):
            await store.secret(DEFAULT_TENANT, "session", never)
    async with another(migrated_url, "old") as store:
        assert await store.secret(DEFAULT_TENANT, "session", never) == b"secret"


async def test_without_any_key_no_secret_is_kept(migrated_url: str) -> None:
    async with another(migrated_url) as store:
        with pytest.raises(UnusableDatabase, match="TOCSIN_SECRET_KEY is not set"):
            await store.secret(DEFAULT_TENANT, "session", lambda: b"secret")
