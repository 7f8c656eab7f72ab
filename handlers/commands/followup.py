"""`followup`: work that an incident leaves behind."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.access import Access
from bot.domain.actions import AddFollowup, FinishFollowup
from bot.domain.followup import Followup
from bot.domain.forms import Check, Form, Question, QuestionKind
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
    due_at, text = _when_and_what(ask)
    owner = ask.person
    if "owner" in ask.options:
        with option("owner"):
            owner = person_called(ask.options["owner"], ask.org, ask.person)
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


def _when_and_what(ask: Ask) -> tuple[datetime, str]:
    zone = zone_of(ask.person, ask.org)
    words: Sequence[str] = ask.words
    if "due" in ask.options:
        with option("due"):
            due_at: datetime | None = parse_when(ask.options["due"], ask.now, zone)
    else:
        due_at, words = split_when(words, ask.now, zone)
    text = " ".join(words) or ask.options.get("text", "")
    if due_at is None:
        raise Refusal("followup.when", text=text)
    if not text.strip():
        raise Refusal("followup.empty")
    return due_at, text


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
    usage="[INC-42] <when> <what> [--owner @person] | list | done <number>",
    summary="command.followup",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("owner", "due", "text"),
    examples=(
        "followup in 2h Rotate the key",
        "followup tomorrow 09:00 Write to the customers --owner omar",
        "followup done 1",
    ),
    takes_number=True,
    prose_after=0,
)
