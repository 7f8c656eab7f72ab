"""Say who is on call at a given time, and when that changes.

A layer hands off from person to person every so often, counted from its first handoff, which is
a time on the wall clock of the schedule's zone. What the clock does to it:

- Days, weeks and months are counted on the wall clock, and so is a shorter period that divides a
  day (12 h, 8 h): a handoff at 09:00 stays at 09:00 on both sides of a change to summer time.
- Any other period (18 h, 36 h) has no wall-clock time to keep: it is elapsed time since the first
  handoff.
- A local time that comes twice means the first; one that is left out is moved forward by the gap.
  Where that moves a handoff to or past the one after it, its turn is skipped.

Every interval is half-open: at the very moment of a handoff the new person is on call.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
_SHORTEST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(days=366)
_YEARS: Final = range(1970, 2201)


@dataclass(frozen=True, slots=True)
class Months:
    """A period of whole months, 1 to 12; a day that a month lacks becomes the last of that month."""

    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= 12:
            raise ValueError(f"a rotation can't turn every {self.count} months; use 1 to 12")


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns, in this order; the first is on call from `handoff`.

    `handoff` is naive: a wall-clock time in the schedule's zone. With nobody in it the layer
    contributes nobody. An `every` outside one minute to 366 days, or a `handoff` with a zone or
    outside 1970-2200, is a ValueError.
    """

    name: str
    people: tuple[str, ...]
    every: timedelta | Months
    handoff: datetime

    def __post_init__(self) -> None:
        if isinstance(self.every, timedelta) and not _SHORTEST <= self.every <= _LONGEST:
            raise ValueError(f"layer {self.name!r} turns every {self.every}; use 1 minute to 366 days")
        if self.handoff.tzinfo is not None:
            raise ValueError(
                f"layer {self.name!r}: write its handoff without an offset, as the clock on the wall shows it"
            )
        if self.handoff.year not in _YEARS:
            raise ValueError(f"layer {self.name!r}: its handoff is in {self.handoff.year}; use 1970 to 2200")


@dataclass(frozen=True, slots=True)
class Override:
    """One person in place of every layer, from `starts_at` until just before `ends_at`.

    A naive time, or an end that is not after the start, is a ValueError.
    """

    person: str
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        _require_aware(self.starts_at, self.ends_at)
        if self.ends_at <= self.starts_at:
            raise ValueError(f"the override of {self.person!r} ends before it starts; swap the two times")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Layers that are on call together, in this order, and the overrides in order of their making.

    `timezone` is an IANA name; an unknown one is told when the schedule is first asked
    (zoneinfo.ZoneInfoNotFoundError). Where overrides overlap, the one made last counts.
    """

    name: str
    timezone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of one person's duty; `layer` is None where it is an override's."""

    person: str
    starts_at: datetime
    ends_at: datetime
    layer: str | None


def on_call(schedule: Schedule, at: datetime) -> tuple[str, ...]:
    """Return who is on call at `at` (aware), without repeats, in the order of the layers.

    An override in force replaces everyone. Nobody of a layer is on call before its first
    handoff. An empty tuple is a gap in the schedule.
    """
    _require_aware(at)
    for override in reversed(schedule.overrides):
        if override.starts_at <= at < override.ends_at:
            return (override.person,)
    zone = ZoneInfo(schedule.timezone)
    return tuple(dict.fromkeys(person for layer in schedule.layers if (person := _person(layer, zone, at)) is not None))


def next_handoff(schedule: Schedule, after: datetime) -> datetime | None:
    """Return the first moment strictly after `after` at which a shift starts or ends, in UTC.

    That is a layer's handoff, even from a person to themselves, or an override's start or end.
    Handoffs hidden by an override don't count. None: nothing will ever change.
    """
    _require_aware(after)
    zone = ZoneInfo(schedule.timezone)
    covers = _covers(schedule.overrides)
    edges = [edge for cover in covers for edge in (cover.starts_at, cover.ends_at) if edge > after]
    for layer in schedule.layers:
        if layer.people:
            moment = _next(layer, zone, after)
            # A hidden handoff is passed over: the end of what hides it comes first anyway.
            if not any(cover.starts_at <= moment < cover.ends_at for cover in covers):
                edges.append(moment)
    return min(edges, default=None)


def shifts(schedule: Schedule, starts_at: datetime, ends_at: datetime) -> tuple[Shift, ...]:
    """Return every shift between two aware times, clipped to them, by start and then by layer.

    A layer's shift that an override interrupts comes in two pieces. An empty or reversed
    stretch has no shifts.
    """
    _require_aware(starts_at, ends_at)
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    if starts_at >= ends_at:
        return ()
    zone = ZoneInfo(schedule.timezone)
    found = [
        Shift(cover.person, max(cover.starts_at, starts_at), min(cover.ends_at, ends_at), None)
        for cover in _covers(schedule.overrides)
        if cover.starts_at < ends_at and starts_at < cover.ends_at
    ]
    free_from = [starts_at, *(cover.ends_at for cover in found)]
    free_until = [*(cover.starts_at for cover in found), ends_at]
    for layer in schedule.layers:
        for free_at, busy_at in zip(free_from, free_until, strict=True):
            found.extend(_turns(layer, zone, free_at, busy_at))
    # The sort is stable: overrides were put first, then the layers in their order.
    return tuple(sorted(found, key=lambda shift: shift.starts_at))


def _turns(layer: Layer, zone: ZoneInfo, starts_at: datetime, ends_at: datetime) -> Iterator[Shift]:
    if not layer.people:
        return
    while starts_at < ends_at:
        until_at = min(_next(layer, zone, starts_at), ends_at)
        person = _person(layer, zone, starts_at)
        if person is not None:
            yield Shift(person, starts_at, until_at, layer.name)
        starts_at = until_at


def _covers(overrides: Iterable[Override]) -> list[Override]:
    """Return the overrides cut down to where each counts: by start, none overlapping."""
    covers: list[Override] = []
    for override in overrides:
        rest: list[Override] = []
        for older in covers:
            if older.starts_at < override.starts_at:
                rest.append(Override(older.person, older.starts_at, min(older.ends_at, override.starts_at)))
            if older.ends_at > override.ends_at:
                rest.append(Override(older.person, max(older.starts_at, override.ends_at), older.ends_at))
        covers = [*rest, Override(override.person, *_utc(override.starts_at, override.ends_at))]
    return sorted(covers, key=lambda cover: cover.starts_at)


def _person(layer: Layer, zone: ZoneInfo, at: datetime) -> str | None:
    turn = _turn(layer, zone, at)
    return layer.people[turn % len(layer.people)] if layer.people and turn >= 0 else None


def _turn(layer: Layer, zone: ZoneInfo, at: datetime) -> int:
    """Return the last turn (from 0) whose handoff has come at `at`; -1 before the first."""
    if (elapsed := _elapsed_period(layer)) is not None:
        return max((at - _instant(layer.handoff, zone)) // elapsed, -1)
    local = at.astimezone(zone)
    # The second time round, the clock has shown later times already; their handoffs have come.
    shown = local.replace(tzinfo=None) + (_offset(local.replace(fold=0)) - _offset(local))
    if isinstance(layer.every, Months):
        months = (shown.year - layer.handoff.year) * 12 + shown.month - layer.handoff.month
        turn = months // layer.every.count
    else:
        turn = (shown - layer.handoff) // layer.every
    # At most a month's or a clock change's worth of turns, whatever the age of the schedule.
    while turn >= 0 and _instant(_wall(layer, turn), zone) > at:
        turn -= 1
    return max(turn, -1)


def _next(layer: Layer, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first handoff strictly after `after`, in UTC."""
    turn = _turn(layer, zone, after) + 1
    if (elapsed := _elapsed_period(layer)) is not None:
        return _instant(layer.handoff, zone) + turn * elapsed
    start = _instant(wall := _wall(layer, turn), zone)
    # Handoffs in a gap are moved forward, maybe past the first one behind the gap.
    while _is_left_out(wall, zone):
        turn += 1
        wall = _wall(layer, turn)
        start = min(start, _instant(wall, zone))
    return start


def _elapsed_period(layer: Layer) -> timedelta | None:
    """Return the period of a layer that counts elapsed time; None: it keeps to the wall clock."""
    if isinstance(layer.every, Months) or not layer.every % _DAY or not _DAY % layer.every:
        return None
    return layer.every


def _wall(layer: Layer, turn: int) -> datetime:
    """Return what the clock on the wall shows when a turn starts."""
    if isinstance(layer.every, timedelta):
        return layer.handoff + turn * layer.every
    years, month = divmod(layer.handoff.month - 1 + turn * layer.every.count, 12)
    year, month = layer.handoff.year + years, month + 1
    return layer.handoff.replace(year=year, month=month, day=min(layer.handoff.day, monthrange(year, month)[1]))


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    # With fold=0 zoneinfo takes the first of two, and the offset from before a gap.
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _is_left_out(wall: datetime, zone: ZoneInfo) -> bool:
    return _instant(wall, zone).astimezone(zone).replace(tzinfo=None) != wall


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _utc(*moments: datetime) -> Iterator[datetime]:
    return (moment.astimezone(UTC) for moment in moments)


def _require_aware(*moments: datetime) -> None:
    for moment in moments:
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no time zone; a moment on call needs one")
