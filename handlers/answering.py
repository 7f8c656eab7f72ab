"""What a person is told: the answer to a command that was carried out, and to one that was not."""

from datetime import datetime
from typing import Final, assert_never

from bot.domain.effects import Tell
from bot.domain.forms import Check, Question
from bot.domain.incident import Incident
from bot.domain.message import Message
from bot.domain.organisation import Person
from bot.domain.phrases import Misread, parse_when
from bot.domain.postmortem_fault import Misfit
from bot.domain.refusal import Already, Refusal
from bot.domain.text import clip
from bot.ports.chat import Answer
from bot.ports.records import AuditEntry, LaneKind, NewEffect
from bot.ports.store import Unit
from bot.startup import StartupError
from bot.wording.speech import Speech
from handlers.ask import Reply
from handlers.case import Case
from handlers.desk import Desk
from handlers.finding import Which, choice
from handlers.reading import WrongOption, person_called, zone_of
from handlers.registry import usage
from handlers.spreading import channels_of

_DENIALS: Final = frozenset({"access.too_low", "account.unknown", "actor.unknown"})
_MISWRITTEN: Final = frozenset(
    {
        "assign.two",
        "followup.empty",
        "followup.when",
        "link.unknown",
        "list.unknown",
        "maintenance.service",
        "note.empty",
        "oncall.unknown",
        "option.unknown",
        "option.value",
        "page.whom",
        "person.unknown",
        "role.unlike",
        "silence.everything",
        "silence.expiry",
        "silence.matchers",
        "silence.reason",
        "silence.which",
        "target.unknown",
        "timeline.count",
        "update.empty",
    }
)
"""Refusals of how a line was written rather than of what it would do: the answer shows how it is written."""

_SAID_IN_ROOM: Final = frozenset(
    {
        "reply.acknowledged",
        "reply.assigned",
        "reply.cancelled",
        "reply.mitigated",
        "reply.noted",
        "reply.paged",
        "reply.reopened",
        "reply.resolved",
        "reply.severity",
    }
)
"""Replies that say no more than what is said of the same in the incident's room."""

_QUOTED: Final = 80


def yes(reply: Reply, speech: Speech, incident: Incident | None, *, in_room: bool) -> Answer:
    """Return the answer to a command that was carried out, or that asks back with a form.

    `in_room`: it was written in the room of the incident, and that is still told what happens.
    """
    text = reply.text or (speech.say(reply.message) if reply.message is not None else "")
    if not text and reply.form is not None:
        text = reply.form.title
    if not text and reply.card is not None:
        text = reply.card.fallback
    about = reply.incident or incident
    return Answer(
        ok=True,
        text=text,
        card=reply.card,
        form=reply.form,
        incident=about.ref if about else None,
        is_told=in_room and (reply.is_told or _is_said(reply.message)),
    )


async def no(desk: Desk, case: Case, problem: Refusal | Misread | WrongOption | StartupError) -> Answer:
    """Return the answer to a command that was not carried out; to a button of an older card, with what happened since.

    What is so already is no mistake: a script that tries again learns that what it wanted is done.
    """
    speech = desk.speech(case.person)
    about = case.incident.ref if case.incident is not None else None
    if isinstance(problem, WrongOption):
        text = _said(problem.cause, speech)
        # What an answer lacks is told by its own sentence; how the command is written would not help.
        told = text if isinstance(problem.cause, Misfit) else text + _usage(case, speech)
        return Answer(ok=False, text=told, form=problem.form, errors=((problem.option, text),), incident=about)
    if isinstance(problem, Which):
        card = choice(problem, case.tail, speech)
        text = speech.refuse(problem)
        return Answer(ok=False, text=f"{text}\n{card.body}" if card else text, card=card)
    text = str(problem) if isinstance(problem, StartupError) else _said(problem, speech)
    if isinstance(problem, Misread) or (isinstance(problem, Refusal) and problem.key in _MISWRITTEN):
        text += _usage(case, speech)
    if case.outdated is not None:
        async with desk.store.read(desk.tenant) as unit:
            events = await unit.timeline.of(case.outdated.id, limit=1)
        if events:
            text = f"{text} {speech.words('reply.changed_since', what=speech.event(events[-1].event))}"
    return Answer(ok=isinstance(problem, Already), text=text, incident=about)


def fault_of(question: Question, answer: str, person: Person, desk: Desk) -> str | None:
    """Return what is wrong with a person's answer to one question of a form, as the command would say it."""
    org = desk.organisation()
    try:
        match question.check:
            case Check.WHEN:
                parse_when(answer, desk.now(), zone_of(person, org))
            case Check.PERSON:
                person_called(answer, org, person)
            case Check.NONE:
                pass
            case _:
                assert_never(question.check)
    except (Refusal, Misread) as problem:
        return _said(problem, desk.speech(person))
    return None


async def remember(unit: Unit, refusal: Refusal, case: Case, now: datetime) -> None:
    """Write an attempt into the audit that was denied for who made it; other refusals are nobody's business."""
    if refusal.key not in _DENIALS:
        return
    entry = AuditEntry(
        at=now,
        actor=case.actor,
        token=case.incoming.token,
        action=f"Denied {clip(case.verb, 40)}".strip() if case.verb else "Denied",
        subject=case.incident.ref if case.incident else "",
        after={name: value for name, value in refusal.fields.items() if value is not None},
    )
    await unit.audit.add([entry])


async def late(unit: Unit, desk: Desk, case: Case, answer: Answer) -> None:
    """Send a person the answer to a line that was carried out after they stopped waiting, where they wrote it."""
    chat, person = case.receipt.chat, case.person
    if person is None or chat not in channels_of(person, desk.chats):
        return
    message = Message("tell.late", {"line": clip(case.incoming.text, _QUOTED), "answer": answer.text})
    tell = Tell(person.id, message)
    key, lane = f"late:{case.receipt.id}", f"{person.id}:{chat}"
    await unit.outbox.add([NewEffect(key, LaneKind.DIRECT, lane, chat, tell, incident=None)], desk.now())


def _is_said(message: Message | None) -> bool:
    # That alerts still fire is told to the one who resolves, and to nobody else.
    return message is not None and message.key in _SAID_IN_ROOM and not message.fields.get("firing")


def _usage(case: Case, speech: Speech) -> str:
    return f"\n{speech.words('reply.usage', usage=usage(case.command))}" if case.command is not None else ""


def _said(problem: Refusal | Misread, speech: Speech) -> str:
    if isinstance(problem, Misread):
        return speech.misread(problem)
    if problem.key == "account.unknown":
        return speech.stranger(str(problem.fields["chat"]), str(problem.fields["user"]))
    return speech.refuse(problem)
