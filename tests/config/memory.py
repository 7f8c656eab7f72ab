"""As much of a store as a configuration needs: people and versions, written together or not at all."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from bot.domain.organisation import Account
from bot.ports.records import AuditEntry
from bot.ports.store import PersonEntry, Store, Unit, Urgency


class StandingClock:
    """A clock that shows one time."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Kept:
    """What is written: ids by name, entries, and versions by id."""

    ids: dict[str, str] = field(default_factory=dict)
    entries: tuple[PersonEntry, ...] = ()
    linked: dict[str, Sequence[Account]] = field(default_factory=dict)
    audit: tuple[AuditEntry, ...] = ()
    versions: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)


class MemoryStore:
    """Keeps what is committed; what stands in `refuses` is raised by the next commits."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.refuses: list[Exception] = []
        self.commits = 0

    def as_store(self) -> Store:
        return cast(Store, self)

    @asynccontextmanager
    async def write(self, tenant: str, urgency: Urgency) -> AsyncIterator[Unit]:
        draft = replace(self.kept, ids=dict(self.kept.ids), versions=dict(self.kept.versions))
        yield cast(Unit, MemoryUnit(draft))
        if self.refuses:
            raise self.refuses.pop()
        self.kept = draft
        self.commits += 1

    @asynccontextmanager
    async def read(self, tenant: str) -> AsyncIterator[Unit]:
        yield cast(Unit, MemoryUnit(self.kept))


class MemoryUnit:
    def __init__(self, draft: Kept) -> None:
        self.people = MemoryPeople(draft)
        self.configurations = MemoryConfigurations(draft)
        self.audit = MemoryAudit(draft)


class MemoryPeople:
    def __init__(self, draft: Kept) -> None:
        self._draft = draft

    async def sync(self, entries: Sequence[PersonEntry], at: datetime) -> Mapping[str, str]:
        self._draft.entries = tuple(entries)
        for entry in entries:
            self._draft.ids.setdefault(entry.name, f"id-{len(self._draft.ids) + 1}")
        return {entry.name: self._draft.ids[entry.name] for entry in entries}

    async def linked(self) -> Mapping[str, Sequence[Account]]:
        return self._draft.linked


class MemoryAudit:
    def __init__(self, draft: Kept) -> None:
        self._draft = draft

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        self._draft.audit += tuple(entries)


class MemoryConfigurations:
    def __init__(self, draft: Kept) -> None:
        self._draft = draft

    async def keep(self, digest: str, body: Mapping[str, Any], at: datetime) -> tuple[str, str | None]:
        versions = self._draft.versions
        before = list(versions)[-1] if versions else None
        if before is not None and versions[before][0] == digest:
            return before, before
        version = f"version-{len(versions) + 1}"
        versions[version] = (digest, body)
        return version, before
