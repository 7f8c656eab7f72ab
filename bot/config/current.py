"""The configuration now in force: loaded at start, replaced by a good reload, kept by a bad one."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

import structlog
from pydantic import SecretStr

from bot.clock import Clock
from bot.config.building import build, digest, person_entries, stored_body, with_accounts
from bot.config.file import ChatSection, File
from bot.config.heartbeats import HeartbeatKeys, heartbeat_keys
from bot.config.loading import Loaded, load_file
from bot.config.logins import Logins
from bot.config.problem import ConfigError, Problem, errors
from bot.config.secrets import Secrets
from bot.config.senders import Kinds
from bot.config.settings import Settings
from bot.config.sources import SourceKeys, mappings_of, source_keys
from bot.domain.organisation import Account, Organisation
from bot.operator import operator
from bot.ports.records import AuditEntry
from bot.ports.store import DEFAULT_TENANT, Conflict, Store, Urgency

log = structlog.get_logger()

_TRIES = 3
# Replicas that start together write the same people at the same time.


@dataclass(frozen=True, slots=True)
class InForce:
    """One whole configuration. `is_default`: there was no file. `warnings` are what its author should know.

    `built` is the organisation of the file alone; `organisation` has the accounts too that people linked themselves.
    """

    built: Organisation
    organisation: Organisation
    chat: ChatSection
    source_keys: SourceKeys
    mappings: Mapping[str, Mapping[str, str]]
    passwords: Mapping[str, SecretStr]
    heartbeat_keys: HeartbeatKeys
    warnings: tuple[Problem, ...] = ()
    is_default: bool = False


class Configuration:
    """Holds one immutable configuration at a time; ask for what you need each time anew, since a reload replaces it.

    Made by `load`, so that there always is one.
    """

    def __init__(
        self,
        settings: Settings,
        env: Mapping[str, str],
        store: Store,
        clock: Clock,
        *,
        kinds: Kinds | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> None:
        self.settings = settings
        self._env = dict(env)
        self._store = store
        self._clock = clock
        self._kinds = kinds
        self._tenant = tenant
        self._turn = asyncio.Lock()
        self._in_force: InForce | None = None

    @classmethod
    async def load(
        cls,
        settings: Settings,
        env: Mapping[str, str],
        store: Store,
        clock: Clock,
        *,
        kinds: Kinds | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Self:
        """Return the configuration as the file has it now, stored as a version. Raises `ConfigError`.

        `kinds` are the kinds of alert sources that Tocsin has; None: those of the file are not checked.
        """
        configuration = cls(settings, env, store, clock, kinds=kinds, tenant=tenant)
        problems = await configuration.reload()
        if errors(problems):
            raise ConfigError(problems)
        return configuration

    @property
    def in_force(self) -> InForce:
        """The configuration as a whole, for readers who need two parts of the same one."""
        assert self._in_force is not None, "a configuration is made by load()"
        return self._in_force

    @property
    def organisation(self) -> Organisation:
        """The organisation; its `version` names the stored version that decisions refer to."""
        return self.in_force.organisation

    @property
    def chat(self) -> ChatSection:
        """Where in the chats to speak."""
        return self.in_force.chat

    @property
    def source_keys(self) -> SourceKeys:
        """The alert sources and their keys."""
        return self.in_force.source_keys

    @property
    def mappings(self) -> Mapping[str, Mapping[str, str]]:
        """How sources whose bodies have any shape are read, by the kinds that they make."""
        return self.in_force.mappings

    @property
    def heartbeat_keys(self) -> HeartbeatKeys:
        """The keys of the heartbeats."""
        return self.in_force.heartbeat_keys

    @property
    def logins(self) -> Logins:
        """The passwords for the built-in pages; what is returned follows every reload."""
        return Logins(lambda: self.in_force.passwords)

    async def reload(self) -> tuple[Problem, ...]:
        """Load the file anew. With an error among the problems returned, what was in force stays in force.

        The environment is that of the start: a process can't be given a new one.
        """
        async with self._turn:
            loaded = await asyncio.to_thread(load_file, self.settings, self._env, self._kinds)
            problems = (*loaded.problems, *self._vanished(loaded))
            if errors(problems) or loaded.file is None or loaded.secrets is None:
                log.warning("configuration_refused", errors=len(errors(problems)))
                return problems
            try:
                await self._take(loaded.file, loaded.secrets, loaded)
            except (Conflict, ConnectionError):
                log.warning("configuration_not_stored")
                what = "it is right, but the database did not take it"
                return (*problems, Problem(str(self.settings.config_path), what, "try again in a moment"))
            return problems

    def _vanished(self, loaded: Loaded) -> tuple[Problem, ...]:
        """Complain of a file that was there at the last load: the default organisation must not take its place."""
        if not loaded.is_default or self._in_force is None or self._in_force.is_default:
            return ()
        return (Problem(str(self.settings.config_path), "the file is gone", "put it back, or start Tocsin anew"),)

    async def relink(self) -> None:
        """Make the organisation know the accounts that people have linked by now, here or by another replica."""
        async with self._turn:
            linked = await self._linked()
            before = self.in_force
            after = with_accounts(before.built, linked)
            if after.people != before.organisation.people:
                self._in_force = replace(before, organisation=after)

    async def _linked(self) -> Mapping[str, Sequence[Account]]:
        async with self._store.read(self._tenant) as unit:
            return await unit.people.linked()

    async def _take(self, file: File, secrets: Secrets, loaded: Loaded) -> None:
        ids, version = await self._stored(file)
        built = build(file, ids, version)
        self._in_force = InForce(
            built=built,
            organisation=with_accounts(built, await self._linked()),
            chat=file.chat,
            source_keys=source_keys(file, secrets, self.settings),
            mappings=mappings_of(file),
            passwords=secrets.logins,
            heartbeat_keys=heartbeat_keys(secrets),
            warnings=loaded.problems,
            is_default=loaded.is_default,
        )
        log.info("configuration_loaded", version=version, people=len(file.people), is_default=loaded.is_default)

    async def _stored(self, file: File) -> tuple[Mapping[str, str], str]:
        """Write people and version together; returns the ids of people by name, and the version's."""
        for _ in range(_TRIES - 1):
            with suppress(Conflict):
                return await self._store_once(file)
        return await self._store_once(file)

    async def _store_once(self, file: File) -> tuple[Mapping[str, str], str]:
        now = self._clock.now()
        async with self._store.write(self._tenant, Urgency.COMMAND) as unit:
            ids = await unit.people.sync(person_entries(file), now)
            body = stored_body(build(file, ids))
            version, before = await unit.configurations.keep(digest(body), body, now)
            if version != before:
                was = {"version": before} if before is not None else {}
                entry = AuditEntry(now, operator(), "", "Configure", "configuration", was, {"version": version})
                await unit.audit.add([entry])
        return ids, version
