"""`cancel`: say that it was no incident."""

from bot.domain.access import Access
from bot.domain.actions import Cancel
from handlers.ask import About, Ask, Command, Reply


async def run(ask: Ask) -> Reply:
    """Cancel the incident; a reason is told with it."""
    decision = await ask.act(Cancel(ask.rest or ask.options.get("reason", "")))
    return Reply(message=decision.reply, incident=decision.incident)


COMMAND = Command(
    name="cancel",
    usage="[INC-42] [reason]",
    summary="command.cancel",
    # Those who lead it, declared it or acknowledged it count as managers in it.
    access=Access.MANAGER,
    about=About.INCIDENT,
    run=run,
    options=("reason",),
    examples=("cancel INC-42 A test that was not announced",),
    prose_after=0,
)
