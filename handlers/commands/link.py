"""`link`: join an account of another chat to oneself."""

from bot.domain.access import Access
from bot.domain.message import Message
from bot.domain.refusal import Refusal
from bot.domain.text import nearest
from bot.ports.records import AuditEntry
from handlers.ask import About, Ask, Command, Reply
from handlers.linking import TOKEN_LIFE, offer


async def run(ask: Ask) -> Reply:
    """Return an address that joins whoever opens it first to the one who asks."""
    chats = {name: make for name, make in ask.desk.invitations.items() if make("") is not None}
    if not chats:
        raise Refusal("link.nowhere")
    wanted = ask.words[0].casefold() if ask.words else next(iter(chats))
    if wanted not in chats:
        raise Refusal("link.unknown", given=ask.words[0], like=nearest(wanted, chats))
    address = chats[wanted](await offer(ask.unit, ask.desk, ask.person))
    subject = f"person:{ask.person.id}"
    await ask.unit.audit.add(
        [AuditEntry(ask.now, str(ask.actor), ask.token, "OfferLink", subject, after={"chat": wanted})]
    )
    minutes = int(TOKEN_LIFE.total_seconds() // 60)
    return Reply(message=Message("reply.link", {"chat": wanted.capitalize(), "address": address, "minutes": minutes}))


COMMAND = Command(
    name="link",
    usage="[chat]",
    summary="command.link",
    access=Access.VIEWER,
    about=About.NOTHING,
    run=run,
    examples=("link",),
)
