"""Incidents in the database, each read on behalf of a viewer."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    TextClause,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    true,
    update,
)

from bot.domain.access import Access, Role, Viewer, Visibility
from bot.domain.incident import (
    OPEN_STATUSES,
    AlertTally,
    Dependant,
    Escalation,
    EscalationState,
    Incident,
    Kind,
    Status,
)
from bot.domain.severity import Severity
from bot.ports.chat import RoomRef
from bot.ports.records import Window
from bot.ports.store import Conflict
from storage.cursors import bounded, read_cursor, window
from storage.tables import CounterRow, IncidentRow, ParticipantRow, RoomLinkRow
from storage.tables.incidents import OPEN, RESOLVED
from storage.tallies import write_tallies
from storage.work import Work, among_given

INCIDENTS = IncidentRow.__table__
_PARTICIPANTS = ParticipantRow.__table__
_COUNTERS = CounterRow.__table__
_ROOMS = RoomLinkRow.__table__


class SqlIncidents:
    """See `bot.ports.store.Incidents`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        # Who took part when this unit read or wrote the incident, so that most saves need not ask again.
        self._known: dict[str, tuple[str, ...]] = {}

    async def next_number(self) -> int:
        statement = self._work.insert(_COUNTERS).on_conflict_do_update(
            index_elements=["tenant", "name"], set_={"value": _COUNTERS.c.value + 1}
        )
        first = {"tenant": self._work.tenant, "name": "incident", "value": 1}
        number: int = (await self._work.connection.execute(statement.returning(_COUNTERS.c.value), first)).scalar_one()
        return number

    async def add(self, incident: Incident) -> Incident:
        stored = replace(incident, version=1)
        if not await self._work.put_new(INCIDENTS, _values(stored)):
            raise Conflict(f"incident {incident.number} or its open group is there already")
        self._known[stored.id] = ()
        await self._keep_participants(stored)
        return stored

    async def save(self, incident: Incident) -> Incident:
        stored = replace(incident, version=incident.version + 1)
        statement = update(INCIDENTS).where(
            self._work.mine(INCIDENTS), INCIDENTS.c.id == incident.id, INCIDENTS.c.version == incident.version
        )
        if await self._work.change(statement, _values(stored)) != 1:
            raise Conflict(f"incident {incident.number} is no longer at version {incident.version}")
        await self._keep_participants(stored)
        return stored

    async def tally(self, incidents: Sequence[Incident]) -> None:
        if not incidents:
            return
        changed = await write_tallies(self._work, incidents)
        if changed != len(incidents):
            raise Conflict("one of these incidents was changed meanwhile")

    async def get(self, incident_id: str, viewer: Viewer) -> Incident | None:
        return await self._one(INCIDENTS.c.id == incident_id, viewer)

    async def by_number(self, number: int, viewer: Viewer) -> Incident | None:
        if not 0 < number < 1 << 63:
            return None
        return await self._one(INCIDENTS.c.number == number, viewer)

    async def in_room(self, room: RoomRef, viewer: Viewer) -> Incident | None:
        linked = select(_ROOMS.c.incident).where(
            self._work.mine(_ROOMS),
            _ROOMS.c.chat == room.chat,
            _ROOMS.c.workspace == room.workspace,
            _ROOMS.c.room == room.room,
            _ROOMS.c.thread == room.thread,
        )
        return await self._one(INCIDENTS.c.id == linked.scalar_subquery(), viewer)

    async def many(self, incident_ids: Collection[str]) -> Mapping[str, Incident]:
        if not incident_ids:
            return {}
        found = await self._read_among(_by_id, incident_ids)
        return {incident.id: incident for incident in found}

    async def joinable(self, group_keys: Collection[str], resolved_since: datetime) -> Mapping[str, Incident]:
        if not group_keys:
            return {}
        still_open = await self._read_among(_open_of_groups, group_keys)
        found = {incident.group_key: incident for incident in still_open if incident.group_key is not None}
        missing = [key for key in group_keys if key not in found]
        if missing:
            resolved = await self._read_among(_resolved_of_groups, missing, since=resolved_since)
            for incident in sorted(resolved, key=lambda incident: incident.number):
                assert incident.group_key is not None
                found[incident.group_key] = incident
        return found

    async def broken(self, services: Collection[str]) -> Sequence[Incident]:
        found = await self._read_among(_broken_among, services) if services else ()
        return sorted(found, key=lambda incident: incident.number)

    async def open_ids(self) -> Sequence[str]:
        statement = select(INCIDENTS.c.id).where(self._work.mine(INCIDENTS), OPEN).order_by(INCIDENTS.c.number)
        return list((await self._work.connection.execute(statement)).scalars())

    async def window(
        self, statuses: Collection[Status], viewer: Viewer, *, cursor: str | None = None, limit: int = 100
    ) -> Window[Incident]:
        before = read_cursor(cursor, int)
        statement = (
            select(INCIDENTS)
            .where(
                self._work.mine(INCIDENTS),
                INCIDENTS.c.status.in_([status.value for status in statuses]),
                OPEN if OPEN_STATUSES.issuperset(statuses) else true(),
                INCIDENTS.c.number < before if before is not None else true(),
                visible_to(viewer),
            )
            .order_by(INCIDENTS.c.number.desc())
            .limit(bounded(limit) + 1)
        )
        rows = await self._work.rows(statement)
        people = await self._participants([row["id"] for row in rows])
        return window(rows, limit, lambda row: _incident(row, people.get(row["id"], ())), "number")

    async def _one(self, condition: ColumnElement[bool], viewer: Viewer) -> Incident | None:
        found = await self._read(condition, viewer)
        return found[0] if found else None

    async def _read(self, condition: ColumnElement[bool], viewer: Viewer) -> Sequence[Incident]:
        statement = select(INCIDENTS).where(self._work.mine(INCIDENTS), condition, visible_to(viewer))
        return await self._whole(await self._work.rows(statement))

    async def _read_among(
        self, statement: Callable[[bool], Select[Any]], values: Collection[str], **others: Any
    ) -> Sequence[Incident]:
        given = {"tenant": self._work.tenant, "asked": self._work.listed(values), **others}
        return await self._whole(await self._work.rows(statement(self._work.is_sqlite), given))

    async def _whole(self, rows: Sequence[RowMapping]) -> Sequence[Incident]:
        people = await self._participants([row["id"] for row in rows])
        return [_incident(row, people.get(row["id"], ())) for row in rows]

    async def _participants(self, incident_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return who takes part in these incidents, in the order of joining; and remember it."""
        if not incident_ids:
            return {}
        given = {"tenant": self._work.tenant, "asked": self._work.listed(incident_ids)}
        listed: dict[str, list[str]] = {incident_id: [] for incident_id in incident_ids}
        for row in await self._work.rows(_taking_part(self._work.is_sqlite), given):
            listed[row["incident"]].append(row["person"])
        found = {incident_id: tuple(people) for incident_id, people in listed.items()}
        self._known.update(found)
        return found

    async def _keep_participants(self, incident: Incident) -> None:
        before = self._known.get(incident.id)
        if before is None:
            before = (await self._participants([incident.id]))[incident.id]
        people = tuple(dict.fromkeys(incident.participants))
        if people == before:
            return
        if set(before) - set(people):
            gone = delete(_PARTICIPANTS).where(
                self._work.mine(_PARTICIPANTS),
                _PARTICIPANTS.c.incident == incident.id,
                _PARTICIPANTS.c.person.not_in(people),
            )
            await self._work.change(gone)
        rows = [{"incident": incident.id, "person": person, "position": at} for at, person in enumerate(people)]
        changed = [row for at, row in enumerate(rows) if before[at : at + 1] != (row["person"],)]
        await self._work.put_over(_PARTICIPANTS, ["incident", "person"], changed)
        self._known[incident.id] = people


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that an incident is shown to this viewer, as `Viewer.may_see` says it."""
    if viewer.access is Access.ADMIN:
        return true()
    is_open = INCIDENTS.c.visibility == Visibility.OPEN.value
    if viewer.person is None:
        return is_open
    takes_part = exists().where(
        _PARTICIPANTS.c.tenant == INCIDENTS.c.tenant,
        _PARTICIPANTS.c.incident == INCIDENTS.c.id,
        _PARTICIPANTS.c.person == viewer.person,
    )
    return or_(is_open, takes_part)


# Statements of intake, each made once.


@cache
def _by_id(is_sqlite: bool) -> Select[Any]:  # noqa: FBT001 - a key of the cache
    return _among_mine(among_given(INCIDENTS.c.id, "asked", is_sqlite=is_sqlite))


@cache
def _open_of_groups(is_sqlite: bool) -> Select[Any]:  # noqa: FBT001
    return _among_mine(OPEN, among_given(INCIDENTS.c.group_key, "asked", is_sqlite=is_sqlite))


@cache
def _resolved_of_groups(is_sqlite: bool) -> Select[Any]:  # noqa: FBT001
    of_groups = among_given(INCIDENTS.c.group_key, "asked", is_sqlite=is_sqlite)
    return _among_mine(RESOLVED, of_groups, INCIDENTS.c.resolved_at >= bindparam("since"))


@cache
def _broken_among(is_sqlite: bool) -> Select[Any]:  # noqa: FBT001
    of_services = among_given(INCIDENTS.c.service, "asked", is_sqlite=is_sqlite)
    is_firing = INCIDENTS.c.alerts_firing > 0
    for_all = and_(INCIDENTS.c.visibility == Visibility.OPEN.value, INCIDENTS.c.kind == Kind.REAL.value)
    return _among_mine(OPEN, of_services, is_firing, for_all)


def _among_mine(*conditions: ColumnElement[bool] | TextClause) -> Select[Any]:
    return select(INCIDENTS).where(INCIDENTS.c.tenant == bindparam("tenant"), *conditions)


@cache
def _taking_part(is_sqlite: bool) -> Select[Any]:  # noqa: FBT001
    return (
        select(_PARTICIPANTS.c.incident, _PARTICIPANTS.c.person)
        .where(
            _PARTICIPANTS.c.tenant == bindparam("tenant"),
            among_given(_PARTICIPANTS.c.incident, "asked", is_sqlite=is_sqlite),
        )
        .order_by(_PARTICIPANTS.c.incident, _PARTICIPANTS.c.position)
    )


_PLAIN = (
    *("id", "number", "title", "opened_at", "service", "team", "group_key", "rule", "runbook", "opened_by"),
    *("acknowledged_at", "acknowledged_by", "mitigated_at", "resolved_at", "closed_at"),
    *("quiet_at", "update_due_at", "commander_due_at", "quiet_due_at", "configuration", "version"),
)
"""The fields that a row holds as the incident does."""


def _values(incident: Incident) -> dict[str, Any]:
    return {
        **{name: getattr(incident, name) for name in _PLAIN},
        "severity": int(incident.severity),
        "status": incident.status.value,
        "kind": incident.kind.value,
        "visibility": incident.visibility.value,
        "roles": [[role.value, person] for role, person in incident.roles],
        "dependants": [[one.service, one.ref] for one in incident.dependants] or None,
        "rings": [at.isoformat() for at in incident.rings] or None,
        "alerts_total": incident.alerts.total,
        "alerts_firing": incident.alerts.firing,
        "alerts_worst": incident.alerts.worst,
        "escalation_state": incident.escalation.state.value,
        "escalation_policy": incident.escalation.policy,
        "escalation_sent": incident.escalation.sent,
        "escalation_due_at": incident.escalation.due_at,
        "escalation_episode": incident.escalation.episode,
    }


def _incident(row: RowMapping, participants: tuple[str, ...]) -> Incident:
    return Incident(
        **{name: row[name] for name in _PLAIN},
        severity=Severity(row["severity"]),
        status=Status(row["status"]),
        kind=Kind(row["kind"]),
        visibility=Visibility(row["visibility"]),
        roles=tuple((Role(role), person) for role, person in row["roles"]),
        participants=participants,
        dependants=tuple(Dependant(service, ref) for service, ref in row["dependants"] or ()),
        rings=tuple(datetime.fromisoformat(at) for at in row["rings"] or ()),
        alerts=AlertTally(row["alerts_total"], row["alerts_firing"], _severity(row["alerts_worst"])),
        escalation=Escalation(
            state=EscalationState(row["escalation_state"]),
            policy=row["escalation_policy"],
            sent=row["escalation_sent"],
            due_at=row["escalation_due_at"],
            episode=row["escalation_episode"],
        ),
    )


def _severity(value: int | None) -> Severity | None:
    return Severity(value) if value is not None else None
