"""The sections of tocsin.yaml about what holds alerts back: planned work, and alerts that inhibit others."""

from pydantic import Field

from bot.config import hush_values as hv
from bot.config import values as v
from bot.config.section import Section
from bot.domain.hush import USUAL_GRACE


class MaintenanceSection(Section):
    """Planned work. Its alerts are recorded and call nobody; what still fires at its end opens its incident then.

    It has a `from` and an `until`, for once, or `days`, `at` and `for`, for every week.
    """

    name: v.Name = Field(description="Unique. The reason that its alerts show.")
    services: tuple[v.Name, ...] = Field((), description="The services that are worked on.")
    match: v.Match | None = Field(None, description="Which alerts are meant; with `services`, which of theirs.")
    timezone: v.Zone | None = Field(None, description="The zone of its times; without it, the organisation's.")
    from_: hv.Wall | None = Field(None, alias="from", description="When it begins, in its zone.")
    until: hv.Wall | None = Field(None, description="When it is over, in its zone.")
    days: tuple[hv.Day, ...] = Field((), description="On which days of the week it begins.")
    at: hv.Clock | None = Field(None, description="At what time of those days it begins.")
    for_: hv.Span | None = Field(None, alias="for", description="How long it lasts then.")


class InhibitSection(Section):
    """While one alert fires, others are held back: they are recorded, and call nobody until it is over."""

    name: v.Name = Field(description="Unique. The reason that its alerts show.")
    source: v.Match = Field(description="The alert that holds others back.")
    target: v.Match = Field(description="The alerts that are held back.")
    equal: tuple[v.LabelName, ...] = Field(
        (), description="Labels in which the two must agree; one that is missing counts as empty."
    )
    grace: v.Wait = Field(
        USUAL_GRACE,
        description="How long what was held back waits, after the last such alert is over, whether it ends as well.",
    )
