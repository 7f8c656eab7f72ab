"""What was refused is counted once, also when it can't be written down at first."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from bot.ports.store import DEFAULT_TENANT, Store
from handlers.refusals import Refusals
from tests.builders import NOW
from tests.handlers.talking import Talk


class Away:
    """A database that can't be reached."""

    def write(self, *_: object) -> None:
        raise ConnectionError("the database is away")


async def test_what_cannot_be_written_now_is_written_later_with_what_came_since(talk: Talk) -> None:
    refusals = Refusals()
    refusals.count("prom", "401: wrong", NOW)
    refusals.count("prom", "503: too often", NOW + timedelta(seconds=1))
    with pytest.raises(ConnectionError):
        await refusals.write(replace(talk.desk, store=cast("Store", Away())))
    refusals.count("prom", "401: wrong again", NOW + timedelta(seconds=2))

    for _ in range(2):
        await refusals.write(talk.desk)

    async with talk.store.read(DEFAULT_TENANT) as unit:
        [told] = (await unit.deliveries.refused()).values()
    assert (told.count, told.last_why) == (3, "401: wrong again")
