"""Which room belongs to which incident, in the database."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import RowMapping, delete, select, update

from bot.ports.chat import RoomRef
from bot.ports.records import RoomLink
from bot.ports.store import Conflict
from storage.tables import RoomLinkRow
from storage.work import Work

_ROOMS = RoomLinkRow.__table__


class SqlRooms:
    """See `bot.ports.store.Rooms`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def link(self, link: RoomLink) -> None:
        row = {
            "incident": link.incident,
            "chat": link.ref.chat,
            "workspace": link.ref.workspace,
            "room": link.ref.room,
            "thread": link.ref.thread,
            "name": link.name,
            "card_message": link.card_message,
            "card_hash": link.card_hash,
            "ends_told": link.ends_told,
        }
        if await self._work.put_new(_ROOMS, row):
            return
        there = await self.find(link.incident, link.ref.chat)
        if there is None:
            raise Conflict(f"the room {link.ref.room} belongs to another incident")
        if there.ref != link.ref:
            raise Conflict(f"the incident has another room in {link.ref.chat}: {there.ref.room}")

    async def of(self, incident_id: str) -> Sequence[RoomLink]:
        return (await self.of_many([incident_id])).get(incident_id, ())

    async def find(self, incident_id: str, chat: str) -> RoomLink | None:
        statement = select(_ROOMS).where(
            self._work.mine(_ROOMS), _ROOMS.c.incident == incident_id, _ROOMS.c.chat == chat
        )
        row = await self._work.row(statement)
        return None if row is None else _link(row)

    async def of_many(self, incident_ids: Collection[str]) -> Mapping[str, Sequence[RoomLink]]:
        if not incident_ids:
            return {}
        statement = (
            select(_ROOMS)
            .where(self._work.mine(_ROOMS), self._work.among(_ROOMS.c.incident, incident_ids))
            .order_by(_ROOMS.c.incident, _ROOMS.c.chat)
        )
        found: dict[str, list[RoomLink]] = {}
        for row in await self._work.rows(statement):
            found.setdefault(row["incident"], []).append(_link(row))
        return found

    async def set_card(self, incident_id: str, chat: str, message: str, card_hash: str) -> None:
        statement = update(_ROOMS).where(
            self._work.mine(_ROOMS), _ROOMS.c.incident == incident_id, _ROOMS.c.chat == chat
        )
        await self._work.change(statement, {"card_message": message, "card_hash": card_hash})

    async def set_ends_told(self, incident_id: str, chat: str, ends: int) -> None:
        statement = update(_ROOMS).where(
            self._work.mine(_ROOMS), _ROOMS.c.incident == incident_id, _ROOMS.c.chat == chat
        )
        await self._work.change(statement, {"ends_told": ends})

    async def unlink(self, ref: RoomRef) -> None:
        statement = delete(_ROOMS).where(
            self._work.mine(_ROOMS),
            _ROOMS.c.chat == ref.chat,
            _ROOMS.c.workspace == ref.workspace,
            _ROOMS.c.room == ref.room,
            _ROOMS.c.thread == ref.thread,
        )
        await self._work.change(statement)


def _link(row: RowMapping) -> RoomLink:
    return RoomLink(
        incident=row["incident"],
        ref=RoomRef(row["chat"], row["workspace"], row["room"], row["thread"]),
        name=row["name"],
        card_message=row["card_message"],
        card_hash=row["card_hash"],
        ends_told=row["ends_told"],
    )
