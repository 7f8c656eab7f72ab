"""`/noise`: how good the alerts of a time were, rule by rule."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from pydantic import AwareDatetime, Field

from bot.domain.noise import Quality
from handlers.web.api import models
from handlers.web.api.operation import READER, Call, Operation, Query
from handlers.weighing import USUAL_PERIOD, weigh

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NoiseQuery(Query):
    """Which alerts to weigh."""

    since: AwareDatetime | None = Field(None, description="From when on; without it, seven days before `until`.")
    until: AwareDatetime | None = Field(None, description="Up to when; without it, up to now.")
    service: str | None = Field(None, max_length=200, description="Only those of this service.")


async def _weigh(call: Call) -> models.NoiseReport:
    query, desk = call.query(NoiseQuery), call.desk
    until = query.until or desk.now()
    since = query.since or _week_before(until)
    async with desk.store.read(desk.tenant) as unit:
        weighed = await weigh(unit, desk.organisation(), READER, since, until, service=query.service)
    items = [_shown(quality) for quality in weighed.rules]
    return models.NoiseReport(items=items, next=None, since=since, until=weighed.until)


def _week_before(at: datetime) -> datetime:
    """Return the time seven days earlier, or the first that there is."""
    return at - USUAL_PERIOD if at > _FIRST + USUAL_PERIOD else _FIRST


def _shown(quality: Quality) -> models.RuleQuality:
    lasts = quality.median_duration
    return models.RuleQuality(
        rule=quality.rule.name,
        source=quality.rule.source,
        service=quality.rule.service or None,
        fired=quality.fired,
        paged=quality.paged,
        acknowledged=quality.acknowledged,
        actionable_share=quality.actionable,
        calls=quality.calls,
        night_calls=quality.night_calls,
        flaps=quality.flaps,
        median_duration_seconds=lasts.total_seconds() if lasts is not None else None,
        noise=quality.noise,
        advice=quality.advice,
    )


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/noise",
        "weigh_alerts",
        "Tell how good the alerts of a time were: what each rule fired, whom it called, who answered.",
        models.NoiseReport,
        _weigh,
        query=NoiseQuery,
    ),
)
