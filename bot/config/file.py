"""The shape of tocsin.yaml but for the chats: its sections and keys, with their types, defaults and meanings."""

from datetime import timedelta
from typing import Final, TypeVar

from pydantic import Field

from bot.config import keeping_values as kept
from bot.config import rule_values as rv
from bot.config import sender_values as sv
from bot.config import storm_values as storms
from bot.config import values as v
from bot.config.hush_file import InhibitSection, MaintenanceSection
from bot.config.rule_sections import FlappingSection, HoursSection, RuleSection
from bot.config.section import Section
from bot.domain.access import Access
from bot.domain.organisation import IncidentRules, ResolveMode
from bot.domain.severity import Severity

DEFAULT_SEVERITIES: Final = {
    "critical": Severity.SEV2,
    "page": Severity.SEV2,
    "error": Severity.SEV3,
    "warning": Severity.SEV4,
    "info": Severity.SEV5,
    "none": Severity.SEV5,
    # The words of other vendors: Datadog, Zabbix, New Relic, Sentry, Azure.
    "p1": Severity.SEV1,
    "p2": Severity.SEV2,
    "p3": Severity.SEV3,
    "p4": Severity.SEV4,
    "p5": Severity.SEV5,
    "disaster": Severity.SEV1,
    "fatal": Severity.SEV2,
    "high": Severity.SEV2,
    "average": Severity.SEV3,
    "medium": Severity.SEV3,
    "low": Severity.SEV4,
    "information": Severity.SEV5,
    "informational": Severity.SEV5,
    "not classified": Severity.SEV5,
    "verbose": Severity.SEV5,
    "debug": Severity.SEV5,
}


S = TypeVar("S", bound=Section)


class OrganisationSection(Section):
    """Who you are."""

    name: v.Text = Field("Our organisation", description="Shown on pages and in messages.")
    timezone: v.Zone = Field("UTC", description="The zone of people and schedules that name none.")


class PersonSection(Section):
    """Someone who may be paged, or who may look. Everything else refers to people by `name`."""

    name: v.Name = Field(description="Unique. Commands take it with or without `@`.")
    access: v.AccessLevel = Field(Access.RESPONDER, description="What the person may do.")
    email: v.Email | None = Field(None, description="The person's address.")
    timezone: v.Zone | None = Field(
        None, description="The zone in which the person sees times; without it, the organisation's."
    )
    language: v.Language = Field("en", description="The language in which Tocsin speaks to the person.")
    login: v.Login | None = Field(
        None, description="The password for the built-in pages. It never stands in the file itself."
    )

    @property
    def accounts(self) -> dict[str, str]:
        """The person's accounts as the file names them, by chat; the chats there are add the keys (`shape`)."""
        given = {
            name: getattr(self, name) for name in type(self).model_fields if name not in PersonSection.model_fields
        }
        return {chat: str(user) for chat, user in given.items() if user is not None}


class TeamSection(Section):
    """People who look after services together."""

    name: v.Name = Field(description="Unique.")
    members: tuple[v.Name, ...] = Field(min_length=1, description="Names of people.")
    lead: v.Name | None = Field(None, description="The person who is paged first when the team is.")


class ServiceSection(Section):
    """Something that can break."""

    name: v.Name = Field(description="Unique. A label of an alert may name it: see `service_labels`.")
    team: v.Name | None = Field(None, description="The team that owns it.")
    policy: v.Name | None = Field(None, description="The policy that pages for it; without one, the last route's.")
    depends_on: tuple[v.Name, ...] = Field((), description="Services that it needs.")
    runbook: v.Url | None = Field(None, description="Where its instructions are; shown in the incident's room.")
    dashboards: tuple[v.Url, ...] = Field((), description="Where to look; shown in the incident's room.")


class LayerSection(Section):
    """People who take turns."""

    name: v.Name = Field(description="Unique in its schedule.")
    people: tuple[v.Name, ...] = Field(
        min_length=1, description="Names, in the order of turns; the first is on call from `handoff`."
    )
    every: v.Period = Field(description="How long a turn lasts.")
    handoff: v.Handoff = Field(description="When the first turn begins, in the schedule's zone, without an offset.")


class ScheduleSection(Section):
    """Who is on call when. The people of all its layers are on call together."""

    name: v.Name = Field(description="Unique.")
    timezone: v.Zone | None = Field(None, description="The zone of its handoffs; without it, the organisation's.")
    layers: tuple[LayerSection, ...] = Field(min_length=1, description="One rotation each.")


class StepSection(Section):
    """One step of a policy."""

    after: v.Wait = Field(timedelta(), description="How long to wait after the step before.")
    page: tuple[v.Target, ...] = Field(min_length=1, description="Whom to page, all at once.")


class PolicySection(Section):
    """Whom to page, in which order, until somebody acknowledges."""

    name: v.Name = Field(description="Unique.")
    steps: tuple[StepSection, ...] = Field(min_length=1, description="Taken from the first to the last.")
    repeat: v.Rounds = Field(0, description="How many more times to go through all steps.")


class RouteSection(Section):
    """Where alerts go. The first route that matches decides; the last one has no `match` and catches all."""

    match: v.Match | None = Field(None, description="All matchers must hold. A pattern must fit the whole value.")
    service: v.Name | None = Field(None, description="The service that the alert is about; else its labels name it.")
    policy: v.Name | None = Field(
        None,
        description="The policy that pages. With a `match` it goes before the service's own; on the last route it serves whatever has none.",
    )


class IncidentsSection(Section):
    """How alerts become incidents, and how incidents are looked after."""

    open_from: v.SeverityName = Field(
        Severity.SEV4, description="The mildest severity that opens an incident; milder alerts are only recorded."
    )
    group_by: tuple[v.LabelName, ...] = Field(
        ("alertname",), description="Alerts of one service with the same values of these labels share an incident."
    )
    service_labels: tuple[v.LabelName, ...] = Field(
        IncidentRules().service_labels,
        description="Labels that may name an alert's service; the first that names one of `services` decides.",
    )
    group_window: v.Wait = Field(
        timedelta(minutes=5), description="How long after its end an incident takes its alerts back."
    )
    resolve: v.Resolve = Field(
        ResolveMode.PROPOSE, description="When all alerts are over: ask in the room, or resolve without asking."
    )
    quiet_time: v.Wait = Field(
        timedelta(minutes=10), description="How long all alerts must have been over before that is proposed or done."
    )
    flapping: FlappingSection = Field(FlappingSection(), description="See below.")
    alert_expiry: v.Patience = Field(
        timedelta(hours=24), description="After how long without a report an alert counts as over."
    )
    commander_within: v.Patience = Field(
        timedelta(minutes=10), description="After how long Tocsin asks who is the commander."
    )
    update_every: dict[v.SeverityName, v.Patience] = Field(
        {Severity.SEV1: timedelta(minutes=30), Severity.SEV2: timedelta(minutes=60)},
        description="How often an incident owes an update, by severity; a severity that is left out owes none.",
    )
    postmortem_from: v.SeverityOrNone = Field(
        Severity.SEV2,
        description="The mildest severity at which resolving a real incident opens its postmortem; `none` opens none.",
    )


class StormSection(Section):
    """When so many groups of alerts begin at once that those which are not critical share one incident."""

    groups: storms.Groups = Field(20, description="More new groups than this within that time are a storm.")
    within: storms.Within = Field(timedelta(minutes=1), description="The time in which new groups are counted.")
    quiet: v.Patience = Field(
        timedelta(minutes=5), description="How long fewer must have begun before the storm counts as over."
    )
    critical: v.SeverityName = Field(
        Severity.SEV2, description="The mildest severity that always opens an incident of its own."
    )


class RetentionSection(Section):
    """How long what came in is kept. Incidents, alerts, timelines, postmortems and the audit stay for good."""

    deliveries: kept.Keeping = Field(
        timedelta(days=30), description="Bodies of webhook requests that were processed: what a rehearsal needs."
    )
    deliveries_size: kept.Size = Field(
        kept.Bytes(5_000_000_000),
        description="How much room all bodies may take; beyond it the oldest go, whatever their age.",
    )
    quarantined: kept.Keeping = Field(
        timedelta(days=180), description="Requests that could not be read, until they are replayed."
    )
    receipts: kept.Receipts = Field(
        timedelta(days=30), description="Answered lines, messages that were sent, and updates of chats."
    )
    changes: kept.Keeping = Field(timedelta(days=90), description="Changes in services that sources told of.")


class ChatSection(Section):
    """Where in the chats Tocsin speaks."""

    def of(self, section: type[S]) -> S:
        """Return a chat's own part; the chats there are add it (`shape`), and without it its defaults hold."""
        parts = (getattr(self, name) for name in type(self).model_fields)
        return next((part for part in parts if isinstance(part, section)), None) or section()


class MappingSection(Section):
    """Where in a body of any shape everything stands, for the kind `generic`. What is not mapped is not read."""

    alerts: sv.Expression | None = Field(
        None, description="Where the list of alerts is; without it, the body is one alert or a list of them."
    )
    title: sv.Expression | None = Field(None, description="What is wrong, in one line; here and below: in each alert.")
    key: sv.Expression | None = Field(None, description="What makes two reports the same alert.")
    status: sv.Expression | None = Field(None, description="`resolved` and words like it mean so; all others, firing.")
    severity: sv.Expression | None = Field(None, description="A word that `severities` maps.")
    service: sv.Expression | None = Field(None, description="The service that the alert is about.")
    summary: sv.Expression | None = Field(None, description="More words.")
    url: sv.Expression | None = Field(None, description="Where to look.")
    runbook: sv.Expression | None = Field(None, description="Where its instructions are.")
    starts_at: sv.Expression | None = Field(None, description="When it began.")
    ends_at: sv.Expression | None = Field(None, description="When it ended.")
    labels: dict[v.LabelName, sv.Expression] = Field({}, description="Labels by name.")


class SourceSection(Section):
    """A sender of alerts, known by a key, by its signature, or, if it has both, by both."""

    name: v.UrlName = Field(description="Unique. Part of its address: `/webhooks/NAME`.")
    kind: v.UrlName = Field(description="What sends: `alertmanager`, `grafana` ... `tocsin sources` lists them.")
    keys: tuple[v.Key, ...] = Field(
        (), description="Any of these is accepted, so that a key can be changed without a gap."
    )
    signing: tuple[sv.Signing, ...] = Field(
        (),
        description="Secrets with one of which the sender signs every request. Then it needs no key; any of these is accepted.",
    )
    topics: tuple[sv.Topic, ...] = Field(
        (),
        description="For `cloudwatch`: the topics of SNS that may send. Then it needs no key; Amazon's signature is checked.",
    )
    networks: tuple[sv.SourceNetwork, ...] = Field(
        (), description="Where it may send from; empty: from anywhere. Behind a proxy, see `TOCSIN_TRUSTED_PROXIES`."
    )
    per_minute: sv.Rate | None = Field(
        None,
        description="How many requests a minute each of its keys may make, counted by each replica; what is more is answered with 503 and `Retry-After`.",
    )
    mapping: MappingSection = Field(MappingSection(), description="See below.")


class HeartbeatSection(Section):
    """Something that must be heard of again and again. When it is not, an incident opens."""

    name: v.UrlName = Field(description="Unique. Part of its address: `/heartbeats/NAME/KEY`.")
    every: v.Patience = Field(description="How often it beats.")
    grace: v.Patience = Field(timedelta(minutes=1), description="How much later than that is still in time.")
    service: v.Name | None = Field(None, description="The service that has broken when it is missed.")
    severity: v.SeverityName = Field(Severity.SEV2, description="How bad it is when it is missed.")
    key: v.Key = Field(description="The end of its address.")


class File(Section):
    """A whole tocsin.yaml. Every section may be left out."""

    organisation: OrganisationSection = Field(OrganisationSection(), description="Who you are.")
    people: tuple[PersonSection, ...] = Field((), description="Everyone whom Tocsin knows.")
    teams: tuple[TeamSection, ...] = Field((), description="People who look after services together.")
    services: tuple[ServiceSection, ...] = Field((), description="What can break.")
    schedules: tuple[ScheduleSection, ...] = Field((), description="Who is on call when.")
    policies: tuple[PolicySection, ...] = Field((), description="Whom to page, in which order.")
    routes: tuple[RouteSection, ...] = Field(
        (), description="Where alerts go. Without this section, all go to the first policy."
    )
    rules: tuple[RuleSection, ...] = Field(
        (), description="What is done otherwise with some of the alerts. The first rule that fits decides."
    )
    business_hours: HoursSection | None = Field(None, description="When people are at work; without it, always.")
    outside_hours: dict[rv.Lowered, rv.Worth] = Field(
        {}, description="What a severity is worth when an alert begins outside of `business_hours`."
    )
    severities: dict[v.Text, v.SeverityName] = Field(
        DEFAULT_SEVERITIES,
        description="What a source's words for severity mean, in any case of letters. Any other word is `SEV3`; a section of your own takes the place of the default as a whole.",
    )
    incidents: IncidentsSection = Field(IncidentsSection(), description="How incidents are looked after.")
    storm: StormSection = Field(StormSection(), description="When alerts share one incident.")
    retention: RetentionSection = Field(RetentionSection(), description="How long what came in is kept.")
    chat: ChatSection = Field(ChatSection(), description="Where in the chats Tocsin speaks.")
    sources: tuple[SourceSection, ...] = Field((), description="Senders of alerts, with keys of their own.")
    heartbeats: tuple[HeartbeatSection, ...] = Field((), description="What must be heard of again and again.")
    maintenance: tuple[MaintenanceSection, ...] = Field((), description="Planned work, whose alerts call nobody.")
    inhibit: tuple[InhibitSection, ...] = Field((), description="Which alerts hold back which others.")
