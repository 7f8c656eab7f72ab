"""What a room is of use without: its topic, an address at hand, and the pin of its card.

Each is asked for at once, right after what it belongs to. What its chat can't do then is stored with the receipt of
that, and told from a lane of its own.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.config.addresses import leads_here_only
from bot.domain.effects import KeepLink, PinCard, SetTopic
from bot.domain.incident import Incident
from bot.domain.text import clip
from bot.ports import chat as ask
from bot.ports.chat import Done, Receipt, RetryAfter, Unknown
from bot.ports.records import NewEffect, RoomLink, StoredEffect
from handlers.desk import Desk
from handlers.spreading import BUILT_IN, furnishing
from handlers.task import ROOM_OPENS_WITHIN, Task, TooEarly, Unneeded, pause

TOPIC_LIMIT = 250


@dataclass(frozen=True, slots=True)
class Beside:
    """Something small that is asked for right after what it belongs to; `effect` is what is left when that fails."""

    effect: SetTopic | KeepLink | PinCard
    asked: ask.ChatEffect
    suffix: str


def besides(desk: Desk, task: Task, receipt: Receipt) -> tuple[Beside, ...]:
    """Return what a room or a card that was made by a task wants besides."""
    if not isinstance(receipt, Done):
        return ()
    if task.opens is not None and receipt.room is not None:
        topic = Beside(SetTopic(), ask.SetTopic(receipt.room, _topic(task.opens)), ":topic")
        if isinstance(task.effect, ask.OpenRoom) and receipt.room == task.effect.reopen:
            return (topic,)
        if _is_closed_to_others(receipt.room.chat, desk):
            return (topic,)
        return (topic, Beside(KeepLink(), ask.KeepLink(receipt.room, _link(task.opens, desk)), ":link"))
    is_in_place = isinstance(task.effect, ask.Edit) and receipt.message in {None, task.effect.message}
    if task.draws is not None and receipt.message is not None and not is_in_place:
        return (Beside(PinCard(), ask.Pin(receipt.message), ":pin"),)
    return ()


def furnish(
    desk: Desk, effect: SetTopic | KeepLink | PinCard, incident: Incident, link: RoomLink | None
) -> ask.ChatEffect:
    """Return what to ask of a chat for something that is left. Raises `Unneeded` and `TooEarly`."""
    if not incident.has_room:
        raise Unneeded("its room is closed")
    if link is None:
        raise TooEarly("the room is not open yet", ROOM_OPENS_WITHIN)
    match effect:
        case SetTopic():
            return ask.SetTopic(link.ref, _topic(incident))
        case KeepLink():
            if _is_closed_to_others(link.ref.chat, desk):
                raise Unneeded("only this machine could open it")
            return ask.KeepLink(link.ref, _link(incident, desk))
        case PinCard():
            if link.card_message is None:
                raise Unneeded("the card is not there; whoever posts it pins it")
            return ask.Pin(ask.MessageRef(link.ref, link.card_message))
        case _:
            assert_never(effect)


def row(of: StoredEffect, beside: Beside, receipt: RetryAfter | Unknown, now: datetime) -> NewEffect:
    """Return what is left to be done as a row of the outbox, due when the chat will have it."""
    assert of.incident is not None
    due_at = now + (receipt.delay if isinstance(receipt, RetryAfter) else pause(0))
    left = furnishing(f"{of.key}{beside.suffix}:{of.attempts}", beside.effect, of.incident, of.chat)
    return replace(left, due_at=due_at, is_unknown=isinstance(receipt, Unknown))


def _topic(incident: Incident) -> str:
    return clip(f"{incident.severity.name} · {incident.ref} · {incident.title}", TOPIC_LIMIT)


def _is_closed_to_others(chat: str, desk: Desk) -> bool:
    """Whether a link would lead whoever reads it in this chat to their own machine instead of here."""
    return chat != BUILT_IN and leads_here_only(desk.public_url)


def _link(incident: Incident, desk: Desk) -> ask.Link:
    title = desk.speech().words("link.incident", ref=incident.ref)
    return ask.Link(title, f"{desk.public_url}/incidents/{incident.ref}")
