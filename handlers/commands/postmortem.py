"""`postmortem`: open the conversation after an incident, go on with it, go back in it, and end it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.domain.access import Access, require
from bot.domain.actions import Join
from bot.domain.postmortem import seen
from bot.domain.postmortem_deciding import (
    Outcome,
    Sitting,
    back,
    finish,
    hand_over,
    move_on,
    must_have,
    pause,
    take_up,
    waive,
)
from bot.domain.postmortem_script import PromptKind
from bot.domain.refusal import Refusal
from bot.domain.text import nearest
from handlers.ask import About, Ask, Command, Reply
from handlers.commands.answer import LONGEST, answered
from handlers.commands.skip import skipped
from handlers.postmortem_asking import card_for, form_for, in_its_room, kept, must_be_asked, seated
from handlers.postmortem_cards import progress
from handlers.postmortem_keeping import Change, keep_outcome, opening, sitting_of
from handlers.reading import person_called
from handlers.standing import standing


async def run(ask: Ask) -> Reply:
    """Open the postmortem or go on with it; with a word, do what it says."""
    word, _, rest = ask.rest.partition(" ")
    if not word:
        return await _opened(ask)
    act = _WORDS.get(word.casefold())
    if act is None:
        raise Refusal("postmortem.word", given=word, like=nearest(word, _WORDS))
    return await act(ask, rest.strip())


async def _opened(ask: Ask) -> Reply:
    there = await sitting_of(ask.desk, ask.unit, ask.about, ask.actor)
    if there is not None:
        return await _done(ask, take_up) if there.postmortem.is_asking else await _status(ask, "")
    outcome = opening(ask.desk, ask.about, ask.actor)
    await keep_outcome(ask.desk, ask.unit, outcome, Change(ask.about, None, ask.actor, ask.token))
    sitting = await sitting_of(ask.desk, ask.unit, ask.about, ask.actor)
    assert sitting is not None
    card = None if await in_its_room(ask) else await card_for(ask, sitting)
    return Reply(text=ask.desk.speech(ask.person).say(outcome.reply), card=card, incident=ask.about)


async def _done(ask: Ask, decide: Callable[[Sitting], Outcome]) -> Reply:
    sitting = await seated(ask)
    must_be_asked(ask, sitting)
    return await kept(ask, sitting, decide(sitting))


def _simply(decide: Callable[[Sitting], Outcome]) -> Callable[[Ask, str], Awaitable[Reply]]:
    async def act(ask: Ask, _rest: str) -> Reply:
        return await _done(ask, decide)

    return act


async def _status(ask: Ask, _rest: str) -> Reply:
    sitting = await sitting_of(ask.desk, ask.unit, ask.about, ask.actor)
    if sitting is None:
        raise Refusal("postmortem.none", ref=ask.about.ref)
    return Reply(text=progress(sitting, ask.desk.speech(ask.person)))


async def _handed_over(ask: Ask, rest: str) -> Reply:
    sitting = await seated(ask)
    owner = person_called(rest, ask.org, ask.person) if rest else ask.person
    if owner.access < Access.RESPONDER:
        raise Refusal("postmortem.owner_access", owner=owner.id)
    decision = await ask.act(Join(owner.id))
    inside = replace(ask, incident=decision.incident)
    here = replace(sitting, incident=decision.incident)
    return await kept(inside, here, hand_over(here, owner.id))


async def _edited(ask: Ask, rest: str) -> Reply:
    """Change an answer: `edit 3` gives its form, `edit 3 text` the new one, `edit 14.2` the second action."""
    place, _, text = rest.partition(" ")
    number, dot, item = place.partition(".")
    sitting = await seated(ask)
    prompt = sitting.script.at(int(number)) if _is_number(number) and (not dot or _is_number(item)) else None
    if prompt is None:
        raise Refusal("postmortem.which", given=place, count=len(sitting.script.prompts))
    which = int(item) if dot and prompt.kind is PromptKind.ACTIONS else None
    if which is not None:
        must_have(sitting, prompt, which)
    if not text.strip():
        return Reply(form=await form_for(ask, sitting, prompt, item=which))
    options = {"item": str(which)} if which is not None else {}
    known = seen(sitting.answers, prompt.id)
    return await answered(replace(ask, options=options), sitting, prompt, {"text": text.strip()}, known=known)


async def _waived(ask: Ask, rest: str) -> Reply:
    """Do without: whoever counts as a manager here approves it by saying so."""
    require(standing(ask.person, ask.about), Access.MANAGER, "postmortem waive")
    return await _done(ask, lambda sitting: waive(sitting, rest))


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 4


_WORDS: Final[Mapping[str, Callable[[Ask, str], Awaitable[Reply]]]] = {
    "status": _status,
    "progress": _status,
    "back": _simply(back),
    "next": _simply(move_on),
    "pause": _simply(pause),
    "resume": _simply(take_up),
    "skip": skipped,
    "edit": _edited,
    "owner": _handed_over,
    "finish": _simply(finish),
    "waive": _waived,
}

COMMAND = Command(
    name="postmortem",
    aliases=("pm",),
    usage="[INC-42] [status | back | next | skip <reason> | edit <number> [text] | pause | owner @person | finish | waive <reason>]",
    summary="command.postmortem",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("for",),
    examples=("postmortem", "postmortem status", "postmortem edit 3 The cache was cold", "postmortem owner @omar"),
    prose_after=0,
    takes_number=True,
    is_verbatim=True,
    longest=LONGEST,
)
