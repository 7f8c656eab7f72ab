"""True fakes of what an adapter is given: its memory, the store of what it reports, and who is behind an account."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.clock import Clock
from bot.domain.organisation import Account, Organisation, Person
from bot.ports.chat import Update
from bot.ports.records import Lease


class FakeChatMemory:
    """Fulfils `ChatMemory`. `values` has everything by kind and key; values must be JSON, as in a database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.values: dict[tuple[str, str], tuple[Mapping[str, Any], datetime | None]] = {}

    async def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime | None = None) -> None:
        self.values[kind, key] = (json.loads(json.dumps(value)), expires_at)

    async def put_new(
        self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime | None = None
    ) -> bool:
        if await self.get(kind, key) is not None:
            return False
        await self.put(kind, key, value, expires_at=expires_at)
        return True

    async def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        value, expires_at = self.values.get((kind, key), (None, None))
        return None if expires_at is not None and expires_at <= self._clock.now() else value

    async def drop(self, kind: str, key: str) -> None:
        self.values.pop((kind, key), None)

    def of_kind(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """What is remembered of a kind, by key."""
        return {key: value for (each, key), (value, _) in self.values.items() if each == kind}


class FakeUpdates:
    """Fulfils the part of `Updates` that an adapter uses. `is_broken`: nothing can be stored now."""

    def __init__(self) -> None:
        self.taken: dict[str, Update] = {}
        self.is_broken = False

    @property
    def stored(self) -> list[Update]:
        """What was taken, in order."""
        return list(self.taken.values())

    async def take(self, updates: Sequence[Update]) -> int:
        if self.is_broken:
            raise ConnectionError("the database is away")
        new = {update.key: update for update in updates if update.key not in self.taken}
        self.taken |= new
        return len(new)

    async def pending(self, lease: Lease, *, limit: int) -> Sequence[Update]:
        raise NotImplementedError("an adapter asks for nothing here")

    async def finish(self, lease: Lease, update: Update, at: datetime, *, error: str | None = None) -> None:
        raise NotImplementedError("an adapter asks for nothing here")

    async def attempted(self, lease: Lease, update: Update) -> int:
        raise NotImplementedError("an adapter asks for nothing here")


class FakeLinking:
    """Fulfils `Linking` for an organisation; `linked` are the accounts that were joined by an address."""

    def __init__(self, org: Organisation) -> None:
        self._org = org
        self.linked: dict[Account, Person] = {}

    async def person_behind(self, account: Account) -> Person | None:
        return self._org.person_behind(account) or self.linked.get(account)

    async def by_email(self, account: Account, email: str) -> Person | None:
        found = [person for person in self._org.people if person.email == email]
        if len(found) == 1:
            self.linked[account] = found[0]
            return found[0]
        return None

    async def redeem(self, account: Account, token: str) -> Person | None:
        return None
