"""`list`: the incidents one may see."""

from bot.domain.access import Access
from bot.domain.incident import OPEN_STATUSES, Incident, Status
from bot.domain.refusal import Refusal
from bot.domain.text import nearest
from bot.wording.speech import Speech
from handlers.ask import About, Ask, Command, Reply
from handlers.lines import fitting, incident_line

_MOST = 25
_LOOKED_THROUGH = 500
WHICH = {
    "open": OPEN_STATUSES,
    "all": frozenset(Status),
    "closed": frozenset(Status) - OPEN_STATUSES,
    "mine": OPEN_STATUSES,
}


async def run(ask: Ask) -> Reply:
    """List open incidents, all of them, those that have ended, or the open ones that one takes part in."""
    word = ask.words[0].casefold() if ask.words else "open"
    if word not in WHICH:
        raise Refusal("list.unknown", given=ask.words[0], possible=", ".join(WHICH), like=nearest(word, WHICH))
    limit = _LOOKED_THROUGH if word == "mine" else _MOST
    found = await ask.unit.incidents.window(WHICH[word], ask.person.viewer, limit=limit)
    incidents = [incident for incident in found.items if word != "mine" or ask.person.id in incident.participants]
    is_cut = found.next_cursor is not None or len(incidents) > _MOST
    return Reply(text=told(word, incidents[:_MOST], ask.desk.speech(ask.person), is_cut=is_cut))


def told(which: str, incidents: list[Incident], speech: Speech, *, is_cut: bool = False) -> str:
    """Return a list of incidents in words."""
    if not incidents:
        return speech.words(f"list.none_{which}")
    lines = [speech.words(f"list.{which}", count=len(incidents))]
    lines += [incident_line(incident, speech) for incident in incidents]
    kept = fitting(lines)
    if is_cut or len(kept) < len(lines):
        kept.append(speech.words("list.more"))
    return "\n".join(kept)


COMMAND = Command(
    name="list",
    usage="[open|all|closed|mine]",
    summary="command.list",
    access=Access.VIEWER,
    about=About.NOTHING,
    run=run,
    examples=("list", "list mine"),
    only_reads=True,
)
