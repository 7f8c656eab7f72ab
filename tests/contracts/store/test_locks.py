"""Nobody waits for ever for a row that a replica holds which froze or vanished in mid-transaction."""

import asyncio

import pytest
from sqlalchemy import text

from storage.engine import make_engines, postgres_engine, read_url


@pytest.mark.parametrize("where", ["between two statements", "within a statement"])
async def test_a_row_that_a_frozen_replica_holds_in_postgresql_comes_free_by_itself(
    postgres_url: str, where: str
) -> None:
    frozen, other = make_engines(postgres_url), postgres_engine(read_url(postgres_url), transaction_ms=0)
    change = text("UPDATE held SET holder = :holder")
    async with other.begin() as connection:
        await connection.execute(text("CREATE TABLE held (holder text)"))
        await connection.execute(text("INSERT INTO held VALUES ('nobody')"))

    never_ended = await frozen.writer.connect()
    await never_ended.execute(change, {"holder": "frozen"})
    if where == "within a statement":
        driver = (await never_ended.get_raw_connection()).driver_connection
        assert driver is not None
        # The server has read a statement and waits to be told to carry it out, which it does not call idle.
        await driver.prepare("SELECT holder FROM held")
    async with asyncio.timeout(60), other.begin() as connection:
        await connection.execute(change, {"holder": "other"})
    await never_ended.invalidate()

    async with other.connect() as connection:
        assert (await connection.execute(text("SELECT holder FROM held"))).scalar_one() == "other"
    await frozen.close()
    await other.dispose()
