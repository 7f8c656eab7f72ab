"""True fakes of what an adapter is given: its memory, the store of what it reports, and who is behind an account."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.clock import Clock
from bot.domain.organisation import Account, Organisation, Person
from bot.ports.chat_updates import Update


class FakeChatMemory:
    """Fulfils `ChatMemory` in memory. Values must be JSON, as in a database. `is_broken`: nothing can be read."""

    def __init__(self, clock: Clock) -> None:
        self.is_broken = False
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[Mapping[str, Any], datetime | None]] = {}

    async def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime | None = None) -> None:
        self._kept[kind, key] = (json.loads(json.dumps(value)), expires_at)

    async def put_new(
        self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime | None = None
    ) -> bool:
        if await self.get(kind, key) is not None:
            return False
        await self.put(kind, key, value, expires_at=expires_at)
        return True

    async def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        if self.is_broken:
            raise ConnectionError("the database is away")
        value, expires_at = self._kept.get((kind, key), (None, None))
        return None if expires_at is not None and expires_at <= self._clock.now() else value

    async def drop(self, kind: str, key: str) -> None:
        self._kept.pop((kind, key), None)

    def of_kind(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """What is remembered of a kind, by key."""
        return {key: value for (each, key), (value, _) in self._kept.items() if each == kind}


class FakeUpdates:
    """Fulfils `TakesUpdates` in memory; `stored` tells a test what is kept. `is_broken`: nothing can be stored."""

    def __init__(self) -> None:
        self.stored: list[Update] = []
        self.is_broken = False

    async def take(self, updates: Sequence[Update]) -> None:
        if self.is_broken:
            raise ConnectionError("the database is away")
        known = {update.key for update in self.stored}
        self.stored.extend(update for update in updates if update.key not in known)


class FakeLinking:
    """Fulfils `Linking` for an organisation.

    `linked` are the accounts that were joined by an address or a token; `tokens` are those that nobody has used yet.
    """

    def __init__(self, org: Organisation) -> None:
        self._org = org
        self.linked: dict[Account, Person] = {}
        self.tokens: dict[str, Person] = {}

    async def person_behind(self, account: Account) -> Person | None:
        return self._org.person_behind(account) or self.linked.get(account)

    async def by_email(self, account: Account, email: str) -> Person | None:
        found = [person for person in self._org.people if person.email == email]
        if len(found) == 1:
            self.linked[account] = found[0]
            return found[0]
        return None

    async def redeem(self, account: Account, token: str) -> Person | None:
        person = self.tokens.pop(token, None)
        if person is not None:
            self.linked[account] = person
        return person
