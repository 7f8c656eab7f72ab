"""Silences are looked at beforehand, begun, extended and ended, each in one unit of work with its audit; for chats and API."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.access import Viewer
from bot.domain.alert import Alert
from bot.domain.effects import Announce, Tell
from bot.domain.hush import BY_SILENCE, Silence
from bot.domain.matchers import Matcher
from bot.domain.message import Message
from bot.domain.organisation import Person
from bot.domain.refusal import Refusal, Value
from bot.domain.silencing import LOOKED_BACK, Preview, Wish, check, named, number_of, preview, warning_at
from bot.domain.timeline import Actor
from bot.ports.records import AuditEntry, LaneKind, NewEffect
from bot.ports.store import Unit
from handlers.auditing import changed
from handlers.desk import Desk
from handlers.releasing import release
from handlers.spreading import channels_of

LOOKED_AT: Final = 5_000
"""How many alerts a preview looks at, the newest: it must not hold the writer up."""

SOON: Final = "soon"
END: Final = "end"


async def preview_of(unit: Unit, wish: Wish, viewer: Viewer, now: datetime) -> Preview:
    """Return what a silence would hide, as far as the viewer may know. Refuses one that may not be."""
    check(wish, now)
    samples = await unit.silences.recent_alerts(now - LOOKED_BACK, viewer, limit=LOOKED_AT)
    found = preview(wish, samples)
    found.is_cut = len(samples) == LOOKED_AT
    return found


async def begin(desk: Desk, unit: Unit, wish: Wish, author: str, token: str) -> Silence:
    """Store a silence that may be, with its timers and the audit."""
    now = desk.now()
    check(wish, now)
    silence = Silence(
        number=await unit.silences.next_number(),
        matchers=wish.matchers,
        service=wish.service,
        author=author,
        reason=wish.reason,
        created_at=now,
        starts_at=max(now, wish.starts_at),
        ends_at=wish.ends_at,
        is_maintenance=wish.is_maintenance,
    )
    await unit.silences.save(silence, timers_of(silence, now))
    entry = AuditEntry(now, str(Actor(person=author)), token, "Silence", silence.ref, after=_audited(silence))
    await unit.audit.add([entry])
    return silence


def timers_of(silence: Silence, now: datetime) -> Mapping[str, datetime]:
    """Return what falls due for a silence, by subject; a warning that would come too late is left out."""
    timers = {f"{silence.number}:{END}": silence.ends_at}
    soon = warning_at(silence)
    if soon is not None and soon > now:
        timers[f"{silence.number}:{SOON}"] = soon
    return timers


async def extend(
    desk: Desk, unit: Unit, ref: str, to: datetime | timedelta, *, person: Person, token: str, may_hide_criticals: bool
) -> Silence:
    """Let a silence go on until an instant, or for so much longer than it would, by the rules of one that begins."""
    now = desk.now()
    before = await _going_on(unit, ref, now)
    ends_at = before.ends_at + to if isinstance(to, timedelta) else to
    if ends_at <= before.ends_at:
        raise Refusal("silence.no_longer", ref=before.ref, ends_at=before.ends_at.isoformat())
    wish = Wish(before.matchers, before.service, before.reason, before.starts_at, ends_at, before.is_maintenance)
    found = await preview_of(unit, wish, person.viewer, now)
    if found.critical and not may_hide_criticals:
        raise Refusal("silence.critical", count=found.critical)
    after = replace(before, ends_at=ends_at)
    await unit.silences.save(after, timers_of(after, now))
    was, is_now = changed(before, after)
    actor = str(Actor(person=person.id))
    await unit.audit.add([AuditEntry(now, actor, token, "ExtendSilence", after.ref, before=was, after=is_now)])
    return after


async def end(desk: Desk, unit: Unit, ref: str, person: str, token: str) -> tuple[Silence, int]:
    """End a silence before its time; returns it, and how many alerts it held that are looked at anew."""
    now = desk.now()
    before = await _going_on(unit, ref, now)
    after = replace(before, starts_at=min(before.starts_at, now), ends_at=now)
    await unit.silences.save(after, {})
    held = await held_now(unit, [before])
    was, is_now = changed(before, after)
    entry = AuditEntry(now, str(Actor(person=person)), token, "Unsilence", before.ref, before=was, after=is_now)
    await unit.audit.add([entry])
    await let_go(desk, unit, before)
    return after, held.get(before.number, 0)


async def _going_on(unit: Unit, ref: str, now: datetime) -> Silence:
    """Return a silence that has not ended yet; refused is any other."""
    number = number_of(ref)
    silence = await unit.silences.get(number) if number is not None else None
    if silence is None:
        raise Refusal("silence.unknown", given=ref)
    if silence.ends_at <= now:
        raise Refusal("silence.ended", ref=silence.ref, ended_at=silence.ends_at.isoformat())
    return silence


async def let_go(desk: Desk, unit: Unit, silence: Silence) -> None:
    """Have what a silence held, and what still fires, looked at anew."""
    sources = (await unit.alerts.held()).get(silence.key)
    if sources:
        await release(desk, unit, {silence.key: sources})


async def held_now(unit: Unit, silences: Collection[Silence]) -> Mapping[int, int]:
    """Return how many alerts each of these holds back now, by number."""
    counts = await unit.alerts.held_count([silence.key for silence in silences])
    return {silence.number: counts[silence.key] for silence in silences if silence.key in counts}


async def why_held(unit: Unit, alerts: Sequence[Alert]) -> Mapping[str, Silence]:
    """Return the silences by which these alerts are or were held back, by their keys."""
    keys = {alert.held_by for alert in alerts if alert.held_by is not None}
    numbers = {int(key.removeprefix(BY_SILENCE)) for key in keys if key.startswith(BY_SILENCE)}
    return {silence.key: silence for silence in (await unit.silences.many(numbers)).values()}


async def falls_due(desk: Desk, unit: Unit, subject: str) -> None:
    """Tell that a silence ends soon, if it hides something; or that it has ended, and let go what it held."""
    number, _, what = subject.partition(":")
    silence = await unit.silences.get(int(number))
    now = desk.now()
    if silence is None:
        return
    held = (await held_now(unit, [silence])).get(silence.number, 0)
    about: dict[str, Value] = {**about_silence(silence), "held": held, "hidden": silence.hidden}
    if what == SOON:
        if held and silence.is_in_force(now):
            await _tell(desk, unit, silence, what, Message("notice.silence_ends", about))
        return
    if now >= silence.ends_at:
        await _tell(desk, unit, silence, what, Message("notice.silence_ended", about))
        entry = AuditEntry(
            now, str(Actor(part="timer")), "", "SilenceEnded", silence.ref, after={"hidden": silence.hidden}
        )
        await unit.audit.add([entry])
        await let_go(desk, unit, silence)


def about_silence(silence: Silence) -> dict[str, Value]:
    """Return what sentences say of a silence."""
    return {
        "ref": silence.ref,
        "person": silence.author,
        "starts_at": silence.starts_at.isoformat(),
        "ends_at": silence.ends_at.isoformat(),
        "what": described(silence.service, silence.matchers),
        "reason": silence.reason,
    }


def described(service: str | None, matchers: Sequence[Matcher]) -> str:
    """Return in one line which alerts are meant."""
    return ", ".join(part for part in (f"service {service}" if service else "", named(matchers)) if part)


async def _tell(desk: Desk, unit: Unit, silence: Silence, what: str, message: Message) -> None:
    """Tell the author, and everyone who listens to announcements; of a later end it is told again."""
    key = f"silence:{silence.number}:{what}:{int(silence.ends_at.timestamp())}"
    effects = [
        NewEffect(f"{key}:{chat}", LaneKind.ANNOUNCE, chat, chat, Announce(message), None) for chat in desk.chats
    ]
    author = desk.organisation().person(silence.author)
    effects += [
        NewEffect(
            f"{key}:author:{chat}",
            LaneKind.DIRECT,
            f"{silence.author}:{chat}",
            chat,
            Tell(silence.author, message),
            None,
        )
        for chat in channels_of(author, desk.chats)
    ]
    await unit.outbox.add(effects, desk.now())


def _audited(silence: Silence) -> dict[str, Value]:
    return {
        "service": silence.service,
        "matchers": named(silence.matchers),
        "reason": silence.reason,
        "starts_at": silence.starts_at.isoformat(),
        "ends_at": silence.ends_at.isoformat(),
    }
