"""`ack`: say that one has it, so that nobody else is called."""

from bot.domain.access import Access
from bot.domain.actions import Acknowledge
from handlers.ask import About, Ask, Command, Reply


async def run(ask: Ask) -> Reply:
    """Acknowledge the incident."""
    decision = await ask.act(Acknowledge())
    return Reply(message=decision.reply, incident=decision.incident)


COMMAND = Command(
    name="ack",
    aliases=("acknowledge",),
    usage="[INC-42]",
    summary="command.ack",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    examples=("ack", "ack INC-42"),
)
