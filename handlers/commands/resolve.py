"""`resolve`: say that an incident is over."""

from bot.domain.access import Access
from bot.domain.actions import Resolve
from handlers.ask import About, Ask, Command, Reply


async def run(ask: Ask) -> Reply:
    """Resolve the incident; a summary is told with it."""
    decision = await ask.act(Resolve(ask.rest or ask.options.get("summary", "")))
    return Reply(message=decision.reply, incident=decision.incident)


COMMAND = Command(
    name="resolve",
    usage="[INC-42] [summary]",
    summary="command.resolve",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("summary",),
    examples=("resolve", "resolve INC-42 Rolled back the release"),
    prose_after=0,
)
