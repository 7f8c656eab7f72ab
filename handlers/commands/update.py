"""`update`: tell everyone how it stands."""

from bot.domain.access import Access
from bot.domain.actions import GiveUpdate
from bot.domain.forms import Form, Question, QuestionKind
from bot.domain.phrases import parse_duration
from bot.domain.transitions import check_open
from handlers.ask import About, Ask, Command, Reply
from handlers.reading import option


async def run(ask: Ask) -> Reply:
    """Give an update, and say when the next one follows; without words, ask."""
    next_in = None
    if "next" in ask.options:
        with option("next"):
            next_in = parse_duration(ask.options["next"].casefold().strip().removeprefix("in "))
    text = ask.rest or ask.options.get("text", "")
    if not text:
        check_open(ask.about)
        return Reply(form=_form(ask))
    decision = await ask.act(GiveUpdate(text, next_in))
    return Reply(message=decision.reply, incident=decision.incident)


def _form(ask: Ask) -> Form:
    speech = ask.desk.speech(ask.person)
    interval = ask.org.rules.update_interval(ask.about.severity)
    hint = speech.words("form.update.hint", duration=speech.duration(interval) if interval else None)
    return Form(
        title=speech.words("form.update", ref=ask.about.ref),
        command=f"update {ask.about.ref}",
        questions=(
            Question("text", speech.words("form.update.text"), QuestionKind.PARAGRAPH),
            Question(
                "next",
                speech.words("form.update.next"),
                required=False,
                value=ask.options.get("next", ""),
                hint=hint,
            ),
        ),
        submit=speech.words("form.update.submit"),
    )


COMMAND = Command(
    name="update",
    usage="[INC-42] <text> [--next 30m]",
    summary="command.update",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("text", "next"),
    examples=("update We are failing over to the second region --next 30m",),
    prose_after=0,
)
