"""`maintenance`: say that a service is being worked on, so that its alerts call nobody for a while."""

from dataclasses import replace

from bot.domain.access import Access
from bot.domain.refusal import Refusal
from handlers.ask import About, Ask, Command, Reply
from handlers.commands.silence import FLAGS, silenced
from handlers.wishing import OPTIONS, wish_of


async def run(ask: Ask) -> Reply:
    """Show what that would hide, or begin it: it is a silence of a whole service."""
    wish, written = wish_of(ask)
    if wish.service is None or wish.matchers:
        raise Refusal("maintenance.service")
    return await silenced(ask, replace(wish, is_maintenance=True), written, "maintenance")


COMMAND = Command(
    name="maintenance",
    usage="<service> [from <time>] for <duration>|until <time> because <reason> [--yes] [--critical]",
    summary="command.maintenance",
    access=Access.RESPONDER,
    about=About.NOTHING,
    run=run,
    options=OPTIONS,
    flags=FLAGS,
    examples=("maintenance feature-store from tomorrow 22:00 for 3h because the disks are replaced",),
    prose_after=0,
)
