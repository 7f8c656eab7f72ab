"""`followup`: work that an incident leaves behind."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.access import Access
from bot.domain.actions import AddFollowup, FinishFollowup
from bot.domain.followup import Followup
from bot.domain.forms import Check, Form, Question, QuestionKind
from bot.domain.organisation import Person
from bot.domain.phrases import parse_when, split_when
from bot.domain.refusal import Refusal
from bot.ids import new_id
from handlers.ask import About, Ask, Command, Reply
from handlers.grammar import number_of
from handlers.lines import fitting, followup_line
from handlers.reading import option, person_called, zone_of


async def run(ask: Ask) -> Reply:
    """Add a follow-up, list them, or call one done; without words, ask."""
    words = [word for word in ask.words if number_of(word) is None]
    verb = words[0].casefold() if words else ""
    if verb == "list" and len(words) == 1:
        return await _listed(ask)
    if verb == "done" and len(words) <= 2:
        return await _finished(ask, words[1] if len(words) > 1 else None)
    if not ask.words and "text" not in ask.options:
        return Reply(form=_form(ask))
    return await _added(ask)


async def _added(ask: Ask) -> Reply:
    due_at, words = _when(ask)
    owner, words = _owner(ask, words)
    text = " ".join(words) or ask.options.get("text", "")
    if due_at is None:
        raise Refusal("followup.when", text=text)
    if not text.strip():
        raise Refusal("followup.empty")
    followup = Followup(
        id=new_id(ask.now),
        incident=ask.about.id,
        text=text,
        owner=owner.id,
        due_at=due_at,
        created_by=ask.person.id,
        created_at=ask.now,
        remind_at=due_at,
    )
    decision = await ask.act(AddFollowup(followup))
    return Reply(message=decision.reply, incident=decision.incident)


def _when(ask: Ask) -> tuple[datetime | None, Sequence[str]]:
    zone = zone_of(ask.person, ask.org)
    if "due" in ask.options:
        with option("due"):
            return parse_when(ask.options["due"], ask.now, zone), ask.words
    return split_when(ask.words, ask.now, zone)


def _owner(ask: Ask, words: Sequence[str]) -> tuple[Person, Sequence[str]]:
    """Return whose work it is, and what of the words says what it is: an `@person` in front owns it, but in quotes."""
    if "owner" in ask.options:
        with option("owner"):
            return person_called(ask.options["owner"], ask.org, ask.person), words
    if words and words[0].startswith("@") and not any(map(str.isspace, words[0])):
        return person_called(words[0], ask.org, ask.person), words[1:]
    return ask.person, words


async def _listed(ask: Ask) -> Reply:
    speech = ask.desk.speech(ask.person)
    followups = await ask.unit.followups.of(ask.about.id)
    if not followups:
        return Reply(text=speech.words("followups.none", ref=ask.about.ref))
    lines = [speech.words("followups.head", ref=ask.about.ref, count=len(followups))]
    lines += [followup_line(place, followup, speech) for place, followup in enumerate(followups, 1)]
    return Reply(text="\n".join(fitting(lines)))


async def _finished(ask: Ask, given: str | None) -> Reply:
    followups = await ask.unit.followups.of(ask.about.id)
    left = [followup for followup in followups if followup.is_open]
    # Without a number, the only one that is left must be meant.
    only = left[0] if len(left) == 1 else None
    found = _named(given, followups) if given is not None else only
    if found is None:
        raise Refusal("followup.which", given=given, ref=ask.about.ref, count=len(followups))
    decision = await ask.act(FinishFollowup(found))
    return Reply(message=decision.reply, incident=decision.incident)


def _named(word: str, followups: Sequence[Followup]) -> Followup | None:
    if word.isascii() and word.isdigit() and len(word) < 6:
        return followups[int(word) - 1] if 0 < int(word) <= len(followups) else None
    return next((followup for followup in followups if followup.id == word.casefold()), None)


def _form(ask: Ask) -> Form:
    speech = ask.desk.speech(ask.person)
    return Form(
        title=speech.words("form.followup", ref=ask.about.ref),
        command=f"followup {ask.about.ref}",
        questions=(
            Question("text", speech.words("form.followup.text"), QuestionKind.PARAGRAPH),
            Question("due", speech.words("form.followup.due"), value="tomorrow 09:00", check=Check.WHEN),
            Question(
                "owner",
                speech.words("form.followup.owner"),
                required=False,
                value=ask.person.name,
                check=Check.PERSON,
            ),
        ),
        submit=speech.words("form.followup.submit"),
    )


COMMAND = Command(
    name="followup",
    aliases=("follow-up", "todo"),
    usage="[INC-42] <when> [@person] <what> | list | done <number>",
    summary="command.followup",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("owner", "due", "text"),
    examples=(
        "followup in 2h Rotate the key",
        "followup tomorrow 09:00 @omar Write to the customers",
        "followup done 1",
    ),
    takes_number=True,
    prose_after=0,
)
