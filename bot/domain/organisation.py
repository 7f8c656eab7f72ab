"""The organisation that incidents happen in: people, teams, services, schedules, policies, routes, rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

from bot.domain.access import Access, Viewer
from bot.domain.alert_rules import AlertRule, RepeatLimit
from bot.domain.business_hours import BusinessHours
from bot.domain.dependencies import Edges, all_needed, all_needing
from bot.domain.heartbeat import Heartbeat
from bot.domain.hush import Inhibition
from bot.domain.maintenance import MaintenanceWindow
from bot.domain.matchers import Matcher
from bot.domain.retention import USUAL_RETENTION, RetentionRules
from bot.domain.rotation import Schedule
from bot.domain.severity import Severity
from bot.domain.storm import USUAL_STORM, StormRules

_OWN_WORDS = {severity.name.lower(): severity for severity in Severity}
_SERVICE_LABELS: Final = ("service", "service_name", "app", "app_kubernetes_io_name", "component", "job")


@dataclass(frozen=True, slots=True)
class Account:
    """One way a chat knows a person. `workspace` is empty where the chat has only one."""

    chat: str
    workspace: str
    user: str


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the organisation. `id` is opaque and is what everything else refers to."""

    id: str
    name: str
    access: Access
    timezone: str
    language: str = "en"
    email: str | None = None
    accounts: tuple[Account, ...] = ()

    @property
    def viewer(self) -> Viewer:
        """This person as a reader of incidents."""
        return Viewer(self.id, self.access)


@dataclass(frozen=True, slots=True)
class Team:
    """People who look after services together; members and lead are person ids."""

    name: str
    members: tuple[str, ...]
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """Something that can break, who owns it, and which policy pages for it."""

    name: str
    team: str | None = None
    policy: str | None = None
    depends_on: tuple[str, ...] = ()
    runbook: str | None = None
    dashboards: tuple[str, ...] = ()


class TargetKind(StrEnum):
    """What a step of an escalation policy can name."""

    PERSON = "person"
    SCHEDULE = "schedule"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step pages. `name` is a person id, a schedule's name or a team's name, by kind."""

    kind: TargetKind
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a policy: wait `after` from the step before, then page every target."""

    after: timedelta
    page: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to page, in which order; the whole list is gone through once and `repeat` times more."""

    name: str
    steps: tuple[Step, ...]
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """Where alerts go whose labels satisfy all matchers; no matchers: all alerts."""

    matchers: tuple[Matcher, ...] = ()
    service: str | None = None
    policy: str | None = None


class ResolveMode(StrEnum):
    """What to do when every alert of an incident has resolved."""

    PROPOSE = "propose"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class IncidentRules:
    """How alerts become incidents and how incidents are looked after.

    `service_labels` are the labels that may name an alert's service, the one that is looked at first in front.
    An alert flaps that turns `flap_turns` times within `flap_window`; 0: none does.
    """

    open_from: Severity = Severity.SEV4
    group_by: tuple[str, ...] = ("alertname",)
    group_window: timedelta = timedelta(minutes=5)
    service_labels: tuple[str, ...] = _SERVICE_LABELS
    resolve: ResolveMode = ResolveMode.PROPOSE
    quiet_time: timedelta = timedelta(minutes=10)
    alert_expiry: timedelta = timedelta(hours=24)
    repeat: RepeatLimit | None = None
    flap_turns: int = 6
    flap_window: timedelta = timedelta(minutes=30)
    commander_within: timedelta = timedelta(minutes=10)
    update_every: tuple[tuple[Severity, timedelta], ...] = (
        (Severity.SEV1, timedelta(minutes=30)),
        (Severity.SEV2, timedelta(minutes=60)),
    )
    postmortem_from: Severity | None = Severity.SEV2

    def update_interval(self, severity: Severity) -> timedelta | None:
        """Return how often an incident of this severity owes an update; None: never."""
        return dict(self.update_every).get(severity)


@dataclass(frozen=True)
class Organisation:
    """One immutable version of everything that decisions refer to. `version` is its opaque id in the database."""

    name: str
    timezone: str
    people: tuple[Person, ...]
    teams: tuple[Team, ...] = ()
    services: tuple[Service, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    policies: tuple[Policy, ...] = ()
    routes: tuple[Route, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    rules: IncidentRules = IncidentRules()
    alert_rules: tuple[AlertRule, ...] = ()
    hours: BusinessHours | None = None
    storm: StormRules = USUAL_STORM
    retention: RetentionRules = USUAL_RETENTION
    heartbeats: tuple[Heartbeat, ...] = ()
    maintenance: tuple[MaintenanceWindow, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    version: str = ""

    @cached_property
    def _people_by_id(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def _people_by_name(self) -> dict[str, Person]:
        return {person.name: person for person in self.people}

    @cached_property
    def _people_by_folded_name(self) -> dict[str, Person]:
        return {person.name.casefold(): person for person in self.people}

    @cached_property
    def _people_by_account(self) -> dict[Account, Person]:
        return {account: person for person in self.people for account in person.accounts}

    @cached_property
    def _severity_by_label(self) -> dict[str, Severity]:
        return {label.strip().lower(): severity for label, severity in self.severities}

    @cached_property
    def _services(self) -> dict[str, Service]:
        return {service.name: service for service in self.services}

    @cached_property
    def _teams(self) -> dict[str, Team]:
        return {team.name: team for team in self.teams}

    @cached_property
    def _schedules(self) -> dict[str, Schedule]:
        return {schedule.name: schedule for schedule in self.schedules}

    @cached_property
    def _policies(self) -> dict[str, Policy]:
        return {policy.name: policy for policy in self.policies}

    @cached_property
    def edges(self) -> Edges:
        """By service, the services that it names in `depends_on`."""
        return {service.name: service.depends_on for service in self.services}

    @cached_property
    def needed(self) -> Mapping[str, tuple[str, ...]]:
        """By service, all that it depends on, also by way of others, the nearest first."""
        return all_needed(self.edges)

    @cached_property
    def needing(self) -> Mapping[str, tuple[str, ...]]:
        """By service, all that depend on it, also by way of others, the nearest first."""
        return all_needing(self.edges)

    @cached_property
    def _rules_by_name(self) -> dict[str, IncidentRules]:
        return {rule.name: _changed(self.rules, rule) for rule in self.alert_rules}

    def rules_of(self, rule: str | None) -> IncidentRules:
        """Return the rules that hold where the alert rule of this name holds; those for all when there is none."""
        return self._rules_by_name.get(rule, self.rules) if rule is not None else self.rules

    def rule_for(self, service: str | None, labels: Mapping[str, str]) -> AlertRule | None:
        """Return the first alert rule that fits an alert of a service with these labels."""
        return next((rule for rule in self.alert_rules if rule.fits(service, labels)), None)

    def person(self, person_id: str) -> Person | None:
        """Return the person with this id, or None when they have left."""
        return self._people_by_id.get(person_id)

    def person_named(self, name: str) -> Person | None:
        """Return the person whom the configuration calls so, with or without a leading `@`, in whatever case.

        A name written exactly so goes before one that differs in case only.
        """
        bare = name.removeprefix("@")
        return self._people_by_name.get(bare) or self._people_by_folded_name.get(bare.casefold())

    def person_behind(self, account: Account) -> Person | None:
        """Return the person whom this chat account belongs to, or None for an unknown account."""
        return self._people_by_account.get(account)

    def service(self, name: str | None) -> Service | None:
        """Return the service of this name, or None."""
        return self._services.get(name) if name is not None else None

    def team(self, name: str | None) -> Team | None:
        """Return the team of this name, or None."""
        return self._teams.get(name) if name is not None else None

    def schedule(self, name: str) -> Schedule | None:
        """Return the schedule of this name, or None."""
        return self._schedules.get(name)

    def policy(self, name: str | None) -> Policy | None:
        """Return the escalation policy of this name, or None."""
        return self._policies.get(name) if name is not None else None

    def heartbeat(self, name: str) -> Heartbeat | None:
        """Return the heartbeat of this name."""
        return next((heartbeat for heartbeat in self.heartbeats if heartbeat.name == name), None)

    def severity_for(self, label: str | None) -> Severity:
        """Return the severity that a source's word stands for; a missing or unknown word is SEV3.

        Our own words, `sev1` to `sev5`, need no mapping. A word nobody mapped must not be mistaken for a mild one: SEV3 opens an incident and pages.
        """
        if label is None:
            return Severity.SEV3
        word = label.strip().lower()
        return self._severity_by_label.get(word) or _OWN_WORDS.get(word, Severity.SEV3)


def _changed(rules: IncidentRules, rule: AlertRule) -> IncidentRules:
    return replace(rules, **dict(rule.changes))  # type: ignore[arg-type]
