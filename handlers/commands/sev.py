"""`sev`: change how bad an incident is."""

from bot.domain.access import Access
from bot.domain.actions import SetSeverity
from bot.domain.forms import Form, Question, QuestionKind
from bot.domain.severity import parse_severity
from bot.domain.transitions import check_open
from handlers.ask import About, Ask, Command, Reply
from handlers.commands.declare import severities
from handlers.reading import option


async def run(ask: Ask) -> Reply:
    """Set the severity, with a reason if one is given; without words, ask."""
    named = "severity" in ask.options
    given = ask.options.get("severity") or (ask.words[0] if ask.words else "")
    if not given:
        check_open(ask.about)
        return Reply(form=_form(ask))
    with option("severity"):
        severity = parse_severity(given)
    reason = ask.options.get("reason") or (ask.rest if named else ask.after(1))
    decision = await ask.act(SetSeverity(severity, reason))
    return Reply(message=decision.reply, incident=decision.incident)


def _form(ask: Ask) -> Form:
    speech = ask.desk.speech(ask.person)
    return Form(
        title=speech.words("form.sev", ref=ask.about.ref),
        command=f"sev {ask.about.ref}",
        questions=(
            Question(
                "severity",
                speech.words("form.severity"),
                QuestionKind.CHOICE,
                options=severities(speech),
                value=ask.about.severity.name,
            ),
            Question("reason", speech.words("form.reason"), required=False),
        ),
        submit=speech.words("form.sev.submit"),
    )


COMMAND = Command(
    name="sev",
    aliases=("severity",),
    usage="[INC-42] <1-5> [reason]",
    summary="command.sev",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("severity", "reason"),
    examples=("sev 2 customers are affected", "sev INC-42 3"),
    takes_number=True,
    prose_after=1,
)
