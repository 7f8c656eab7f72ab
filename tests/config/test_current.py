"""The configuration in force: stored as a version, replaced by a good reload, kept by a bad one."""

# ruff: noqa: ASYNC240 - writing a small file between two awaits holds nobody up here

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.config.current import Configuration
from bot.config.problem import ConfigError
from bot.config.settings import Settings
from bot.operator import operator
from bot.ports.store import Conflict, Urgency
from storage.migrate import migrate
from storage.store import open_store
from tests.config.files import CHATS, ENVIRONMENT, RIGHT
from tests.config.memory import MemoryStore, StandingClock

KINDS = {"alertmanager": ()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.yaml"
    path.write_text(RIGHT)
    return path


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def loaded(path: Path, store: MemoryStore, env: dict[str, str] | None = None) -> Configuration:
    given = {**ENVIRONMENT, "TOCSIN_CONFIG": str(path), **(env or {})}
    settings = Settings.from_environment(given, CHATS)
    return await Configuration.load(settings, given, store.as_store(), StandingClock(), kinds=KINDS)


async def test_a_configuration_is_stored_and_carries_its_version(path: Path, store: MemoryStore) -> None:
    configuration = await loaded(path, store)
    organisation = configuration.organisation
    assert organisation.version == "version-1"
    assert list(store.kept.versions) == ["version-1"]
    assert [entry.name for entry in store.kept.entries] == ["amira", "omar"]
    assert {person.name: person.id for person in organisation.people} == store.kept.ids
    assert configuration.source_keys.find("prom", ENVIRONMENT["PROM_KEY"]) is not None
    assert dict(configuration.logins) == {"amira": ENVIRONMENT["AMIRA_PASSWORD"]}
    assert ENVIRONMENT["AMIRA_PASSWORD"] not in repr(configuration.logins)


async def test_who_runs_tocsin_has_changed_its_configuration_and_the_audit_names_both_versions(
    path: Path, store: MemoryStore
) -> None:
    configuration = await loaded(path, store)
    await configuration.reload()
    path.write_text(RIGHT.replace("repeat: 2", "repeat: 3"))
    await configuration.reload()
    path.write_text("people: [")
    await configuration.reload()
    entries = [(entry.actor, entry.action, entry.before, entry.after) for entry in store.kept.audit]
    assert entries == [
        (operator(), "Configure", {}, {"version": "version-1"}),
        (operator(), "Configure", {"version": "version-1"}, {"version": "version-2"}),
    ]


async def test_a_good_reload_takes_over_everything_at_once(path: Path, store: MemoryStore) -> None:
    configuration = await loaded(path, store)
    before, logins = configuration.organisation, configuration.logins
    path.write_text(RIGHT.replace("repeat: 2", "repeat: 3").replace(', login: "env:AMIRA_PASSWORD"', ""))
    assert await configuration.reload() == ()
    policy = configuration.organisation.policy("ml-oncall")
    assert policy is not None
    assert policy.repeat == 3
    assert configuration.organisation.version == "version-2"
    assert before.version == "version-1"
    assert dict(logins) == {}


async def test_a_reload_that_changes_nothing_keeps_the_version(path: Path, store: MemoryStore) -> None:
    configuration = await loaded(path, store)
    path.write_text(f"# a comment\n{RIGHT}")
    assert await configuration.reload() == ()
    assert configuration.organisation.version == "version-1"


@pytest.mark.parametrize("text", ["people: [", "people: [{name: me, acess: admin}]", RIGHT.replace("[amira,", "[zoe,")])
async def test_a_bad_reload_keeps_the_old_one_and_says_why(path: Path, store: MemoryStore, text: str) -> None:
    configuration = await loaded(path, store)
    before, kept = configuration.in_force, store.kept
    path.write_text(text)
    assert any(not problem.is_warning for problem in await configuration.reload())
    assert configuration.in_force is before
    assert store.kept is kept


async def test_a_reload_after_the_file_is_gone_keeps_the_old_one(
    path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    settings = Settings.from_environment({}, CHATS)
    configuration = await Configuration.load(settings, ENVIRONMENT, store.as_store(), StandingClock(), kinds=KINDS)
    before = configuration.in_force
    path.unlink()
    (problem,) = await configuration.reload()
    assert str(problem) == "tocsin.yaml: the file is gone; put it back, or start Tocsin anew"
    assert configuration.in_force is before


async def test_a_file_that_appears_takes_the_place_of_the_default_organisation(
    path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    path.rename("later.yaml")
    settings = Settings.from_environment({}, CHATS)
    configuration = await Configuration.load(settings, ENVIRONMENT, store.as_store(), StandingClock(), kinds=KINDS)
    assert [person.name for person in configuration.organisation.people] == ["me"]
    assert await configuration.reload() == ()
    Path("later.yaml").rename("tocsin.yaml")
    assert await configuration.reload() == ()
    assert configuration.organisation.name == "Acme AI"


async def test_a_file_that_was_named_has_to_be_there(path: Path, store: MemoryStore) -> None:
    path.unlink()
    with pytest.raises(ConfigError, match="it can't be read: No such file or directory"):
        await loaded(path, store)


async def test_a_start_without_what_others_would_need_is_refused(path: Path, store: MemoryStore) -> None:
    with pytest.raises(ConfigError, match="TOCSIN_API_TOKEN: it is not set") as caught:
        await loaded(path, store, {"TOCSIN_LISTEN": "0.0.0.0:8080"})
    assert "TOCSIN_SECRET_KEY" in str(caught.value)
    assert store.commits == 0


async def test_a_reload_can_not_take_the_last_login_away_where_others_reach_tocsin(
    path: Path, store: MemoryStore
) -> None:
    key = "a-key-of-more-than-32-characters-in-all"
    env = {"TOCSIN_PUBLIC_URL": "https://a.example", "TOCSIN_API_TOKEN": key, "TOCSIN_SECRET_KEY": key}
    configuration = await loaded(path, store, env)
    path.write_text(RIGHT.replace(', login: "env:AMIRA_PASSWORD"', ""))
    (problem,) = await configuration.reload()
    assert "nobody has a login" in problem.what
    assert set(configuration.logins) == {"amira"}


async def test_a_configuration_that_can_not_be_stored_does_not_come_into_force(path: Path, store: MemoryStore) -> None:
    configuration = await loaded(path, store)
    before = configuration.in_force
    path.write_text(RIGHT.replace("repeat: 2", "repeat: 3"))
    store.refuses = [ConnectionError("the database is gone")]
    (problem,) = await configuration.reload()
    assert "the database did not take it" in problem.what
    assert configuration.in_force is before
    assert list(store.kept.versions) == ["version-1"]


async def test_two_replicas_that_start_together_do_not_stop_one_another(path: Path, store: MemoryStore) -> None:
    store.refuses = [Conflict(), Conflict()]
    assert (await loaded(path, store)).organisation.version == "version-1"


async def test_reloads_go_one_after_the_other(path: Path, store: MemoryStore) -> None:
    configuration = await loaded(path, store)
    path.write_text(RIGHT.replace("repeat: 2", "repeat: 3"))
    assert await asyncio.gather(*(configuration.reload() for _ in range(5))) == [()] * 5
    assert list(store.kept.versions) == ["version-1", "version-2"]


async def test_people_keep_their_ids_in_a_real_database_over_starts_and_renamed_secrets(path: Path) -> None:
    url = f"sqlite:///{path.parent / 'tocsin.sqlite3'}"
    async with on_disk(url, path) as first:
        organisation = first.organisation
    path.write_text(RIGHT.replace("U01AAA", "U09ZZZ").replace("amira@", "a.m@"))
    async with on_disk(url, path) as second:
        again = second.organisation
        assert [person.id for person in again.people] == [person.id for person in organisation.people]
        assert again.people[0].email == "a.m@acme.example"
        assert again.version == organisation.version, "a version names nobody, so an address changes none"
        path.write_text(RIGHT.replace("[amira, omar], lead: omar", "[omar]"))
        assert await second.reload() == ()
        assert second.organisation.version != again.version


@asynccontextmanager
async def on_disk(url: str, path: Path) -> AsyncIterator[Configuration]:
    """Load a file with a real SQLite database."""
    await migrate(url)
    clock = StandingClock()
    store = await open_store(url, clock, lambda _topics: None)
    try:
        settings = Settings.from_environment({"TOCSIN_CONFIG": str(path)}, CHATS)
        yield await Configuration.load(settings, ENVIRONMENT, store, clock, kinds=KINDS)
        async with store.write("default", Urgency.COMMAND) as unit:
            assert unit.tenant == "default"
    finally:
        await store.close()
