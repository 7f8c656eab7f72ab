"""Make the records that tests store, each with what a test does not care about filled in."""

from dataclasses import replace
from typing import Any

from bot.domain.alert import Alert, AlertState
from bot.domain.effects import DrawCard
from bot.domain.incident import AlertTally, Incident
from bot.domain.severity import Severity
from bot.ids import new_id
from bot.ports.chat import RoomRef
from bot.ports.records import (
    CommandReceipt,
    LaneKind,
    NewDelivery,
    NewEffect,
    PageRecord,
    PageState,
    RoomLink,
)
from bot.ports.store import DEFAULT_TENANT, Unit
from tests.builders import NOW, an_incident


def a_new_incident(number: int = 1, **changes: Any) -> Incident:
    """An incident that was never stored, in no group, without alerts and with nothing due."""
    fresh: dict[str, Any] = {
        "id": new_id(NOW),
        "number": number,
        "group_key": None,
        "alerts": AlertTally(),
        "update_due_at": None,
        "version": 0,
    }
    return an_incident(**{**fresh, **changes})


async def stored(unit: Unit, number: int = 1, **changes: Any) -> Incident:
    """Store an incident and return it as stored."""
    return await unit.incidents.add(a_new_incident(number, **changes))


def an_alert(fingerprint: str = "f1", **changes: Any) -> Alert:
    """A firing alert of source `prom`, reported once, in no incident."""
    alert = Alert(
        id=new_id(NOW),
        source="prom",
        fingerprint=fingerprint,
        state=AlertState.FIRING,
        severity=Severity.SEV3,
        title="Gateway is slow",
        labels={"alertname": "Slow", "instance": "gw-1"},
        first_at=NOW,
        last_at=NOW,
    )
    return replace(alert, **changes)


def a_new_effect(key: str = "e1", **changes: Any) -> NewEffect:
    """A card to draw in a built-in room."""
    return replace(NewEffect(key, LaneKind.ROOM, "i-1:room", "room", DrawCard(), None), **changes)


def a_page(incident: str, **changes: Any) -> PageRecord:
    """A call of amira in the built-in room that nobody has made yet."""
    return replace(PageRecord(new_id(NOW), incident, "p-amira", "room", 1, 1, PageState.QUEUED, NOW), **changes)


def a_room_link(incident: str, room: str = "C1", **changes: Any) -> RoomLink:
    """A Slack channel for an incident, still without a card."""
    return replace(RoomLink(incident, RoomRef("slack", "T1", room), "inc-1-gateway"), **changes)


def a_receipt(key: str = "k1", **changes: Any) -> CommandReceipt:
    """A line that was typed in Slack and not answered yet."""
    receipt = CommandReceipt(new_id(NOW), DEFAULT_TENANT, "slack", key, {"text": "ack INC-1"}, NOW)
    return replace(receipt, **changes)


def a_delivery(source: str = "prom", body: bytes = b"{}", **changes: Any) -> NewDelivery:
    """A request that Alertmanager sent."""
    return replace(NewDelivery(DEFAULT_TENANT, source, "alertmanager", body, NOW), **changes)
