"""`unsilence`: end a silence before its time."""

from bot.domain.access import Access
from bot.domain.refusal import Refusal
from handlers.ask import About, Ask, Command, Reply
from handlers.silencing import end


async def run(ask: Ask) -> Reply:
    """End it: what it held back and still fires opens its incident now."""
    if len(ask.words) != 1:
        raise Refusal("silence.which")
    silence, held = await end(ask.desk, ask.unit, ask.words[0], ask.person.id, ask.token)
    return Reply(text=ask.desk.speech(ask.person).words("silence.ended", ref=silence.ref, held=held))


COMMAND = Command(
    name="unsilence",
    aliases=("unmute",),
    usage="<S-3>",
    summary="command.unsilence",
    access=Access.RESPONDER,
    about=About.NOTHING,
    run=run,
    examples=("unsilence S-3",),
)
