"""The sections of tocsin.yaml that say what is done otherwise with some of the alerts."""

from datetime import time, timedelta

from pydantic import Field

from bot.config import rule_values as rv
from bot.config import values as v
from bot.config.section import Section
from bot.domain.severity import Severity


class RepeatSection(Section):
    """How often one group may ring. Within that time its resolved incident takes its alerts back."""

    at_most: rv.Times = Field(description="How many rings: the opening, returns after quiet or resolve.")
    within: v.Patience = Field(description="In which time.")
    always_from: v.SeverityName = Field(Severity.SEV1, description="From this severity on it rings all the same.")


class FlappingSection(Section):
    """When an alert flaps: it comes and goes so often that it is held as firing until it has been steady."""

    turns: rv.TurnsOrNone = Field(6, description="How many times it must come or go; 0: alerts are never held.")
    within: v.Patience = Field(timedelta(minutes=30), description="In which time, and how long it must be steady.")


class RuleSection(Section):
    """What is done otherwise with some of the alerts. A key that is left out leaves it as it is for all.

    The first rule that fits decides, alone: later ones add nothing. Where alerts go is said by `routes`.
    """

    name: v.Name = Field(description="Unique. Incidents remember their rule by it.")
    match: v.Match | None = Field(None, description="All matchers must hold; without it, the alerts of the `service`.")
    service: v.Name | None = Field(None, description="Only alerts of this service.")
    severity: v.SeverityName | None = Field(None, description="The severity, whatever the sender says.")
    policy: v.Name | None = Field(None, description="The policy that pages, before any other.")
    team: v.Name | None = Field(None, description="The team that owns the incident, before the service's.")
    runbook: v.Url | None = Field(None, description="Where its instructions are, before the alert's and the service's.")
    group_by: tuple[v.LabelName, ...] | None = Field(None, description="As in `incidents`.")
    group_window: v.Wait | None = Field(None, description="As in `incidents`.")
    open_from: v.SeverityName | None = Field(None, description="As in `incidents`.")
    resolve: v.Resolve | None = Field(None, description="As in `incidents`.")
    quiet_time: v.Wait | None = Field(None, description="As in `incidents`.")
    flapping: FlappingSection | None = Field(None, description="As in `incidents`.")
    repeat: RepeatSection | None = Field(None, description="How often one group may ring; without it, always.")


class HoursSection(Section):
    """When people are at work. Mild alerts that begin at other times are lowered or wait: see `outside_hours`."""

    timezone: v.Zone | None = Field(None, description="The zone of the clock; without it, the organisation's.")
    days: tuple[rv.Day, ...] = Field(("mon", "tue", "wed", "thu", "fri"), description="Days of work.")
    begin: rv.TimeOfDay = Field(time(9), description="When work begins.")
    end: rv.TimeOfDay = Field(time(18), description="When it ends, on the same day.")
