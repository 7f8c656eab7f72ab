"""What may hold the alerts of one segment back, read at once, and what the segment leaves behind of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.alert import AlertEvent, AlertState, LiveAlert
from bot.domain.hush import (
    BY_SILENCE,
    Hush,
    Inhibitor,
    Place,
    holder_of,
    inhibitors_of,
    longest_grace,
    places_for,
    standing,
)
from bot.domain.organisation import Organisation
from bot.ports.store import Unit
from handlers.destinations import Destinations

NOTHING: Final = Hush()


async def hush_for(
    unit: Unit,
    where: Destinations,
    now: datetime,
    events: Collection[AlertEvent],
    live: Mapping[str, LiveAlert],
) -> Hush:
    """Return what may hold these events back: read for all of them at once, and not at all where nothing can ask.

    Alerts that begin here inhibit one another whichever stands first: senders put them in any order.
    """
    org = where.org
    rest = (event for event in events if event.is_firing and _may_ask(event, live.get(event.fingerprint), where))
    first = next(rest, None)
    if first is None:
        return NOTHING
    silences = await unit.silences.in_force(now)
    windows = [window for window in org.maintenance if window.end_of(now) is not None]
    if not org.inhibitions:
        return Hush(silences, windows)
    asking = [first, *rest]
    pairs = {pair for event in asking for pair in places_for(org.inhibitions, event.labels)}
    inhibitors, ended = await _standing(unit, org, now, pairs)
    for event in asking:
        for found in inhibitors_of(org.inhibitions, event.fingerprint, event.labels):
            inhibitors.setdefault((found.rule, found.key, found.is_target), event.title)
    return Hush(silences, windows, org.inhibitions, inhibitors, ended)


async def remember_hush(
    unit: Unit, org: Organisation, began: Sequence[tuple[str, Mapping[str, str]]], hidden: Mapping[str, int]
) -> None:
    """Write down which alerts (ids, with labels) now hold others back, and how many were hidden by what."""
    if org.inhibitions:
        found: list[Inhibitor] = []
        for alert, labels in began:
            found += inhibitors_of(org.inhibitions, alert, labels)
        await unit.inhibitors.add(found)
    silenced: dict[int, int] = {}
    by_file: dict[str, int] = {}
    for key, count in hidden.items():
        if key.startswith(BY_SILENCE):
            silenced[int(key.removeprefix(BY_SILENCE))] = count
        elif (holder := holder_of(key, org.inhibitions)) is not None:
            by_file[holder] = by_file.get(holder, 0) + count
    await unit.silences.hid(silenced)
    await unit.silences.file_hid(by_file)


async def hush_now(unit: Unit, org: Organisation, now: datetime, places: Collection[Place] = ()) -> Hush:
    """Return all that holds alerts back now, of inhibitors those at these places."""
    inhibitors, ended = await _standing(unit, org, now, {(rule, key) for rule, key, _ in places})
    windows = [window for window in org.maintenance if window.end_of(now) is not None]
    return Hush(await unit.silences.in_force(now), windows, org.inhibitions, inhibitors, ended)


async def _standing(
    unit: Unit, org: Organisation, now: datetime, pairs: Collection[tuple[str, str]]
) -> tuple[dict[Place, str], dict[Place, str]]:
    rules = org.inhibitions
    found = await unit.inhibitors.among(pairs, now - longest_grace(rules)) if rules else ()
    return standing(rules, found, now)


def _may_ask(event: AlertEvent, known: LiveAlert | None, where: Destinations) -> bool:
    """Whether it may matter for this event what holds back; one more time than needed does no harm."""
    if known is None or known.state is AlertState.SUPPRESSED or known.held_by is not None:
        return True
    return where.severity(event).is_worse_than(known.severity)
