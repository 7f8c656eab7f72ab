"""`/silences`: what holds alerts back, by the same rules as the commands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import AwareDatetime, Field

from bot.domain.access import Access, require
from bot.domain.hush import Silence
from bot.domain.matchers import Matcher, MatcherError, parse_matchers
from bot.domain.organisation import Person
from bot.domain.refusal import Refusal
from bot.domain.silencing import Preview, Wish, named
from bot.domain.text import clean
from bot.ports.hushing import SilenceStage
from bot.ports.store import Unit, Urgency
from handlers.holding import holders
from handlers.reading import service_called
from handlers.silencing import begin, end, extend, held_now, preview_of
from handlers.web.api import models
from handlers.web.api.operation import Call, Given, ListQuery, Operation, Query
from handlers.web.api.showing import People
from handlers.web.api.silence_models import Holder, SilenceAnswer, SilencePreview
from handlers.web.api.silence_models import Silence as Shown
from handlers.web.problems import Problem
from handlers.web.tokens import API_TOKEN


class SilencesQuery(ListQuery):
    """Which silences to list."""

    state: Literal["active", "pending", "expired", "all"] = Field(
        "all", description="active: it holds alerts back now; pending: it will."
    )


class SilenceBody(Given):
    """What to silence, for how long, why, and on whose behalf."""

    actor: str = Field(min_length=1, max_length=200, description="A person's name, as in tocsin.yaml.")
    match: str = Field("", max_length=4_000, description='Matchers as in Alertmanager: `alertname=~"Drift.*"`.')
    service: str | None = Field(None, max_length=200, description="Only alerts of this service.")
    starts_at: AwareDatetime | None = Field(None, description="When it begins; without it, now.")
    ends_at: AwareDatetime = Field(description="When it ends, 30 days later at most.")
    reason: str = Field(max_length=500, description="Why.")
    allow_critical: bool = Field(False, description="Needed for one that would hide critical alerts.")
    dry_run: bool = Field(False, description="Only tell what it would hide.")


class LongerBody(Given):
    """Until when a silence goes on, and on whose behalf."""

    actor: str = Field(min_length=1, max_length=200, description="A person's name, as in tocsin.yaml.")
    ends_at: AwareDatetime = Field(
        description="When it ends: later than it would, 30 days after its beginning at most."
    )
    allow_critical: bool = Field(False, description="Needed for one that would hide critical alerts.")


class EndQuery(Query):
    """On whose behalf to end it."""

    actor: str = Field(min_length=1, max_length=200, description="A person's name, as in tocsin.yaml.")


async def _list(call: Call) -> models.Page[Shown]:
    query, now = call.query(SilencesQuery), call.desk.now()
    stages = tuple(SilenceStage) if query.state == "all" else (SilenceStage(query.state),)
    async with call.desk.store.read(call.desk.tenant) as unit:
        window = await unit.silences.window(stages, now, cursor=query.cursor, limit=query.limit)
        items = await _shown(unit, call, window.items, now)
    return models.Page[Shown](items=items, next=window.next_cursor)


async def _holders(call: Call) -> models.Page[Holder]:
    async with call.desk.store.read(call.desk.tenant) as unit:
        found = await holders(unit, call.desk.organisation(), call.desk.now())
    items = [
        Holder(
            kind="maintenance" if one.is_window else "inhibition",
            name=one.name,
            ends_at=one.ends_at,
            holds=one.holds,
            hidden=one.hidden,
        )
        for one in found
    ]
    return models.Page[Holder](items=items, next=None)


async def _begin(call: Call) -> SilenceAnswer:
    body, desk = await call.body(SilenceBody), call.desk
    now = desk.now()
    try:
        person = _actor(call, body.actor, "silence")
        service = service_called(body.service, desk.organisation()).name if body.service is not None else None
        reason = " ".join(clean(body.reason).split())
        wish = Wish(_matchers(body.match), service, reason, body.starts_at or now, body.ends_at)
        async with desk.store.read(desk.tenant) as unit:
            preview = await preview_of(unit, wish, person.viewer, now)
        if body.dry_run:
            return SilenceAnswer(silence=None, preview=_previewed(preview))
        if preview.critical and not body.allow_critical:
            raise _hides_criticals(preview.critical)
        async with desk.store.write(desk.tenant, Urgency.COMMAND) as unit:
            silence = await begin(desk, unit, wish, person.id, API_TOKEN)
            [shown] = await _shown(unit, call, [silence], desk.now())
    except Refusal as refusal:
        raise Problem(422, desk.speech().refuse(refusal)) from refusal
    return SilenceAnswer(silence=shown, preview=_previewed(preview))


async def _extend(call: Call) -> Shown:
    body, desk = await call.body(LongerBody), call.desk
    try:
        person = _actor(call, body.actor, "silence")
        async with desk.store.write(desk.tenant, Urgency.COMMAND) as unit:
            silence = await extend(
                desk,
                unit,
                call.path("ref"),
                body.ends_at,
                person=person,
                token=API_TOKEN,
                may_hide_criticals=body.allow_critical,
            )
            [shown] = await _shown(unit, call, [silence], desk.now())
    except Refusal as refusal:
        if refusal.key == "silence.critical":
            raise _hides_criticals(refusal.fields["count"]) from refusal
        raise _refused(call, refusal) from refusal
    return shown


async def _end(call: Call) -> Shown:
    query, desk = call.query(EndQuery), call.desk
    try:
        person = _actor(call, query.actor, "unsilence")
        async with desk.store.write(desk.tenant, Urgency.COMMAND) as unit:
            silence, _ = await end(desk, unit, call.path("ref"), person.id, API_TOKEN)
            [shown] = await _shown(unit, call, [silence], desk.now())
    except Refusal as refusal:
        raise _refused(call, refusal) from refusal
    return shown


def _refused(call: Call, refusal: Refusal) -> Problem:
    status = 404 if refusal.key == "silence.unknown" else 422
    return Problem(status, call.desk.speech().refuse(refusal))


def _hides_criticals(count: object) -> Problem:
    what = f"It would hide {count} critical alerts; if that is meant, say `allow_critical`."
    return Problem(422, what, errors=[("body.allow_critical", "must be true")])


def _actor(call: Call, name: str, what: str) -> Person:
    person = call.desk.organisation().person_named(name)
    if person is None:
        raise Refusal("person.unknown", given=name, like=None)
    require(person.access, Access.RESPONDER, what)
    return person


def _matchers(text: str) -> tuple[Matcher, ...]:
    try:
        return parse_matchers(text)
    except MatcherError as error:
        raise Problem(422, f"The matchers can't be read: {error}.", errors=[("body.match", str(error))]) from error


async def _shown(unit: Unit, call: Call, silences: Sequence[Silence], now: datetime) -> list[Shown]:
    held: Mapping[int, int] = await held_now(unit, silences)
    known = {person.id: person.name for person in call.desk.organisation().people}
    gone = {silence.author for silence in silences} - known.keys()
    people = People({**known, **await unit.people.names(gone)} if gone else known)
    return [
        Shown(
            ref=silence.ref,
            state=_stage(silence, now).value,
            match=named(silence.matchers),
            service=silence.service,
            is_maintenance=silence.is_maintenance,
            author=people.name(silence.author),
            reason=silence.reason,
            created_at=silence.created_at,
            starts_at=silence.starts_at,
            ends_at=silence.ends_at,
            holds=held.get(silence.number, 0),
            hidden=silence.hidden,
        )
        for silence in silences
    ]


def _stage(silence: Silence, now: datetime) -> SilenceStage:
    if silence.ends_at <= now:
        return SilenceStage.EXPIRED
    return SilenceStage.ACTIVE if silence.is_in_force(now) else SilenceStage.PENDING


def _previewed(found: Preview) -> SilencePreview:
    return SilencePreview(
        recent=found.recent,
        firing=found.firing,
        critical=found.critical,
        titles=found.titles,
        is_cut=found.is_cut,
    )


OPERATIONS: Final[Sequence[Operation]] = (
    Operation(
        "GET",
        "/silences",
        "list_silences",
        "List silences, newest first.",
        models.Page[Shown],
        _list,
        query=SilencesQuery,
    ),
    Operation(
        "GET",
        "/holders",
        "list_holders",
        "List the maintenance windows and inhibiting rules of tocsin.yaml, with how many alerts each holds back.",
        models.Page[Holder],
        _holders,
    ),
    Operation(
        "POST",
        "/silences",
        "begin_silence",
        "Hold alerts back for a while, or tell what that would hide.",
        SilenceAnswer,
        _begin,
        body=SilenceBody,
        problems={415: "The body is not declared as JSON.", 413: "The body is too large."},
    ),
    Operation(
        "PATCH",
        "/silences/{ref}",
        "extend_silence",
        "Let a silence go on for longer.",
        Shown,
        _extend,
        body=LongerBody,
        problems={
            404: "There is no such silence.",
            415: "The body is not declared as JSON.",
            413: "The body is too large.",
        },
    ),
    Operation(
        "DELETE",
        "/silences/{ref}",
        "end_silence",
        "End a silence before its time: what still fires opens its incident.",
        Shown,
        _end,
        query=EndQuery,
        problems={404: "There is no such silence."},
    ),
)
