"""`export`: put the whole incident with its postmortem into its room, as a file."""

from bot.domain.access import Access
from bot.domain.effects import ShareExport
from bot.domain.message import Message
from bot.domain.refusal import Refusal
from bot.ids import new_id
from bot.ports.records import AuditEntry
from handlers.ask import About, Ask, Command, Reply
from handlers.spreading import spread

_FORMATS = {"": False, "markdown": False, "md": False, "json": True}


async def run(ask: Ask) -> Reply:
    """Have the file made and put into the incident's room: for people, or with `json` for programs."""
    word = ask.rest.strip().casefold()
    if word not in _FORMATS:
        raise Refusal("export.format", given=ask.rest)
    if not ask.about.has_room:
        raise Refusal("export.no_room", ref=ask.about.ref)
    effect = ShareExport(as_json=_FORMATS[word])
    cause, unfit = f"export:{new_id(ask.now)}", ask.desk.unfit_for(ask.about)
    rows, _ = spread((effect,), ask.about, ask.org, ask.desk.chats, ask.now, cause=cause, unfit=unfit)
    await ask.unit.outbox.add(rows, ask.now)
    entry = AuditEntry(ask.now, str(ask.actor), ask.token, "Export", ask.about.ref, after={"json": effect.as_json})
    await ask.unit.audit.add([entry])
    return Reply(message=Message("reply.exported", {"ref": ask.about.ref}), incident=ask.about)


COMMAND = Command(
    name="export",
    usage="[INC-42] [json]",
    summary="command.export",
    access=Access.RESPONDER,
    about=About.INCIDENT,
    run=run,
    examples=("export", "export INC-42 json"),
)
