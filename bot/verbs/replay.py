"""Replay: read anew what could not be read, or rehearse what was received under other rules and print the difference."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bot.clock import DatabaseClock
from bot.config.settings import Settings
from bot.domain.phrases import Misread
from bot.domain.refusal import Refusal
from bot.domain.rehearsal import Comparison, Opened, Recorded, compared, recorded_only
from bot.domain.text import clean
from bot.log import configure
from bot.operator import operator
from bot.ports.records import AuditEntry
from bot.ports.store import DEFAULT_TENANT, Urgency
from bot.startup import StartupError
from bot.verbs.database import opened_store
from bot.verbs.rehearsal import Rehearsal, picture, rehearsing, take_silences
from bot.verbs.verb import Verb
from bot.wording.speech import Speech
from handlers.reading import past
from integrations.chat.discovery import declared
from storage.store import SqlStore, open_store

MISUSED: Final = 2
_BODIES_AT_ONCE: Final = 50
_STILL: Final = (
    "What still can't be read is set aside anew, without another notice; it is counted when you run this again, and "
    "listed at /api/v1/deliveries?state=quarantined."
)


async def replay(given: argparse.Namespace) -> int:
    """Do the one or the other; what was processed already is never processed again."""
    if given.quarantined:
        if given.dry_run or given.until or given.config or given.json:
            return _refused("--quarantined goes with --source alone: the running Tocsin reads them by its own rules.")
        return await _again(given.source)
    if not given.dry_run:
        return _refused(
            "--since needs --dry-run: these deliveries were processed already, and processing them again would open "
            "their incidents a second time and call people for what is over."
        )
    return await _rehearsed(given)


def _refused(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return MISUSED


async def _again(source: str | None) -> int:
    """Make deliveries that could not be read pending again: a running Tocsin reads them anew."""
    async with opened_store() as store, store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
        count = await unit.deliveries.replay(source=source)
        after = {"source": source, "count": count}
        await unit.audit.add([AuditEntry(datetime.now(UTC), operator(), "", "Replay", "deliveries", after=after)])
    if count:
        sys.stdout.write(f"{count} set aside before will be read again. {_STILL}\n")
    else:
        sys.stdout.write(f"Nothing{f' of the source {source!r}' if source is not None else ''} is set aside.\n")
    return 0


@dataclass(frozen=True, slots=True)
class Difference:
    """What a rehearsal found."""

    since: datetime
    until: datetime
    deliveries: int
    unreadable: int
    incidents: Sequence[Comparison]
    recorded: Sequence[Recorded]


async def _rehearsed(given: argparse.Namespace) -> int:
    configure(level=logging.ERROR)  # what the rehearsal does is no news
    settings, now = Settings.from_environment(os.environ, declared()), datetime.now(UTC)
    theirs = settings if given.config is None else replace(settings, config_path=given.config, config_is_named=True)
    # Only read: no secret is needed, and no key is made.
    real = await open_store(settings.database_url, DatabaseClock(), lambda _topics: None)
    try:
        async with rehearsing(theirs, os.environ) as rehearsal:
            speech = Speech(rehearsal.desk.organisation())
            since = _when(given.since, now, speech)
            until = _when(given.until, now, speech) if given.until else now
            difference = await _difference(real, rehearsal, since, until, given.source)
    finally:
        await real.close()
    sys.stdout.write(_as_json(difference) if given.json else _as_text(difference, speech))
    return 0


def _when(text: str, now: datetime, speech: Speech) -> datetime:
    try:
        return past(text, now, speech.org.timezone)
    except Misread as misread:
        raise StartupError(speech.misread(misread)) from None
    except Refusal as refusal:
        raise StartupError(speech.refuse(refusal)) from None


async def _difference(
    real: SqlStore, rehearsal: Rehearsal, since: datetime, until: datetime, source: str | None
) -> Difference:
    async with real.read(DEFAULT_TENANT) as unit:
        seqs = await unit.history.received(since, until, source)
    rehearsal.clock.to(since)
    await take_silences(real, rehearsal, since)
    sources: set[str] = set()
    for start in range(0, len(seqs), _BODIES_AT_ONCE):
        async with real.read(DEFAULT_TENANT) as unit:
            deliveries = await unit.history.deliveries(seqs[start : start + _BODIES_AT_ONCE])
        sources.update(delivery.source for delivery in deliveries)
        await rehearsal.hear(deliveries)
    await rehearsal.live_until(until)
    now, then = await picture(rehearsal.store, since, until, sources), await picture(real, since, until, sources)
    return Difference(
        since=since,
        until=until,
        deliveries=len(seqs),
        unreadable=await rehearsal.unreadable(),
        incidents=compared(now.episodes, now.incidents, then.episodes, then.incidents, since),
        recorded=recorded_only(now.episodes, then.episodes, since),
    )


def _as_text(found: Difference, speech: Speech) -> str:
    same = sum(len(one.then) for one in found.incidents if not one.differs)
    others = sum(len(one.then) for one in found.incidents if one.differs)
    new = sum(len(one.now) for one in found.incidents if not one.then)
    lines = [
        f"{found.deliveries} deliveries from {speech.at(found.since)} to {speech.at(found.until)}"
        + (f", {found.unreadable} of which can't be read." if found.unreadable else "."),
        f"Incidents that would be as they were: {same}; that would not: {others}; that there were not: {new}.",
    ]
    for one in found.incidents:
        if one.differs:
            lines += ["", *_told(one, speech)]
    changed = [one for one in found.recorded if one.now != one.then]
    if changed:
        lines += ["", "Alerts that would be recorded only:"]
        lines += [f"  {one.now} instead of {one.then}: {_rule(one)}" for one in changed]
    return "\n".join(lines) + "\n"


def _told(one: Comparison, speech: Speech) -> list[str]:
    refs = ", ".join(opened.ref for opened in one.then)
    match len(one.now), len(one.then):
        case 0, _:
            what = f"Would not open: {refs}"
        case _, 0:
            what = "Would open, and did not:"
        case 1, 1:
            what = f"Would differ: {refs} ({', '.join(one.differs)})"
        case 1, before:
            what = f"Would be one incident instead of {before}: {refs}"
        case after, 1:
            what = f"Would be {after} incidents instead of one: {refs}"
        case _:
            what = f"Would be {len(one.now)} incidents instead of {len(one.then)}: {refs}"
    return [
        what,
        *(f"  then  {_incident(opened, speech)}" for opened in one.then),
        *(f"  now   {_incident(opened, speech)}" for opened in one.now),
    ]


def _incident(opened: Opened, speech: Speech) -> str:
    service, policy = opened.service or "no service", opened.policy or "no policy"
    called = ", ".join(opened.people) or "nobody"
    title = clean(opened.title)
    return f"{speech.at(opened.opened_at)}  {opened.severity}  {title} ({service}, {policy}); calls {called}"


def _rule(one: Recorded) -> str:
    rule = one.rule
    return " · ".join(part for part in (clean(rule.name), rule.service, rule.source) if part)


def _as_json(found: Difference) -> str:
    plain = {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "deliveries": found.deliveries,
        "unreadable": found.unreadable,
        "incidents": [
            {
                "now": [{**_plain(opened), "ref": None} for opened in one.now],
                "then": [_plain(opened) for opened in one.then],
                "differs": list(one.differs),
            }
            for one in found.incidents
        ],
        "recorded_only": [
            {
                "rule": one.rule.name,
                "source": one.rule.source,
                "service": one.rule.service or None,
                "now": one.now,
                "then": one.then,
            }
            for one in found.recorded
        ],
    }
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def _plain(opened: Opened) -> dict[str, Any]:
    return {
        "ref": opened.ref,
        "title": opened.title,
        "severity": opened.severity,
        "service": opened.service,
        "policy": opened.policy,
        "opened_at": opened.opened_at.isoformat(),
        "called_first": list(opened.people),
    }


def _arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--quarantined", action="store_true", help="those that were set aside")
    which.add_argument("--since", metavar="WHEN", help="those received since: 7d, '2h ago', '2026-01-05 14:05'")
    parser.add_argument("--until", metavar="WHEN", help="up to when (default: now)")
    parser.add_argument("--source", help="of this source only")
    parser.add_argument("--dry-run", action="store_true", help="write and send nothing; print the difference")
    parser.add_argument("--config", type=Path, metavar="FILE", help="by the rules of this file instead of yours")
    parser.add_argument("--json", action="store_true", help="print the difference as JSON")


VERBS = (
    Verb(
        "replay",
        "Read deliveries again that could not be read, or rehearse others under changed rules.",
        replay,
        _arguments,
    ),
)
