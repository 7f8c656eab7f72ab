"""The five times of an incident: proposed from what is known, corrected by people, in order."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.incident import Incident
from bot.domain.postmortem import Answer, Part
from bot.domain.postmortem import given as given_to
from bot.domain.postmortem_fault import Misfit
from bot.domain.postmortem_script import PromptKind, Script

MOMENTS: Final = ("began", "detected", "acknowledged", "mitigated", "resolved")
"""In the order in which they come."""

_WRITTEN: Final = "%Y-%m-%d %H:%M"
_TIME: Final = re.compile(
    r"(?:(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[ T])?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2})?\s*(?P<utc>utc|z\b)?",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(rf"\b({'|'.join(MOMENTS)})\b", re.IGNORECASE)
_MINUTE: Final = timedelta(minutes=1)


def proposed(incident: Incident, first_alert_at: datetime | None) -> dict[str, datetime | None]:
    """Return the times as far as they are known: the impact began with its first alert, if that was before."""
    opened_at = incident.opened_at
    return {
        "began": min(opened_at, first_alert_at) if first_alert_at is not None else opened_at,
        "detected": opened_at,
        "acknowledged": incident.acknowledged_at,
        "mitigated": incident.mitigated_at,
        "resolved": incident.resolved_at,
    }


def settled(script: Script, answers: Sequence[Answer]) -> dict[str, datetime | None] | None:
    """Return the times as somebody has given them; None: nobody has yet."""
    for prompt in script.prompts:
        if prompt.kind is PromptKind.TIMES and (there := given_to(answers, prompt.id)):
            return corrected(there[0].parts[0])
    return None


def corrected(part: Part) -> dict[str, datetime | None]:
    """Return the times of an answer that was given before."""
    return {name: datetime.fromisoformat(str(at)) if (at := part.get(f"{name}_at")) else None for name in MOMENTS}


def shown(at: datetime | None, zone: str) -> str:
    """Return a time as the form shows it and takes it back; nothing for one that is not known."""
    return at.astimezone(ZoneInfo(zone)).strftime(_WRITTEN) if at is not None else ""


def read(
    given: Mapping[str, str], times: Mapping[str, datetime | None], zone: str, now: datetime, *, as_it_is: bool
) -> Part:
    """Return the five times: those given, else those proposed.

    A time alone is meant on the day that brings it closest to the one proposed, unless that is still to come. Raises `Misfit` for what is no time,
    for one that is still to come, and for two in the wrong order.
    """
    text = given.get("text", "")
    typed = dict(given) if not text else {} if as_it_is else _named(text)
    found: dict[str, datetime | None] = dict(times)
    near = next((at for at in (times["began"], times["detected"]) if at is not None), now)
    for name in MOMENTS:
        word = typed.get(name, "").strip()
        before = times[name]
        # A form that came back as it was drawn has lost the seconds; what nobody touched keeps them.
        if word and word != shown(before, zone):
            at = time_in(word, before or near, zone, now)
            if at is None:
                raise Misfit(name if not text else "text", "postmortem.time", given=word, name=name)
            if at > now + _MINUTE:
                raise Misfit(name if not text else "text", "postmortem.future", name=name, moment_at=at.isoformat())
            found[name] = at
    _must_be_in_order(found, "text" if text else None)
    return {f"{name}_at": at.isoformat() if (at := found[name]) is not None else None for name in MOMENTS}


def written(part: Part) -> str:
    """Return the times as words, in UTC, so that they mean the same to everyone."""
    told = [f"{name} {at.astimezone(UTC).strftime(_WRITTEN)}" for name, at in corrected(part).items() if at is not None]
    return f"{', '.join(told)} (UTC)"


def time_in(text: str, near: datetime, zone: str, now: datetime) -> datetime | None:
    """Return the first time that stands in a text, aware, in UTC.

    Without a date it is the one closest to `near` that has come by `now`: what is looked back on has happened.
    """
    found = _TIME.search(text)
    if found is None:
        return None
    own = UTC if found["utc"] else ZoneInfo(zone)
    try:
        day = datetime.fromisoformat(found["date"]) if found["date"] else near.astimezone(own)
        at = datetime(day.year, day.month, day.day, int(found["hour"]), int(found["minute"]), tzinfo=own)
    except ValueError:
        return None
    if not found["date"]:
        days = (at + timedelta(days=shift) for shift in (-1, 0, 1))
        at = min((day for day in days if day <= now + _MINUTE), key=lambda one: abs(one - near), default=at)
    return at.astimezone(UTC)


def _named(text: str) -> dict[str, str]:
    """Return what stands behind each of the names in a text."""
    pieces = _NAMED.split(text)
    named = {name.casefold(): value for name, value in zip(pieces[1::2], pieces[2::2], strict=True)}
    if not named:
        raise Misfit("text", "postmortem.times", names=", ".join(MOMENTS))
    return {name: value.strip(" ,;:=.\n") or "?" for name, value in named.items()}


def _must_be_in_order(found: Mapping[str, datetime | None], field: str | None) -> None:
    known = [(name, at) for name in MOMENTS if (at := found[name]) is not None]
    for (first, first_at), (second, second_at) in pairwise(known):
        # By the minute, since nobody corrects a second.
        if second_at.replace(second=0, microsecond=0) < first_at.replace(second=0, microsecond=0):
            fields = {"first_at": first_at.isoformat(), "second_at": second_at.isoformat()}
            raise Misfit(field or second, "postmortem.order", first=first, second=second, **fields)
