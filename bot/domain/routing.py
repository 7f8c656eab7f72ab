"""Routing: which service an alert belongs to, which policy pages for it, and which group it joins."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.identity import group_key
from bot.domain.matchers import matches_all
from bot.domain.organisation import Organisation, Service


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an alert belongs. `policy` is None only in an organisation without any."""

    service: Service | None
    policy: str | None
    group_key: str

    @property
    def team(self) -> str | None:
        """The team that owns the service."""
        return self.service.team if self.service is not None else None


def policy_for(org: Organisation, service: Service | None) -> str | None:
    """Return the policy that pages for a service: its own, else that of the route that catches all."""
    if service is not None and service.policy is not None:
        return service.policy
    return next((route.policy for route in org.routes if not route.matchers), None)


def destination(org: Organisation, labels: Mapping[str, str]) -> Destination:
    """Return where an alert with these labels goes: the first route that matches decides.

    A route without a service leaves that to the alert's `service` label. A policy named by a route with matchers
    goes before the service's own, which goes before the catch-all's.
    """
    route = next((route for route in org.routes if matches_all(route.matchers, labels)), None)
    service = org.service(route.service if route is not None and route.service else labels.get("service"))
    policy = route.policy if route is not None and route.matchers else None
    key = group_key(service.name if service is not None else "", org.rules.group_by, labels)
    return Destination(service, policy or policy_for(org, service), key)
