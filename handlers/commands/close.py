"""`close`: put a resolved incident away."""

from bot.domain.access import Access
from bot.domain.actions import Close
from handlers.ask import About, Ask, Command, Reply


async def run(ask: Ask) -> Reply:
    """Close the incident and its room."""
    decision = await ask.act(Close())
    return Reply(message=decision.reply, incident=decision.incident)


COMMAND = Command(
    name="close",
    usage="[INC-42]",
    summary="command.close",
    # Those who lead it, declared it or acknowledged it count as managers in it.
    access=Access.MANAGER,
    about=About.INCIDENT,
    run=run,
    examples=("close INC-42",),
)
