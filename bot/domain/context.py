"""What whoever comes to an incident should have at hand: whose it is, what to do, where to look, what it needs."""

from dataclasses import dataclass

from bot.domain.incident import Incident
from bot.domain.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Context:
    """The team that owns it, links to instructions and pictures, and the services that its own one depends on."""

    team: str | None
    runbook: str | None
    dashboards: tuple[str, ...]
    depends_on: tuple[str, ...]


def context_of(incident: Incident, org: Organisation) -> Context:
    """Return the context of an incident as the organisation now is; the runbook is its own, else its service's."""
    service = org.service(incident.service)
    if service is None:
        return Context(incident.team, incident.runbook, (), ())
    return Context(incident.team, incident.runbook or service.runbook, service.dashboards, service.depends_on)
