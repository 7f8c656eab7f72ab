"""Maintenance windows and inhibiting rules of the file: checked, made into what the rules know, and kept as a version."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.config.hush_file import InhibitSection, MaintenanceSection
from bot.config.problem import Problem
from bot.config.tree import Tree, Where
from bot.domain.hush import Inhibition
from bot.domain.maintenance import MaintenanceWindow, Once, Weekly
from bot.domain.organisation import Organisation
from bot.domain.silencing import named

_ONCE = ("from", "until")
_WEEKLY = ("days", "at", "for")


def check_window(tree: Tree, where: Where, window: dict[str, Any]) -> Iterator[Problem]:
    """Complain of a window that is about nothing, or whose times are not whole or the wrong way round."""
    if not window.get("services") and not window.get("match"):
        yield tree.problem(where, "this would hold back every alert", "add 'services', a 'match' or both")
    once, weekly = ([key for key in keys if window.get(key)] for keys in (_ONCE, _WEEKLY))
    if once and weekly:
        what = f"'{once[0]}' is for once and '{weekly[0]}' for every week"
        yield tree.problem((*where, weekly[0]), what, "keep 'from' and 'until', or 'days', 'at' and 'for'", at_key=True)
    elif not once and not weekly:
        yield tree.problem(where, "it has no time", "add 'from' and 'until', or 'days', 'at' and 'for'")
    else:
        for key in _ONCE if once else _WEEKLY:
            if not window.get(key):
                yield tree.problem(where, f"{key!r} is missing", f"write '{key}: ...' here")
    starts_at, ends_at = (_wall(window.get(key)) for key in _ONCE)
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        yield tree.problem((*where, "until"), "it would be over before it begins", "write a time after 'from'")


def maintenance_window(section: MaintenanceSection, timezone: str) -> MaintenanceWindow:
    """Return a window as the rules know it.

    Of a time that the clock shows twice, it begins with the first and ends with the last.
    """
    zone = section.timezone or timezone
    time: Once | Weekly
    if section.from_ is not None and section.until is not None:
        starts_at, ends_at = section.from_.replace(fold=0), section.until.replace(fold=1)
        time = Once(*(at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for at in (starts_at, ends_at)))
    else:
        assert section.at is not None
        assert section.for_ is not None
        time = Weekly(tuple(sorted(set(section.days))), section.at, section.for_, zone)
    return MaintenanceWindow(section.name, time, section.services, section.match or ())


def inhibition(section: InhibitSection) -> Inhibition:
    """Return an inhibiting rule as the rules know it."""
    return Inhibition(section.name, section.source, section.target, section.equal, section.grace)


def stored_hush(organisation: Organisation) -> dict[str, Any]:
    """Return what is kept of windows and rules, as plain JSON."""
    return {
        "maintenance": [
            {
                "name": window.name,
                "services": list(window.services),
                "match": named(window.matchers),
                **_stored_time(window.time),
            }
            for window in organisation.maintenance
        ],
        "inhibit": [
            {
                "name": rule.name,
                "source": named(rule.source),
                "target": named(rule.target),
                "equal": list(rule.equal),
                "grace": int(rule.grace.total_seconds()),
            }
            for rule in organisation.inhibitions
        ],
    }


def _stored_time(time: Once | Weekly) -> dict[str, Any]:
    if isinstance(time, Once):
        return {"from": time.starts_at.isoformat(), "until": time.ends_at.isoformat()}
    seconds = int(time.lasts.total_seconds())
    return {"days": list(time.days), "at": time.at.isoformat(), "for": seconds, "timezone": time.timezone}


def _wall(given: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return at.replace(tzinfo=None) if at is not None else None
