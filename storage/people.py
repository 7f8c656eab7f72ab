"""People and their accounts in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select, update

from bot.domain.organisation import Account
from bot.ids import new_id
from bot.ports.store import PersonEntry
from storage.tables import AccountRow, AccountTokenRow, PersonRow
from storage.work import Work

_PEOPLE = PersonRow.__table__
_ACCOUNTS = AccountRow.__table__
_TOKENS = AccountTokenRow.__table__

LINKED_BY_CONFIGURATION: Final = "configuration"


class SqlPeople:
    """See `bot.ports.store.People`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def sync(self, entries: Sequence[PersonEntry], at: datetime) -> Mapping[str, str]:
        # So that of replicas that start together all end up with the same ids.
        await self._work.alone()
        ids = await self._keep_people(entries, at)
        names = [entry.name for entry in entries]
        gone = self._work.mine(_PEOPLE) & _PEOPLE.c.name.not_in(names)
        leaving = select(_PEOPLE.c.id).where(gone)
        await self._work.change(delete(_ACCOUNTS).where(self._work.mine(_ACCOUNTS), _ACCOUNTS.c.person.in_(leaving)))
        await self._work.change(
            update(_PEOPLE).where(gone, _PEOPLE.c.access.is_not(None)), {"access": None, "left_at": at}
        )
        await self._keep_accounts(entries, ids, at)
        return ids

    async def names(self, ids: Collection[str]) -> Mapping[str, str]:
        if not ids:
            return {}
        statement = select(_PEOPLE.c.id, _PEOPLE.c.name).where(
            self._work.mine(_PEOPLE), self._work.among(_PEOPLE.c.id, ids)
        )
        return {row["id"]: row["name"] for row in await self._work.rows(statement)}

    async def behind(self, account: Account) -> str | None:
        row = await self._work.row(select(_ACCOUNTS.c.person).where(*self._this(account)))
        return None if row is None else str(row["person"])

    async def linked(self) -> Mapping[str, Sequence[Account]]:
        statement = (
            select(_ACCOUNTS)
            .where(self._work.mine(_ACCOUNTS), _ACCOUNTS.c.linked_by != LINKED_BY_CONFIGURATION)
            .order_by(_ACCOUNTS.c.linked_at, _ACCOUNTS.c.user_id)
        )
        found: dict[str, list[Account]] = {}
        for row in await self._work.rows(statement):
            account = Account(row["chat"], row["workspace"], row["user_id"])
            found.setdefault(row["person"], []).append(account)
        return found

    async def link(self, account: Account, person: str, by: str, at: datetime) -> bool:
        row = {
            "chat": account.chat,
            "workspace": account.workspace,
            "user_id": account.user,
            "person": person,
            "linked_by": by,
            "linked_at": at,
        }
        return await self._work.put_new(_ACCOUNTS, row)

    async def offer(self, token_hash: str, person: str, expires_at: datetime) -> None:
        row = {"token_hash": token_hash, "person": person, "expires_at": expires_at, "used_at": None}
        await self._work.put(_TOKENS, [row])

    async def redeem(self, token_hash: str, at: datetime) -> str | None:
        statement = (
            update(_TOKENS)
            .where(
                self._work.mine(_TOKENS),
                _TOKENS.c.token_hash == token_hash,
                _TOKENS.c.used_at.is_(None),
                _TOKENS.c.expires_at > at,
            )
            .values(used_at=at)
            .returning(_TOKENS.c.person)
        )
        row = await self._work.row(statement)
        return None if row is None else str(row["person"])

    def _this(self, account: Account) -> tuple[ColumnElement[bool], ...]:
        return (
            self._work.mine(_ACCOUNTS),
            _ACCOUNTS.c.chat == account.chat,
            _ACCOUNTS.c.workspace == account.workspace,
            _ACCOUNTS.c.user_id == account.user,
        )

    async def _keep_people(self, entries: Sequence[PersonEntry], at: datetime) -> dict[str, str]:
        statement = select(_PEOPLE.c.name, _PEOPLE.c.id, _PEOPLE.c.created_at).where(self._work.mine(_PEOPLE))
        known = {row["name"]: row for row in await self._work.rows(statement)}
        rows: list[dict[str, Any]] = []
        for entry in entries:
            before = known.get(entry.name)
            rows.append(
                {
                    "id": before["id"] if before is not None else new_id(at),
                    "name": entry.name,
                    "email": entry.email,
                    "timezone": entry.timezone,
                    "language": entry.language,
                    "access": int(entry.access),
                    "created_at": before["created_at"] if before is not None else at,
                    "left_at": None,
                }
            )
        await self._work.put_over(_PEOPLE, ["id"], rows)
        return {row["name"]: row["id"] for row in rows}

    async def _keep_accounts(self, entries: Sequence[PersonEntry], ids: Mapping[str, str], at: datetime) -> None:
        # Accounts that people linked themselves stay; a configured one wins over whoever had it.
        configured = _ACCOUNTS.c.linked_by == LINKED_BY_CONFIGURATION
        await self._work.change(delete(_ACCOUNTS).where(self._work.mine(_ACCOUNTS), configured))
        rows = [
            {
                "chat": account.chat,
                "workspace": account.workspace,
                "user_id": account.user,
                "person": ids[entry.name],
                "linked_by": LINKED_BY_CONFIGURATION,
                "linked_at": at,
            }
            for entry in entries
            for account in entry.accounts
        ]
        await self._work.put_over(_ACCOUNTS, ["chat", "workspace", "user_id"], rows)
