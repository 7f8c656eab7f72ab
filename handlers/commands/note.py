"""`note`: write something into the timeline."""

from bot.domain.access import Access
from bot.domain.actions import AddNote
from handlers.ask import About, Ask, Command, Reply
from handlers.reading import option, past, zone_of


async def run(ask: Ask) -> Reply:
    """Write a note, as of now or of an earlier time."""
    occurred_at = None
    if "at" in ask.options:
        with option("at"):
            occurred_at = past(ask.options["at"], ask.now, zone_of(ask.person, ask.org))
    decision = await ask.act(AddNote(ask.rest or ask.options.get("text", ""), occurred_at))
    return Reply(message=decision.reply, incident=decision.incident)


COMMAND = Command(
    name="note",
    usage="[INC-42] <text> [--at 14:05]",
    summary="command.note",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    options=("at", "text"),
    examples=("note Restarted the gateway", "note --at 14:05 First customer complaint", "note --at 20m Saw the errors"),
    prose_after=0,
)
