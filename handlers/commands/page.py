"""`page`: call more people to the incident."""

from bot.domain.access import Access
from bot.domain.actions import PagePeople
from bot.domain.refusal import Refusal
from handlers.ask import About, Ask, Command, Reply
from handlers.reading import targets_called


async def run(ask: Ask) -> Reply:
    """Call people, whoever is on call in a schedule, or a team, with a reason if one is given."""
    if not ask.words:
        raise Refusal("page.whom", ref=ask.about.ref)
    targets, count = targets_called(ask.words, ask.org, ask.person)
    decision = await ask.act(PagePeople(targets, ask.after(count)))
    return Reply(message=decision.reply, incident=decision.incident)


COMMAND = Command(
    name="page",
    aliases=("call",),
    usage="[INC-42] <@person|schedule:name|team:name> ... [reason]",
    summary="command.page",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    examples=("page @omar the cache is yours", "page schedule:ml-primary", "page team:ml-platform"),
    prose_after=1,
)
