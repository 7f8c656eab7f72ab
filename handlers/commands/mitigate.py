"""`mitigate`: say that the harm has stopped, though the cause may remain."""

from bot.domain.access import Access
from bot.domain.actions import Mitigate
from handlers.ask import About, Ask, Command, Reply


async def run(ask: Ask) -> Reply:
    """Note that the harm has stopped; a summary is told with it."""
    decision = await ask.act(Mitigate(ask.rest or ask.options.get("summary", "")))
    return Reply(message=decision.reply, incident=decision.incident)


COMMAND = Command(
    name="mitigate",
    usage="[INC-42] [summary]",
    summary="command.mitigate",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("summary",),
    examples=("mitigate", "mitigate Traffic goes to the second region"),
    prose_after=0,
)
