"""`reopen`: take an incident up again."""

from bot.domain.access import Access
from bot.domain.actions import Reopen
from bot.domain.forms import Form, Question
from bot.domain.transitions import check_reopening
from handlers.ask import About, Ask, Command, Reply


async def run(ask: Ask) -> Reply:
    """Take a mitigated or ended incident back to investigating, with a reason; without words, ask for it."""
    reason = ask.rest or ask.options.get("reason", "")
    if not reason:
        check_reopening(ask.about)
        return Reply(form=_form(ask))
    decision = await ask.act(Reopen(reason))
    return Reply(message=decision.reply, incident=decision.incident)


def _form(ask: Ask) -> Form:
    speech = ask.desk.speech(ask.person)
    return Form(
        title=speech.words("form.reopen", ref=ask.about.ref),
        command=f"reopen {ask.about.ref}",
        questions=(Question("reason", speech.words("form.reason")),),
        submit=speech.words("form.reopen.submit"),
    )


COMMAND = Command(
    name="reopen",
    usage="[INC-42] <reason>",
    summary="command.reopen",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("reason",),
    examples=("reopen INC-42 The errors are back",),
    prose_after=0,
)
