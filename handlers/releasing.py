"""Alerts that were held back and still fire are looked at anew when what held them back ends.

That it has ended is a report of Tocsin's own in the inbox of their source: so it comes in its turn among the reports
of that source, is told once with any number of replicas, and survives whatever is killed when. Who is looked at twice
is held back, or fires, as before.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import orjson
import structlog

from bot.domain.alert import Alert, AlertEvent, Reminder
from bot.domain.hush import BY_SILENCE, inhibitors_of, longest_grace, place_of
from bot.domain.organisation import Organisation
from bot.domain.said import Ended
from bot.ports.records import NewDelivery
from bot.ports.store import Conflict, Unit, Urgency
from handlers.desk import Desk
from handlers.hushing import hush_now

log = structlog.get_logger(__name__)

KIND: Final = "release"
"""The kind of the deliveries that say what has ended."""

LOOK_SECONDS: Final = 5.0
AT_ONCE: Final = 500
TRIES: Final = 5


async def release(desk: Desk, unit: Unit, ended: Mapping[str, Collection[str]]) -> None:
    """Report for each key that what held back has ended to the sources (names) of the alerts that it held."""
    by_source: dict[str, list[str]] = {}
    for key, sources in ended.items():
        for source in sources:
            by_source.setdefault(source, []).append(key)
    for source, keys in sorted(by_source.items()):
        await _report(desk, unit, source, Ended(tuple(sorted(keys))))


async def bring_up(desk: Desk, unit: Unit, source: str, ended: Ended) -> Sequence[tuple[AlertEvent, datetime]]:
    """Return what was held back as events that nobody sent; beyond so many at once the rest gets a report of its own."""
    found = await unit.alerts.held_by(source, ended.keys, after=ended.after, limit=AT_ONCE)
    if len(found) == AT_ONCE:
        await _report(desk, unit, source, Ended(ended.keys, found[-1].id))
    return [(reminder_of(alert), desk.now()) for alert in found]


class Keeper:
    """Sees to it that nothing stays held back by what is over, and that every alert that inhibits is known as such."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._version: str | None = None

    async def look(self) -> None:
        """Look once. Where nothing is held back and no rule inhibits, that is one question to the database."""
        org = self._desk.organisation()
        is_new = self._version != org.version
        if is_new:
            await self._rebuild(org)
        async with self._desk.store.read(self._desk.tenant) as unit:
            held = await unit.alerts.held()
            ended = await self._ended(unit, org, held, is_new=is_new) if held else {}
        if ended:
            await self._release(ended)
        self._version = org.version

    async def tidy(self) -> None:
        """Forget the inhibitors that have been over for longer than anything waits for that."""
        org = self._desk.organisation()
        async with self._desk.store.write(self._desk.tenant, Urgency.PROCESSING) as unit:
            ended_by = self._desk.now() - longest_grace(org.inhibitions)
            await unit.inhibitors.forget({rule.rule for rule in org.inhibitions}, ended_by)

    async def _ended(
        self, unit: Unit, org: Organisation, held: Mapping[str, Sequence[str]], *, is_new: bool
    ) -> Mapping[str, Sequence[str]]:
        """Return what holds no more. Under a new configuration, all that it says something of is looked at anew."""
        places = [place for key in held if (place := place_of(key)) is not None]
        hush = await hush_now(unit, org, self._desk.now(), places)
        return {
            key: sources
            for key, sources in held.items()
            if not hush.holds(key) or (is_new and not key.startswith(BY_SILENCE))
        }

    async def _release(self, ended: Mapping[str, Sequence[str]]) -> None:
        for _ in range(TRIES):
            with suppress(Conflict):
                async with self._desk.store.write(self._desk.tenant, Urgency.COMMAND) as unit:
                    await release(self._desk, unit, ended)
                log.info("released", keys=len(ended))
                return

    async def _rebuild(self, org: Organisation) -> None:
        """Write down which live alerts inhibit by the rules as they are now; those of other rules are forgotten."""
        after = ""
        while org.inhibitions:
            async with self._desk.store.read(self._desk.tenant) as unit:
                live = await unit.inhibitors.live_labels(after, limit=AT_ONCE)
            found = [one for alert, labels in live for one in inhibitors_of(org.inhibitions, alert, labels)]
            if found:
                async with self._desk.store.write(self._desk.tenant, Urgency.PROCESSING) as unit:
                    await unit.inhibitors.add(found)
            if len(live) < AT_ONCE:
                return
            after = live[-1][0]


async def _report(desk: Desk, unit: Unit, source: str, ended: Ended) -> None:
    body = orjson.dumps({"ended": list(ended.keys), "after": ended.after})
    # While the same waits to be worked on, it need not be said again.
    if not await unit.deliveries.is_waiting(source, KIND, body):
        await unit.deliveries.add(NewDelivery(desk.tenant, source, KIND, body, desk.now()))


def reminder_of(alert: Alert) -> Reminder:
    """Return an alert as an event that nobody sent."""
    return Reminder(
        fingerprint=alert.fingerprint,
        is_firing=True,
        labels=alert.labels,
        title=alert.title,
        severity=alert.severity.name,
        summary=alert.summary,
        url=alert.url,
    )
