"""Claims the verb `twice`."""

from bot.domain.access import Access
from handlers.ask import About, Ask, Command, Reply


async def run(ask: Ask) -> Reply:
    return Reply(text="second")


COMMAND = Command(
    name="second",
    aliases=("twice",),
    usage="",
    summary="command.help",
    access=Access.VIEWER,
    about=About.NOTHING,
    run=run,
)
