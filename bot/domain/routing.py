"""Routing: which service an alert belongs to, which rules hold for it, which policy pages, and which group it joins."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.alert_rules import AlertRule
from bot.domain.identity import group_key
from bot.domain.matchers import matches_all
from bot.domain.organisation import IncidentRules, Organisation, Service


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an alert belongs. `policy` is None only in an organisation without any; `rules` are those of its `rule`."""

    service: Service | None
    policy: str | None
    group_key: str
    rules: IncidentRules
    rule: AlertRule | None = None

    @property
    def service_name(self) -> str | None:
        """The name of the service."""
        return self.service.name if self.service is not None else None

    @property
    def team(self) -> str | None:
        """The team that the rule names, else the one that owns the service."""
        if self.rule is not None and self.rule.team is not None:
            return self.rule.team
        return self.service.team if self.service is not None else None


def policy_for(org: Organisation, service: Service | None) -> str | None:
    """Return the policy that pages for a service: its own, else that of the route that catches all."""
    if service is not None and service.policy is not None:
        return service.policy
    return next((route.policy for route in org.routes if not route.matchers), None)


def destination(org: Organisation, labels: Mapping[str, str]) -> Destination:
    """Return where an alert with these labels goes: the first route, and then the first rule, that fits decides.

    A route without a service leaves that to the first of the alert's `service_labels` that names one. The policy is
    the rule's, else that of a route with matchers, else the service's, else the one of the route that catches all.
    """
    route = next((route for route in org.routes if matches_all(route.matchers, labels)), None)
    service = org.service(route.service) if route is not None and route.service else _named(org, labels)
    name = service.name if service is not None else None
    rule = org.rule_for(name, labels)
    rules = org.rules_of(rule.name) if rule is not None else org.rules
    policy = rule.policy if rule is not None else None
    if policy is None and route is not None and route.matchers:
        policy = route.policy
    key = group_key(name or "", rules.group_by, labels)
    return Destination(service, policy or policy_for(org, service), key, rules, rule)


def _named(org: Organisation, labels: Mapping[str, str]) -> Service | None:
    named = (org.service(labels[label]) for label in org.rules.service_labels if label in labels)
    return next((service for service in named if service is not None), None)
