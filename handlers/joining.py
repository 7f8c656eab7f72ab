"""Which incident the alerts that began join."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.incident import Incident
from bot.ports.store import Unit
from handlers.absorbing import Change


async def open_or_resolved_lately(unit: Unit, by_group: Mapping[str, Change], now: datetime) -> Mapping[str, Incident]:
    """Return by group the open incident, else the one that was resolved within the group's own window."""
    windows = {key: change.destination.rules.group_window for key, change in by_group.items() if change.destination}
    found = await unit.incidents.joinable(by_group.keys(), now - max(windows.values()))
    return {
        key: incident
        for key, incident in found.items()
        if incident.resolved_at is None or incident.is_open or incident.resolved_at >= now - windows[key]
    }
