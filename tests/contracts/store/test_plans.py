"""What is asked often goes by an index, however long the history: SQLite's plans are the same on an empty database."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from bot.domain.access import ANYONE, SYSTEM, Access, Viewer
from bot.domain.alert import AlertState
from bot.domain.incident import OPEN_STATUSES
from bot.ports.chat import RoomRef
from bot.ports.records import DeliveryState
from bot.ports.store import LeaseLost, Unit, Urgency
from storage.store import SqlStore, open_store
from tests.builders import NOW
from tests.contracts.conftest import SystemClock
from tests.records import a_room_link

OMAR = Viewer("p-omar", Access.RESPONDER)
FIRING = [AlertState.FIRING, AlertState.SUPPRESSED]

ASKED: dict[str, tuple[Callable[[Unit], Awaitable[object]], set[str]]] = {
    "live alerts": (lambda unit: unit.alerts.live("prom", ["f"]), {"ux_alerts_live"}),
    "reports since": (
        lambda unit: unit.alerts.reported_since("prom", ["f"], NOW),
        {"ux_alerts_live", "ix_alerts_ended"},
    ),
    "firing alerts": (lambda unit: unit.alerts.window(FIRING, OMAR), {"ix_alerts_live"}),
    "keys of held alerts": (lambda unit: unit.alerts.held(), {"ix_alerts_held"}),
    "counts of held alerts": (lambda unit: unit.alerts.held_count(["silence:1"]), {"ix_alerts_held"}),
    "held alerts": (lambda unit: unit.alerts.held_by("prom", ["silence:1"], limit=9), {"ix_alerts_held"}),
    "silences in force": (lambda unit: unit.silences.in_force(NOW), {"ix_silences_end"}),
    "alerts for a preview": (
        lambda unit: unit.silences.recent_alerts(NOW, OMAR, limit=9),
        {"ix_alerts_live", "sqlite_autoindex_alerts_1"},
    ),
    "inhibitors": (lambda unit: unit.inhibitors.among([("r", "k")], NOW), {"sqlite_autoindex_inhibitors_1"}),
    "a release that waits": (
        lambda unit: unit.deliveries.is_waiting("prom", "release", b"{}"),
        {"ix_inbox_pending"},
    ),
    "stale alerts": (lambda unit: unit.alerts.stale("prom", NOW, limit=9), {"ux_alerts_live"}),
    "sources of stale alerts": (lambda unit: unit.alerts.stale_sources(NOW), {"ux_alerts_live"}),
    "every open incident": (lambda unit: unit.incidents.open_ids(), {"ix_incidents_open"}),
    "alerts of an incident": (
        lambda unit: unit.alerts.of_incident("i"),
        {"ix_alerts_incident_live", "ix_alerts_incident_ended"},
    ),
    "open incidents": (lambda unit: unit.incidents.window(OPEN_STATUSES, OMAR), {"ix_incidents_open"}),
    "incidents to join": (
        lambda unit: unit.incidents.joinable(["g"], NOW),
        {"ux_incidents_open_group", "ix_incidents_resolved_group"},
    ),
    "broken services": (lambda unit: unit.incidents.broken(["s"]), {"ix_incidents_open_service"}),
    "incident of a room": (lambda unit: unit.incidents.in_room(RoomRef("slack", "T1", "C1"), SYSTEM), set()),
    "rooms": (lambda unit: unit.rooms.link(a_room_link("i")), set()),
    "timeline": (lambda unit: unit.timeline.of("i"), {"ix_timeline_incident"}),
    "pages": (lambda unit: unit.pages.of("i"), {"ix_pages_incident"}),
    "followups": (lambda unit: unit.followups.of("i"), {"ix_followups_incident"}),
    "timers": (lambda unit: unit.timers.set_for("i", {}), {"ix_timers_incident"}),
    "dead effects": (lambda unit: unit.outbox.window("dead"), {"ix_outbox_dead"}),
    "quarantined": (lambda unit: unit.deliveries.window([DeliveryState.QUARANTINED]), {"ix_inbox_quarantined"}),
    "finished": (lambda unit: unit.deliveries.finish([1, 2], NOW), set()),
    "unanswered lines": (lambda unit: unit.commands.unanswered(NOW), {"ix_commands_unanswered"}),
    "alerts of a time": (
        lambda unit: unit.history.began(NOW, NOW, OMAR, after=None, limit=9),
        {"sqlite_autoindex_alerts_1"},
    ),
    "alerts that fire": (
        lambda unit: unit.history.firing(NOW, ["prom"]),
        {"ux_alerts_live", "ix_alerts_ended"},
    ),
    "deliveries of a time": (lambda unit: unit.history.received(NOW, NOW, None), {"sqlite_autoindex_inbox_1"}),
    "bodies": (lambda unit: unit.history.deliveries([1]), set()),
    "calls": (lambda unit: unit.history.calls(["i"]), {"ix_pages_incident"}),
    "earlier incidents": (
        lambda unit: unit.history.before(9, ANYONE, limit=9),
        {"sqlite_autoindex_incidents_2"},
    ),
    "audit": (lambda unit: unit.audit.window(), {"ix_audit_newest"}),
}


async def plan_of(store: SqlStore, ask: Callable[[Unit], Awaitable[object]]) -> list[str]:
    """Ask, and return the steps of SQLite's plans for all that was asked."""
    statements: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        statements.append((statement, parameters))

    steps: list[str] = []
    async with store.write("default", Urgency.COMMAND) as unit:
        engine = store.database.engines.writer.sync_engine
        event.listen(engine, "before_cursor_execute", listen)
        with suppress(IntegrityError, LeaseLost):  # there is no such thing; what matters is how it was looked for
            await ask(unit)
        event.remove(engine, "before_cursor_execute", listen)
    async with store.database.read("default") as work:
        for statement, parameters in statements:
            plan = await work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps += [str(row.detail) for row in plan]
    return steps


@pytest.mark.parametrize("asked", ASKED)
async def test_it_goes_by_an_index(migrated_sqlite_url: str, asked: str) -> None:
    ask, indexes = ASKED[asked]
    store = await open_store(migrated_sqlite_url, SystemClock(), lambda topics: None)
    try:
        steps = await plan_of(store, ask)
    finally:
        await store.close()
    scanned = [step for step in steps if step.startswith("SCAN") and not step.startswith("SCAN listed")]
    scanned += [step for step in steps if "group_key>?" in step or step.endswith("ix_inbox_pending (tenant=?)")]
    missing = [index for index in indexes if not any(f"INDEX {index} " in f"{step} " for step in steps)]
    assert (scanned, missing) == ([], []), steps


async def test_the_first_few_of_an_incidents_alerts_are_found_without_sorting_all(migrated_sqlite_url: str) -> None:
    store = await open_store(migrated_sqlite_url, SystemClock(), lambda topics: None)
    try:
        steps = await plan_of(store, lambda unit: unit.alerts.of_incident("i", limit=5))
    finally:
        await store.close()
    assert not [step for step in steps if "TEMP B-TREE" in step]
