"""Lines that people wrote, in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, update

from bot.ports.records import CommandReceipt
from storage.tables import CommandRow
from storage.tables.records import UNANSWERED
from storage.work import Work

_COMMANDS = CommandRow.__table__


class SqlCommands:
    """See `bot.ports.store.Commands`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def take(self, receipt: CommandReceipt) -> CommandReceipt | None:
        row = {
            "id": receipt.id,
            "chat": receipt.chat,
            "key": receipt.key,
            "line": receipt.line,
            "received_at": receipt.received_at,
            "answer": receipt.answer,
            "attempts": receipt.attempts,
        }
        if await self._work.put_new(_COMMANDS, row):
            return None
        there = await self._work.row(
            select(_COMMANDS).where(
                self._work.mine(_COMMANDS), _COMMANDS.c.chat == receipt.chat, _COMMANDS.c.key == receipt.key
            )
        )
        if there is None:
            raise LookupError(f"a line with the id {receipt.id} is there, but under another key than {receipt.key!r}")
        return _receipt(there)

    async def answered(self, receipt_id: str, answer: Mapping[str, Any]) -> None:
        statement = update(_COMMANDS).where(self._work.mine(_COMMANDS), _COMMANDS.c.id == receipt_id)
        await self._work.change(statement, {"answer": answer})

    async def attempted(self, receipt_id: str) -> None:
        statement = (
            update(_COMMANDS)
            .where(self._work.mine(_COMMANDS), _COMMANDS.c.id == receipt_id)
            .values(attempts=_COMMANDS.c.attempts + 1)
        )
        await self._work.change(statement)

    async def unanswered(self, before: datetime, *, limit: int = 50) -> Sequence[CommandReceipt]:
        statement = (
            select(_COMMANDS)
            .where(self._work.mine(_COMMANDS), UNANSWERED, _COMMANDS.c.received_at < before)
            .order_by(_COMMANDS.c.received_at, _COMMANDS.c.id)
            .limit(limit)
        )
        return [_receipt(row) for row in await self._work.rows(statement)]


def _receipt(row: RowMapping) -> CommandReceipt:
    return CommandReceipt(**row)
