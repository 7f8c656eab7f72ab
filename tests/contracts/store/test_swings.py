"""What is remembered of alerts that come and go."""

from bot.domain.flapping import Swing
from bot.ports.store import Urgency
from storage.store import SqlStore
from tests.builders import HOUR, MINUTE, NOW

FLAPS = Swing((NOW, NOW + MINUTE), is_firing=True, is_flapping=True, steady_at=NOW + HOUR)
ENDED = Swing((NOW,), is_firing=False, is_flapping=False, steady_at=NOW)


async def test_what_is_saved_is_read_and_written_over(store: SqlStore) -> None:
    async with store.write("default", Urgency.PROCESSING) as unit:
        await unit.swings.save("prom", {"a": FLAPS, "b\0": ENDED})
        await unit.swings.save("prom", {"a": ENDED})
        await unit.swings.save("prom", {})
        await unit.swings.save("other", {"a": FLAPS})
    async with store.read("default") as unit:
        assert await unit.swings.of("prom", {"a", "b\0", "c"}) == {"a": ENDED, "b\0": ENDED}
        assert await unit.swings.of("prom", ()) == {}
        assert await unit.swings.of("other", {"a"}) == {"a": FLAPS}


async def test_those_that_are_steady_are_found_by_source_and_forgotten(store: SqlStore) -> None:
    async with store.write("default", Urgency.PROCESSING) as unit:
        await unit.swings.save("prom", {"a": FLAPS, "b": ENDED})
        await unit.swings.save("other", {"a": FLAPS})
        assert await unit.swings.steady_sources(NOW) == ["prom"]
        assert await unit.swings.steady_sources(NOW + HOUR) == ["other", "prom"]
        assert list(await unit.swings.steady("prom", NOW + HOUR, limit=9)) == ["b", "a"]
        assert list(await unit.swings.steady("prom", NOW + HOUR, limit=1)) == ["b"]
        await unit.swings.forget("prom", ["a", "b"])
        assert await unit.swings.steady_sources(NOW + HOUR) == ["other"]
