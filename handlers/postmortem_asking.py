"""What the commands of a postmortem share: how it stands, who may lead it, and what the one who acts is shown."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.access import Access
from bot.domain.cards import Card
from bot.domain.forms import Form
from bot.domain.organisation import Person
from bot.domain.postmortem import Answer, given, seen
from bot.domain.postmortem_deciding import Outcome, Sitting
from bot.domain.postmortem_script import Prompt, PromptKind
from bot.domain.postmortem_times import proposed, settled
from bot.domain.refusal import Refusal
from bot.ports.store import Unit
from handlers.ask import Ask, Reply
from handlers.desk import Desk
from handlers.postmortem_alike import alike_lines
from handlers.postmortem_cards import MOST_EVENTS, Proposal, question_card
from handlers.postmortem_forms import question_form
from handlers.postmortem_keeping import Change, keep_outcome, sitting_of
from handlers.standing import standing


async def seated(ask: Ask) -> Sitting:
    """Return how the incident's postmortem stands, for somebody who may lead it.

    Its owner may, and whoever counts as a manager of the incident; where nobody leads it yet, any responder.
    """
    sitting = await sitting_of(ask.desk, ask.unit, ask.about, ask.actor)
    if sitting is None:
        raise Refusal("postmortem.none", ref=ask.about.ref)
    owner = sitting.postmortem.owner
    if owner not in {None, ask.person.id} and standing(ask.person, ask.about) < Access.MANAGER:
        raise Refusal("postmortem.not_yours", ref=ask.about.ref, owner=owner)
    return sitting


def meant(ask: Ask, sitting: Sitting) -> Prompt:
    """Return the question that a line is about: the one it names by `--for`, else the one that is asked.

    Raises `Refusal` when there is none: a button that asks for an old question says so.
    """
    named = sitting.script.prompt(ask.options["for"]) if "for" in ask.options else sitting.asked
    if named is not None:
        return named
    if not sitting.postmortem.is_asking:
        raise Refusal("postmortem.state", ref=ask.about.ref, state=sitting.postmortem.state.value)
    raise Refusal("postmortem.all_asked", ref=ask.about.ref)


def must_be_asked(ask: Ask, sitting: Sitting) -> None:
    """Refuse a button of a question that is not asked any more, saying what is."""
    if "for" not in ask.options or ask.options["for"] == sitting.postmortem.current:
        return
    was = sitting.script.prompt(ask.options["for"])
    asked = sitting.asked
    raise Refusal(
        "postmortem.moved",
        number=was.place if was is not None else None,
        asked=asked.place if asked is not None else None,
    )


def number_option(ask: Ask, name: str) -> int | None:
    """Return the number that an option of a form of ours holds; None: it is not there, or none."""
    word = ask.options.get(name, "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else None


async def proposal(desk: Desk, unit: Unit, sitting: Sitting, prompt: Prompt | None, reader: Person | None) -> Proposal:
    """Return what Tocsin brings along for a question."""
    kind = prompt.kind if prompt is not None else None
    incident = sitting.incident
    is_timeline, is_similar = kind is PromptKind.TIMELINE, kind is PromptKind.SIMILAR
    events = await unit.timeline.of(incident.id, limit=MOST_EVENTS) if is_timeline else ()
    alike = await alike_lines(unit, incident, desk.speech(reader), desk.public_url) if is_similar else ()
    return Proposal(await times(unit, sitting), events, alike)


async def times(unit: Unit, sitting: Sitting) -> dict[str, datetime | None]:
    """Return the five times of the incident: as somebody gave them, else as far as they are known."""
    if (told := settled(sitting.script, sitting.answers)) is not None:
        return told
    alerts = await unit.alerts.of_incident(sitting.incident.id)
    return proposed(sitting.incident, min((alert.first_at for alert in alerts), default=None))


async def form_for(
    ask: Ask,
    sitting: Sitting,
    prompt: Prompt,
    *,
    item: int | None = None,
    typed: Mapping[str, str] | None = None,
    trouble: str = "",
) -> Form:
    """Return the form of a question, with what was answered or, after a refusal, with what was `typed`.

    `trouble` is why that was refused: not every chat can say more beside a form that it opens.
    """
    form = question_form(
        ask.about,
        prompt,
        ask.desk.speech(ask.person),
        count=len(sitting.script.prompts),
        seen=seen(sitting.answers, prompt.id),
        proposal=await proposal(ask.desk, ask.unit, sitting, prompt, ask.person),
        person=ask.person,
        before=_before(sitting, prompt, item),
        typed=typed,
    )
    if not trouble:
        return form
    return replace(form, questions=(replace(form.questions[0], hint=trouble), *form.questions[1:]))


async def kept(ask: Ask, sitting: Sitting, outcome: Outcome) -> Reply:
    """Store what was decided. Outside the incident's room, the one who acted is shown what is asked now."""
    change = Change(sitting.incident, sitting.postmortem, ask.actor, ask.token)
    after = await keep_outcome(ask.desk, ask.unit, outcome, change)
    now = replace(sitting, postmortem=after, answers=(*sitting.answers, *outcome.answers))
    asks = bool(outcome.effects) and after.is_asking
    card = await card_for(ask, now) if asks and not await in_its_room(ask) else None
    return Reply(message=outcome.reply, card=card, incident=sitting.incident, is_told=asks and card is None)


async def card_for(ask: Ask, sitting: Sitting) -> Card:
    """Return the card of what is asked, for the one who acts."""
    brought = await proposal(ask.desk, ask.unit, sitting, sitting.asked, ask.person)
    return question_card(sitting, brought, ask.desk.speech(ask.person))


async def in_its_room(ask: Ask) -> bool:
    """Whether this was written in the incident's own room, where what is asked is told anyway."""
    if ask.room is None or not ask.about.has_room:
        return False
    return any(link.ref == ask.room for link in await ask.unit.rooms.of(ask.about.id))


def _before(sitting: Sitting, prompt: Prompt, item: int | None) -> Answer | None:
    """Return the answer that a form changes; of a question that collects several, only the one that is named."""
    answers = given(sitting.answers, prompt.id)
    if prompt.kind is PromptKind.ACTIONS:
        return next((answer for answer in answers if answer.item == item), None)
    return answers[0] if answers else None
