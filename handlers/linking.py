"""Whose account is this: accounts of chats are joined to people, by a verified address or by a token used once."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from bot.domain.organisation import Account, Person
from bot.domain.timeline import Actor
from bot.ports.records import AuditEntry
from bot.ports.store import Unit, Urgency
from handlers.desk import Desk

log = structlog.get_logger(__name__)

TOKEN_LIFE: Final = timedelta(hours=1)
"""How long a token may wait: long enough to walk to the other device."""

TOKEN_BYTES: Final = 24
"""32 characters when written, for chats whose deep links take no more than 64."""


class AccountLinks:
    """See `bot.ports.chat.Linking`. `relink` makes the organisation in force know a new account."""

    def __init__(self, desk: Desk, relink: Callable[[], Awaitable[None]] | None = None) -> None:
        self._desk = desk
        self._relink = relink or _nothing

    async def person_behind(self, account: Account) -> Person | None:
        """Return whose account it is, also when another replica linked it a moment ago."""
        org = self._desk.organisation()
        if (known := org.person_behind(account)) is not None:
            return known
        async with self._desk.store.read(self._desk.tenant) as unit:
            person_id = await unit.people.behind(account)
        if person_id is None:
            return None
        await self._relink()
        return self._desk.organisation().person(person_id)

    async def by_email(self, account: Account, email: str) -> Person | None:
        """Link an account by the address that its chat has verified; None when nobody, or not one only, has it.

        An address vouches for somebody only where the configuration names no account of theirs in that chat.
        """
        wanted = email.strip().casefold()
        people = [person for person in self._desk.organisation().people if (person.email or "").casefold() == wanted]
        if not wanted or len(people) != 1:
            return None
        [person] = people
        if any(known.chat == account.chat for known in person.accounts):
            return None
        return await self._linked(account, person, "email")

    async def redeem(self, account: Account, token: str) -> Person | None:
        """Link an account by a token; None when the token is of no use, or the account is somebody else's already."""
        now = self._desk.now()
        async with self._desk.store.write(self._desk.tenant, Urgency.COMMAND) as unit:
            person_id = await unit.people.redeem(_hash(token), now)
            person = self._desk.organisation().person(person_id) if person_id is not None else None
            if person is None or not await self._note(unit, account, person, "token"):
                return None
        await self._relink()
        return self._desk.organisation().person(person.id)

    async def _linked(self, account: Account, person: Person, by: str) -> Person | None:
        async with self._desk.store.write(self._desk.tenant, Urgency.COMMAND) as unit:
            if not await self._note(unit, account, person, by):
                return None
        await self._relink()
        return self._desk.organisation().person(person.id)

    async def _note(self, unit: Unit, account: Account, person: Person, by: str) -> bool:
        now = self._desk.now()
        if not await unit.people.link(account, person.id, by, now):
            return await unit.people.behind(account) == person.id
        actor = str(Actor(person=person.id))
        after = {"chat": account.chat, "workspace": account.workspace, "user": account.user, "by": by}
        await unit.audit.add([AuditEntry(now, actor, "", "LinkAccount", f"person:{person.id}", after=after)])
        return True


async def offer(unit: Unit, desk: Desk, person: Person) -> str:
    """Return a new token by which this person may link one account; only its hash is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await unit.people.offer(_hash(token), person.id, desk.now() + TOKEN_LIFE)
    return token


async def _nothing() -> None:
    """Let the organisation be."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
