"""`answer`: answer what the postmortem of an incident asks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.access import Access
from bot.domain.actions import AddFollowup
from bot.domain.followup import Followup
from bot.domain.incident import Incident
from bot.domain.message import Message
from bot.domain.postmortem import Part, given
from bot.domain.postmortem_answers import Hearing, Understood, understand
from bot.domain.postmortem_deciding import Given, Sitting, answer, move_on
from bot.domain.postmortem_fault import Misfit
from bot.domain.postmortem_script import Prompt, PromptKind
from bot.domain.refusal import Refusal, Value
from bot.domain.taking_part import took_part
from bot.ids import new_id
from bot.ports.store import Unit
from handlers.ask import About, Ask, Command, Reply
from handlers.postmortem_asking import form_for, kept, meant, must_be_asked, number_option, proposal, seated
from handlers.postmortem_forms import ANSWERS
from handlers.reading import WrongOption

LONGEST: Final = 20_000
_WITHOUT_TEXT: Final = frozenset({PromptKind.TIMES, PromptKind.ACTIONS, PromptKind.DETECTION})
"""Kinds whose form takes an answer apart, so that a whole line of it has no place there."""

_ENOUGH: Final = frozenset({"done", "that is all", "no more"})


async def run(ask: Ask) -> Reply:
    """Keep an answer and ask on; without one, give the question's form."""
    sitting = await seated(ask)
    fields = {name: ask.options[name] for name in ANSWERS if name in ask.options}
    if ask.rest:
        fields["text"] = ask.rest
    prompt = meant(ask, sitting)
    if "seen" not in ask.options:
        must_be_asked(ask, sitting)
    if not fields:
        return Reply(form=await form_for(ask, sitting, prompt))
    return await answered(ask, sitting, prompt, fields, known=number_option(ask, "seen"))


async def answered(
    ask: Ask,
    sitting: Sitting,
    prompt: Prompt,
    fields: Mapping[str, str],
    *,
    known: int | None,
) -> Reply:
    """Keep what the fields say as the answer to a question. What is wrong is told where it was written.

    `known` is how many versions of it the one who answers has seen.
    """
    is_list = prompt.kind is PromptKind.ACTIONS
    if is_list and fields.get("text", "").strip().rstrip(".!").casefold() in _ENOUGH:
        must_be_asked(replace(ask, options={**ask.options, "for": prompt.id}), sitting)
        return await kept(ask, sitting, move_on(sitting))
    brought = await proposal(ask.desk, ask.unit, sitting, prompt, ask.person)
    responders = await _responders(ask) if prompt.kind is PromptKind.FACILITATOR else ()
    hearing = Hearing(ask.about, ask.org, ask.person, ask.now, brought.times, responders, "\n".join(brought.alike))
    try:
        understood = understand(prompt, fields, hearing)
    except Misfit as misfit:
        if misfit.field in ask.options and "heard" not in ask.options:
            raise WrongOption(misfit.field, misfit) from misfit
        told = ask.desk.speech(ask.person).refuse(misfit)
        if "heard" in ask.options:
            raise Refusal("postmortem.not_taken", number=prompt.place, text=told) from misfit
        if prompt.kind in _WITHOUT_TEXT:
            raise
        # What was typed is not lost: it comes back in the form, where it can be corrected.
        raise WrongOption("text", misfit, await form_for(ask, sitting, prompt, typed=fields, trouble=told)) from misfit
    item = number_option(ask, "item")
    new = Given(new_id(ask.now), prompt, understood.text, understood.parts, known, item, understood.said)
    outcome = answer(sitting, new)
    if is_list:
        ask, new = await _remembered(ask, sitting, new, understood)
        outcome = answer(replace(sitting, incident=ask.about), new)
    if "heard" in ask.options:
        heard: dict[str, Value] = {"number": prompt.place, "text": prompt.text(ask.person.language)}
        outcome = replace(outcome, reply=Message("reply.postmortem_heard", {**outcome.reply.fields, **heard}))
    return await kept(ask, replace(sitting, incident=ask.about), outcome)


async def _responders(ask: Ask) -> tuple[str, ...]:
    return took_part(ask.about, [stored.event for stored in await ask.unit.timeline.of(ask.about.id)])


async def _remembered(ask: Ask, sitting: Sitting, new: Given, understood: Understood) -> tuple[Ask, Given]:
    """Make the action a follow-up, of which its owner is reminded; one that was changed stays the same follow-up."""
    part: Part = understood.parts[0]
    earlier = next((one for one in given(sitting.answers, new.prompt.id) if one.item == new.item), None)
    before = await ask.unit.followups.get(str(earlier.parts[0]["followup"])) if earlier is not None else None
    due_at = datetime.fromisoformat(str(part["due_at"]))
    followup = Followup(
        id=before.id if before is not None else new_id(ask.now),
        incident=ask.about.id,
        text=str(part["text"]),
        owner=str(part["owner"]),
        due_at=due_at,
        created_by=before.created_by if before is not None else ask.person.id,
        created_at=before.created_at if before is not None else ask.now,
        remind_at=due_at,
    )
    decision = await ask.act(AddFollowup(followup))
    parts = ({**part, "followup": followup.id},)
    return replace(ask, incident=decision.incident), replace(new, parts=parts)


async def _asks_for_others(unit: Unit, incident: Incident) -> bool:
    """Whether what is asked is which other incidents were like this one."""
    postmortem = await unit.postmortems.of(incident.id)
    if postmortem is None or not postmortem.is_asking:
        return False
    prompt = (await unit.postmortems.script(postmortem.script)).prompt(postmortem.current)
    return prompt is not None and prompt.kind is PromptKind.SIMILAR


COMMAND = Command(
    name="answer",
    usage="[INC-42] [text]",
    summary="command.answer",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("for", "seen", "item", "heard", *ANSWERS),
    examples=("answer", "answer 1200 customers for 40 minutes", "answer INC-42 ok"),
    prose_after=0,
    takes_number=True,
    is_verbatim=True,
    names_others=_asks_for_others,
    longest=LONGEST,
)
