"""`timeline`: what happened in an incident."""

from bot.domain.access import Access
from bot.domain.refusal import Refusal
from handlers.ask import About, Ask, Command, Reply
from handlers.lines import timeline_lines

_USUAL = 20
_MOST = 100


async def run(ask: Ask) -> Reply:
    """Tell the last events, oldest first: twenty of them, or as many as asked for and as fit into one answer."""
    limit = _limit(ask)
    speech = ask.desk.speech(ask.person)
    incident = ask.about
    events = await ask.unit.timeline.of(incident.id, limit=limit + 1)
    if not events:
        return Reply(text=speech.words("timeline_of.none", ref=incident.ref))
    lines, is_cut = timeline_lines(events[-limit:], speech)
    head = [speech.words("timeline_of.head", ref=incident.ref, title=incident.title)]
    if is_cut or len(events) > limit:
        head.append(speech.words("timeline_of.earlier"))
    return Reply(text="\n".join([*head, *lines]))


def _limit(ask: Ask) -> int:
    if not ask.words:
        return _USUAL
    word = ask.words[0]
    if not (word.isascii() and word.isdigit()) or not 0 < int(word[:9]) <= _MOST:
        raise Refusal("timeline.count", given=word, limit=_MOST)
    return int(word)


COMMAND = Command(
    name="timeline",
    usage="[INC-42] [how many]",
    summary="command.timeline",
    access=Access.VIEWER,
    about=About.INCIDENT,
    run=run,
    examples=("timeline", "timeline INC-42 50"),
    takes_number=True,
    only_reads=True,
)
