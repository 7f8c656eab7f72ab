"""Which incident the alerts that began join: their group's, that of a service theirs depends on, or one of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.actions import DependencyBroke, Joined
from bot.domain.dependencies import path
from bot.domain.incident import Dependant, Incident
from bot.domain.organisation import IncidentRules, Organisation
from bot.domain.routing import Destination
from bot.ports.store import Unit
from handlers.changes import Change


@dataclass(slots=True)
class Joining:
    """What groups of one segment can join, and what each incident is to be told in the end."""

    org: Organisation
    of_group: Mapping[str, Incident]
    broken: dict[str, Incident] = field(default_factory=dict)
    """By service, the oldest open incident of which an alert fires."""

    changes: dict[str, tuple[Incident, Change]] = field(default_factory=dict)
    broke: list[tuple[Incident, DependencyBroke]] = field(default_factory=list)

    def incident_for(self, key: str, change: Change) -> Incident | None:
        """Return the incident that a group's alerts join; None: they open one.

        An open one of the group's own goes first, then the one of the nearest service that theirs depends on, and
        only then one of the group's own that was resolved lately.
        """
        own = self.of_group.get(key)
        cause = None if own is not None and own.is_open else self._cause(change.destination)
        return own if cause is None else cause

    def joins(self, incident: Incident, change: Change) -> None:
        """Note what an incident is to be told; what several groups mean for it is told together."""
        _, whole = self.changes.setdefault(incident.id, (incident, Change()))
        whole.add(change)
        goes_to = change.destination
        if goes_to is None or goes_to.service is None or incident.service is None:
            return
        way = path(self.org.edges, goes_to.service.name, incident.service)
        if len(way) > 1 and change.fired:
            one = Joined(goes_to.service.name, way, goes_to.policy, goes_to.team, tuple(change.titles))
            whole.joined.setdefault(one.service, one)

    def dependants(self, service: str | None) -> tuple[Dependant, ...]:
        """Return the services that suffer, by their own incidents, from a service that is about to get its first."""
        if service is None or service in self.broken:
            return ()
        hit = (self.broken.get(name) for name in self.org.needing.get(service, ()))
        return tuple(Dependant(incident.service, incident.ref) for incident in hit if incident and incident.service)

    def opened(self, incident: Incident) -> None:
        """Note a new incident: those that suffer from it are told, and later groups may join it."""
        by_service = {one.ref: one for one in self.broken.values()}
        for dependant in incident.dependants:
            assert incident.service is not None
            self.broke.append((by_service[dependant.ref or ""], DependencyBroke(incident.service, incident.ref)))
        if incident.service is not None:
            self.broken.setdefault(incident.service, incident)

    def _cause(self, goes_to: Destination | None) -> Incident | None:
        if goes_to is None or goes_to.service is None:
            return None
        needed = self.org.needed.get(goes_to.service.name, ())
        return next((self.broken[name] for name in needed if name in self.broken), None)


async def look(unit: Unit, org: Organisation, by_group: Mapping[str, Change], now: datetime) -> Joining:
    """Read what the groups can join; services are asked for only where one depends on another."""
    joining = Joining(org, await _of_groups(unit, by_group, now))
    asked: dict[str, None] = {}
    for key, change in by_group.items():
        own = joining.of_group.get(key)
        service = change.destination.service if change.destination is not None else None
        if service is None or (own is not None and own.is_open):
            continue
        around = (*org.needed.get(service.name, ()), *org.needing.get(service.name, ()))
        if around:
            asked.update(dict.fromkeys((*around, service.name)))
    for incident in await unit.incidents.broken(asked):
        if incident.service is not None:
            joining.broken.setdefault(incident.service, incident)
    return joining


async def _of_groups(unit: Unit, by_group: Mapping[str, Change], now: datetime) -> Mapping[str, Incident]:
    """Return by group the open incident, else the one that was resolved within the group's own window."""
    windows = {key: _window(change.destination.rules) for key, change in by_group.items() if change.destination}
    found = await unit.incidents.joinable(by_group.keys(), now - max(windows.values()))
    return {
        key: incident
        for key, incident in found.items()
        if incident.resolved_at is None or incident.is_open or incident.resolved_at >= now - windows[key]
    }


def _window(rules: IncidentRules) -> timedelta:
    """Return how long a resolved incident takes its alerts back: where rings are limited, until they are forgotten."""
    return max(rules.group_window, rules.repeat.within) if rules.repeat is not None else rules.group_window
