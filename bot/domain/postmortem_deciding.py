"""The rules of the conversation: what opening, answering, skipping, going back and finishing do to a postmortem."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.effects import AskQuestion, Effect, Say
from bot.domain.incident import Incident
from bot.domain.message import Message
from bot.domain.postmortem import (
    WRITABLE,
    Answer,
    Part,
    Postmortem,
    State,
    check_state,
    following,
    latest,
    left,
    seen,
)
from bot.domain.postmortem import given as given_to
from bot.domain.postmortem_script import Prompt, PromptKind, Script
from bot.domain.refusal import Refusal, Value
from bot.domain.timeline import Actor, Event, EventKind


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a decision about a postmortem is made of: how it stands, who acts, and when."""

    incident: Incident
    postmortem: Postmortem
    script: Script
    answers: tuple[Answer, ...]
    actor: Actor
    now: datetime

    @property
    def asked(self) -> Prompt | None:
        """The question that is asked now."""
        return self.script.prompt(self.postmortem.current)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided, stored together or not at all. `reply` is what the one who acted is told."""

    postmortem: Postmortem
    reply: Message
    answers: tuple[Answer, ...] = ()
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as understood. `seen` is how many versions the one who gives it knew of; None: they could not know.

    `item` names which of several is changed; None: another one, where a question collects several. `id` is the new
    answer's. `understood` is told to who gives it, so that they can say it another way.
    """

    id: str
    prompt: Prompt
    text: str
    parts: tuple[Part, ...] = ()
    seen: int | None = None
    item: int | None = None
    understood: str = ""


def begin(fresh: Postmortem, incident: Incident, script: Script, actor: Actor) -> Outcome:
    """Open the conversation, and ask its first question in the incident's room.

    Raises `Refusal` while the incident has not been resolved: nobody looks back on what is not over.
    """
    if incident.resolved_at is None:
        raise Refusal("postmortem.early", ref=incident.ref, status=incident.status.value)
    postmortem = replace(fresh, current=script.prompts[0].id, script=script.digest)
    fields: dict[str, Value] = {"owner": postmortem.owner, "count": len(script.prompts)}
    event = Event(EventKind.POSTMORTEM_OPENED, actor, postmortem.opened_at, fields)
    said = _say(incident, Message("timeline.postmortem_opened", {"by": str(actor), **fields}))
    reply = Message("reply.postmortem_opened", {"ref": incident.ref, **fields})
    return Outcome(postmortem, reply, events=(event,), effects=(*said, *_ask(incident, postmortem)))


def take_up(sitting: Sitting) -> Outcome:
    """Go on where it was left: the question is told again, and what the owner says in the room is an answer again."""
    _must_be_asking(sitting)
    postmortem = replace(sitting.postmortem, is_paused=False)
    return _outcome(sitting, postmortem, "postmortem_goes_on", asks=True)


def answer(sitting: Sitting, given: Given) -> Outcome:
    """Keep an answer: another version, if there was one. What was asked is answered, so the next question is told.

    An answer to another question than the one that is asked changes what was said there, and asks nothing. Raises
    `Refusal` when the one who gives it has not seen what others answered meanwhile.
    """
    _must_be_writable(sitting)
    prompt = given.prompt
    _must_be_seen(sitting, prompt, given.seen)
    item = _item(sitting, given)
    before = [one for one in latest(sitting.answers, prompt.id) if one.item == item]
    kept = Answer(
        id=given.id,
        postmortem=sitting.postmortem.id,
        question=prompt.id,
        number=before[0].number + 1 if before else 1,
        at=sitting.now,
        person=None if prompt.is_anonymous else sitting.actor.person,
        text=given.text,
        parts=given.parts,
        item=item,
    )
    return _kept(sitting, prompt, kept, "postmortem_answered", given.understood)


def skip(sitting: Sitting, prompt: Prompt, reason: str, answer_id: str, known: int | None = None) -> Outcome:
    """Leave a question without an answer, for a reason; an optional one needs none. It can be answered later."""
    _must_be_writable(sitting)
    _must_be_seen(sitting, prompt, known)
    if not reason.strip() and not prompt.is_optional:
        raise Refusal("postmortem.reason", number=prompt.place)
    if any(one.skipped is None for one in latest(sitting.answers, prompt.id)):
        raise Refusal("postmortem.skip_answered", number=prompt.place)
    before = latest(sitting.answers, prompt.id)
    kept = Answer(
        id=answer_id,
        postmortem=sitting.postmortem.id,
        question=prompt.id,
        number=before[0].number + 1 if before else 1,
        at=sitting.now,
        person=None if prompt.is_anonymous else sitting.actor.person,
        skipped=reason.strip(),
    )
    return _kept(sitting, prompt, kept, "postmortem_skipped")


def must_have(sitting: Sitting, prompt: Prompt, item: int) -> None:
    """Refuse to change an entry of a question that has not so many."""
    there = given_to(sitting.answers, prompt.id)
    if not any(one.item == item for one in there):
        raise Refusal("postmortem.no_item", number=prompt.place, item=item, count=len(there))


def move_on(sitting: Sitting) -> Outcome:
    """Leave the question that is asked as it was answered before, or a list as long as it is, and ask the next one."""
    prompt = _asked(sitting)
    if not latest(sitting.answers, prompt.id):
        raise Refusal("postmortem.unanswered", number=prompt.place)
    after = following(sitting.script, sitting.answers, prompt)
    postmortem = replace(sitting.postmortem, current=after.id if after else None)
    reply = "postmortem_list_ends" if prompt.kind is PromptKind.ACTIONS else "postmortem_moved_on"
    done = len(sitting.script.prompts) - len(left(sitting.script, sitting.answers))
    return _outcome(sitting, postmortem, reply, asks=True, number=prompt.place, done=done)


def back(sitting: Sitting) -> Outcome:
    """Ask the question before again. What was answered there stays until it is answered anew."""
    _must_be_asking(sitting)
    asked = sitting.asked
    place = asked.place if asked is not None else len(sitting.script.prompts) + 1
    before = sitting.script.at(place - 1)
    if before is None:
        raise Refusal("postmortem.first")
    postmortem = replace(sitting.postmortem, current=before.id, is_paused=False)
    return _outcome(sitting, postmortem, "postmortem_back", asks=True, number=before.place)


def pause(sitting: Sitting) -> Outcome:
    """Let the owner talk in the room without answering, until the conversation is taken up again."""
    _must_be_asking(sitting)
    return _outcome(sitting, replace(sitting.postmortem, is_paused=True), "postmortem_paused")


def hand_over(sitting: Sitting, owner: str) -> Outcome:
    """Let another person (id) lead the conversation; in the room they are told what is asked."""
    _must_be_writable(sitting)
    if owner == sitting.postmortem.owner:
        raise Refusal("postmortem.owner_already", ref=sitting.incident.ref, owner=owner)
    postmortem = replace(sitting.postmortem, owner=owner)
    return _outcome(sitting, postmortem, "postmortem_handed_over", asks=postmortem.is_asking, owner=owner)


def finish(sitting: Sitting) -> Outcome:
    """Hand it to those who review it. Refused while a question is neither answered nor skipped."""
    _must_be_asking(sitting)
    open_ones = left(sitting.script, sitting.answers)
    if open_ones:
        numbers = ", ".join(str(prompt.place) for prompt in open_ones)
        raise Refusal("postmortem.unfinished", count=len(open_ones), numbers=numbers)
    check_state(sitting.incident.ref, sitting.postmortem.state, State.IN_REVIEW)
    postmortem = replace(sitting.postmortem, state=State.IN_REVIEW, current=None, finished_at=sitting.now)
    fields: dict[str, Value] = {"count": len(sitting.script.prompts)}
    event = Event(EventKind.POSTMORTEM_FINISHED, sitting.actor, sitting.now, fields)
    said = _say(sitting.incident, Message("timeline.postmortem_finished", {"by": str(sitting.actor), **fields}))
    reply = Message("reply.postmortem_finished", {"ref": sitting.incident.ref})
    return Outcome(postmortem, reply, events=(event,), effects=said)


def waive(sitting: Sitting, reason: str) -> Outcome:
    """Do without a postmortem: a manager says so, and why. What was answered is kept."""
    if not reason.strip():
        raise Refusal("postmortem.waive_reason", ref=sitting.incident.ref)
    check_state(sitting.incident.ref, sitting.postmortem.state, State.WAIVED)
    postmortem = replace(
        sitting.postmortem,
        state=State.WAIVED,
        current=None,
        waived_by=sitting.actor.person,
        waived_reason=reason.strip(),
    )
    fields: dict[str, Value] = {"reason": reason.strip()}
    event = Event(EventKind.POSTMORTEM_WAIVED, sitting.actor, sitting.now, fields)
    said = _say(sitting.incident, Message("timeline.postmortem_waived", {"by": str(sitting.actor), **fields}))
    reply = Message("reply.postmortem_waived", {"ref": sitting.incident.ref})
    return Outcome(postmortem, reply, events=(event,), effects=said)


def _kept(sitting: Sitting, prompt: Prompt, kept: Answer, reply: str, understood: str = "") -> Outcome:
    before = sitting.postmortem
    if kept.number > 1 and prompt.id != before.current:
        reply = "postmortem_edited"
    elif prompt.kind is PromptKind.ACTIONS and kept.skipped is None:
        reply = "postmortem_listed"
    answers = (*sitting.answers, kept)
    current, asks = before.current, False
    if before.is_asking and prompt.id == before.current:
        asks = True
        if prompt.kind is not PromptKind.ACTIONS or kept.skipped is not None:
            after = following(sitting.script, answers, prompt)
            current = after.id if after else None
    state = State.COLLECTING if before.state is State.DRAFT else before.state
    owner = before.owner or sitting.actor.person
    postmortem = replace(before, current=current, state=state, owner=owner)
    left_over = len(left(sitting.script, answers))
    fields: dict[str, Value] = {"number": prompt.place, "left": left_over, "item": kept.item}
    if kept.skipped is None and prompt.kind is PromptKind.ACTIONS:
        fields |= {"owner": kept.parts[0]["owner"], "due_at": kept.parts[0]["due_at"]}
    fields |= {"done": len(sitting.script.prompts) - left_over, "understood": understood}
    outcome = _outcome(sitting, postmortem, reply, asks=asks, **fields)
    return replace(outcome, answers=(kept,))


def _item(sitting: Sitting, given: Given) -> int:
    if given.prompt.kind is not PromptKind.ACTIONS:
        return 1
    if given.item is not None:
        must_have(sitting, given.prompt, given.item)
        return given.item
    return len(given_to(sitting.answers, given.prompt.id)) + 1


def _outcome(sitting: Sitting, postmortem: Postmortem, reply: str, *, asks: bool = False, **fields: Value) -> Outcome:
    about: dict[str, Value] = {"ref": sitting.incident.ref, "count": len(sitting.script.prompts), **fields}
    effects = _ask(sitting.incident, postmortem) if asks else ()
    return Outcome(postmortem, Message(f"reply.{reply}", about), effects=effects)


def _ask(incident: Incident, postmortem: Postmortem) -> tuple[Effect, ...]:
    """Ask in the incident's room; once that is closed, the owner alone."""
    if incident.has_room:
        return (AskQuestion(postmortem.current),)
    return (AskQuestion(postmortem.current, postmortem.owner),) if postmortem.owner is not None else ()


def _say(incident: Incident, message: Message) -> tuple[Effect, ...]:
    return (Say(message),) if incident.has_room else ()


def _asked(sitting: Sitting) -> Prompt:
    _must_be_asking(sitting)
    asked = sitting.asked
    if asked is None:
        raise Refusal("postmortem.all_asked", ref=sitting.incident.ref)
    return asked


def _must_be_asking(sitting: Sitting) -> None:
    if not sitting.postmortem.is_asking:
        raise Refusal("postmortem.state", ref=sitting.incident.ref, state=sitting.postmortem.state.value)


def _must_be_writable(sitting: Sitting) -> None:
    if sitting.postmortem.state not in WRITABLE:
        raise Refusal("postmortem.state", ref=sitting.incident.ref, state=sitting.postmortem.state.value)


def _must_be_seen(sitting: Sitting, prompt: Prompt, known: int | None) -> None:
    """Refuse what was written without knowing what stands there by now."""
    is_asked = sitting.postmortem.is_asking and prompt.id == sitting.postmortem.current
    there: Sequence[Answer] = latest(sitting.answers, prompt.id)
    if known is None and (is_asked or not there):
        return
    if known is None or known != seen(sitting.answers, prompt.id):
        last = max(there, key=lambda one: one.at, default=None)
        raise Refusal(
            "postmortem.changed",
            number=prompt.place,
            person=last.person if last is not None else None,
            text=(last.text or last.skipped) if last is not None else None,
        )
