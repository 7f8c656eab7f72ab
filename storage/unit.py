"""The unit of work: every repository on one transaction of one tenant."""

from typing import Final

from sqlalchemy import bindparam, select

from bot.ports.changes import Changes
from bot.ports.heartbeats import Heartbeats
from bot.ports.history import History
from bot.ports.hushing import Inhibitors, Silences
from bot.ports.postmortems import Postmortems
from bot.ports.records import Lease
from bot.ports.store import (
    Alerts,
    Audit,
    Commands,
    Configurations,
    Deliveries,
    Followups,
    Incidents,
    LeaseLost,
    Outbox,
    Pages,
    People,
    Rooms,
    Timeline,
    Timers,
)
from bot.ports.storms import Storms
from bot.ports.swings import Swings
from storage.alerts import SqlAlerts
from storage.audit import SqlAudit
from storage.changes import SqlChanges
from storage.commands import SqlCommands
from storage.configurations import SqlConfigurations
from storage.deliveries import SqlDeliveries
from storage.followups import SqlFollowups
from storage.heartbeats import SqlHeartbeats
from storage.history import SqlHistory
from storage.hushing import SqlInhibitors, SqlSilences
from storage.incidents import SqlIncidents
from storage.outbox import SqlOutbox
from storage.pages import SqlPages
from storage.people import SqlPeople
from storage.postmortems import SqlPostmortems
from storage.rooms import SqlRooms
from storage.storms import SqlStorms
from storage.swings import SqlSwings
from storage.tables import LeaseRow
from storage.timeline import SqlTimeline
from storage.timers import SqlTimers
from storage.work import Work

_LEASES = LeaseRow.__table__
_TOKEN: Final = (
    select(_LEASES.c.token)
    .where(
        _LEASES.c.tenant == bindparam("tenant"),
        _LEASES.c.kind == bindparam("kind"),
        _LEASES.c.lane == bindparam("lane"),
    )
    .with_for_update()
)


class SqlUnit:
    """See `bot.ports.store.Unit`."""

    def __init__(self, work: Work) -> None:
        self.tenant = work.tenant
        self.incidents: Incidents = SqlIncidents(work)
        self.alerts: Alerts = SqlAlerts(work)
        self.changes: Changes = SqlChanges(work)
        self.heartbeats: Heartbeats = SqlHeartbeats(work)
        self.swings: Swings = SqlSwings(work)
        self.timeline: Timeline = SqlTimeline(work)
        self.pages: Pages = SqlPages(work)
        self.followups: Followups = SqlFollowups(work)
        self.postmortems: Postmortems = SqlPostmortems(work)
        self.storms: Storms = SqlStorms(work)
        self.rooms: Rooms = SqlRooms(work)
        self.outbox: Outbox = SqlOutbox(work)
        self.timers: Timers = SqlTimers(work)
        self.audit: Audit = SqlAudit(work)
        self.commands: Commands = SqlCommands(work)
        self.people: People = SqlPeople(work)
        self.configurations: Configurations = SqlConfigurations(work)
        self.deliveries: Deliveries = SqlDeliveries(work)
        self.history: History = SqlHistory(work)
        self.silences: Silences = SqlSilences(work)
        self.inhibitors: Inhibitors = SqlInhibitors(work)


async def hold_lane(work: Work, lease: Lease) -> None:
    """Keep the lane from being taken over until the commit; raises `LeaseLost` when it was already.

    A lease that has run out but that nobody took is still ours: the row is locked, so nobody can take it now.
    """
    row = await work.row(_TOKEN, {"tenant": work.tenant, "kind": lease.kind.value, "lane": lease.lane})
    if lease.tenant != work.tenant or row is None or row["token"] != lease.token:
        raise LeaseLost(f"the lane {lease.kind.value}:{lease.lane} is no longer held under this lease")
