"""Postmortems in the database: the script of each, and every version of every answer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import RowMapping, select, update

from bot.domain.postmortem import Answer, Postmortem, State
from bot.domain.postmortem_script import Script, script_from_plain, script_to_plain
from bot.ports.store import Conflict
from storage.tables import AnswerRow, PostmortemRow, ScriptRow
from storage.work import Work

_POSTMORTEMS = PostmortemRow.__table__
_ANSWERS = AnswerRow.__table__
_SCRIPTS = ScriptRow.__table__

_PLAIN: Final = (
    *("id", "incident", "script", "opened_at", "owner", "current", "is_paused", "opened_by", "finished_at"),
    *("waived_by", "waived_reason", "version"),
)
"""The fields that a row holds as the postmortem does."""

_ANSWERED: Final = ("id", "postmortem", "question", "account", "item", "number", "person", "text", "skipped", "at")


class SqlPostmortems:
    """See `bot.ports.postmortems.Postmortems`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def open(self, postmortem: Postmortem, script: Script) -> Postmortem:
        kept = {"digest": script.digest, "body": script_to_plain(script), "created_at": postmortem.opened_at}
        await self._work.put_missing(_SCRIPTS, [kept])
        stored = replace(postmortem, version=1)
        if not await self._work.put_new(_POSTMORTEMS, _values(stored)):
            raise Conflict(f"the incident {postmortem.incident} has a postmortem already")
        return stored

    async def save(self, postmortem: Postmortem) -> Postmortem:
        stored = replace(postmortem, version=postmortem.version + 1)
        statement = update(_POSTMORTEMS).where(
            self._work.mine(_POSTMORTEMS),
            _POSTMORTEMS.c.id == postmortem.id,
            _POSTMORTEMS.c.version == postmortem.version,
        )
        if await self._work.change(statement, _values(stored)) != 1:
            raise Conflict(f"the postmortem {postmortem.id} is no longer at version {postmortem.version}")
        return stored

    async def of(self, incident_id: str) -> Postmortem | None:
        statement = select(_POSTMORTEMS).where(self._work.mine(_POSTMORTEMS), _POSTMORTEMS.c.incident == incident_id)
        row = await self._work.row(statement)
        return None if row is None else _postmortem(row)

    async def script(self, digest: str) -> Script:
        statement = select(_SCRIPTS.c.body).where(self._work.mine(_SCRIPTS), _SCRIPTS.c.digest == digest)
        row = await self._work.row(statement)
        if row is None:
            raise LookupError(f"there is no script {digest}")
        return script_from_plain(row["body"])

    async def add(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            row = {**{name: getattr(answer, name) for name in _ANSWERED}, "parts": list(answer.parts)}
            if not await self._work.put_new(_ANSWERS, row):
                raise Conflict(f"the question {answer.question} was answered meanwhile")

    async def answers(self, postmortem_id: str) -> Sequence[Answer]:
        statement = (
            select(_ANSWERS)
            .where(self._work.mine(_ANSWERS), _ANSWERS.c.postmortem == postmortem_id)
            .order_by(_ANSWERS.c.seq)
        )
        return [_answer(row) for row in await self._work.rows(statement)]


def _values(postmortem: Postmortem) -> dict[str, Any]:
    return {**{name: getattr(postmortem, name) for name in _PLAIN}, "state": postmortem.state.value}


def _postmortem(row: RowMapping) -> Postmortem:
    return Postmortem(**{name: row[name] for name in _PLAIN}, state=State(row["state"]))


def _answer(row: RowMapping) -> Answer:
    return Answer(**{name: row[name] for name in _ANSWERED}, parts=tuple(row["parts"]))
