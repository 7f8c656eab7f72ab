"""`skip`: leave a question of the postmortem without an answer, for a reason."""

from bot.domain.access import Access
from bot.domain.postmortem import seen
from bot.domain.postmortem_deciding import skip
from bot.ids import new_id
from handlers.ask import About, Ask, Command, Reply
from handlers.postmortem_asking import kept, meant, must_be_asked, number_option, seated
from handlers.postmortem_forms import skip_form


async def run(ask: Ask) -> Reply:
    """Skip what is asked, with a reason; without one, ask for it unless the question needs none."""
    return await skipped(ask, ask.rest or ask.options.get("reason", ""))


async def skipped(ask: Ask, reason: str) -> Reply:
    """Skip what is asked."""
    sitting = await seated(ask)
    prompt = meant(ask, sitting)
    known = number_option(ask, "seen")
    if known is None:
        must_be_asked(ask, sitting)
    if not reason and not prompt.is_optional and known is None:
        count = len(sitting.script.prompts)
        versions = seen(sitting.answers, prompt.id)
        speech = ask.desk.speech(ask.person)
        return Reply(form=skip_form(ask.about, prompt, speech, count=count, seen=versions))
    return await kept(ask, sitting, skip(sitting, prompt, reason, new_id(ask.now), known))


COMMAND = Command(
    name="skip",
    usage="[INC-42] [reason]",
    summary="command.skip",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("for", "seen", "reason"),
    examples=("skip", "skip Nobody from that team is here any more"),
    prose_after=0,
    takes_number=True,
    is_verbatim=True,
)
