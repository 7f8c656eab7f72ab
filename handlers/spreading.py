"""Which chats hear of what was decided: effects become rows of the outbox, and calls are written down."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import assert_never

from bot.domain.effects import (
    Announce,
    AskQuestion,
    CloseRoom,
    DrawCard,
    Effect,
    Invite,
    KeepLink,
    OpenRoom,
    Page,
    PinCard,
    Say,
    SetTopic,
    ShareExport,
    Tell,
    TellEnds,
)
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation, Person
from bot.ids import new_id
from bot.ports.records import LaneKind, Merging, NewEffect, PageRecord, PageState

BUILT_IN = "room"
"""The name of the built-in chat, in which everyone can be reached."""


def spread(
    effects: Iterable[Effect],
    incident: Incident,
    org: Organisation,
    chats: Sequence[str],
    now: datetime,
    *,
    cause: str | None = None,
    unfit: Collection[str] = (),
) -> tuple[list[NewEffect], list[PageRecord]]:
    """Turn effects into rows for the chats they concern, and calls into page records, in order.

    Keys are made of the incident, its version and the place in the decision, so that storing a decision twice, which
    the version forbids, could not tell anything twice either. What was no decision about the incident itself names its
    own `cause` instead. `unfit` are chats that have no room for this incident; people are written to there all the same.
    """
    rows: list[NewEffect] = []
    pages: list[PageRecord] = []
    effects = tuple(effects)
    rooms = tuple(chat for chat in chats if chat not in unfit)
    closes = any(isinstance(effect, CloseRoom) for effect in effects)
    for place, effect in enumerate(effects):
        key = f"{cause or f'{incident.id}:{incident.version}'}:{place}"
        match effect:
            case DrawCard() if not closes:
                # In a lane of its own, where one drawing serves all that changed before it.
                merges = Merging.GENTLY if effect.gently else Merging.AT_ONCE
                rows.extend(
                    NewEffect(
                        f"{key}:{chat}",
                        LaneKind.CARD,
                        f"{incident.id}:{chat}",
                        chat,
                        effect,
                        incident.id,
                        merges=merges,
                    )
                    for chat in rooms
                )
            case TellEnds():
                rows.extend(
                    NewEffect(
                        f"{key}:{chat}",
                        LaneKind.CARD,
                        f"{incident.id}:{chat}:ends",
                        chat,
                        effect,
                        incident.id,
                        merges=Merging.GENTLY,
                    )
                    for chat in rooms
                )
            case AskQuestion(person=str(person)):
                rows.extend(
                    NewEffect(f"{key}:{chat}", LaneKind.DIRECT, f"{person}:{chat}", chat, effect, incident.id)
                    for chat in channels_of(org.person(person), chats)
                )
            case SetTopic() | KeepLink() | PinCard():
                rows.extend(furnishing(f"{key}:{chat}", effect, incident.id, chat) for chat in rooms)
            case OpenRoom() | Invite() | DrawCard() | Say() | AskQuestion() | ShareExport() | CloseRoom():
                rows.extend(
                    NewEffect(f"{key}:{chat}", LaneKind.ROOM, f"{incident.id}:{chat}", chat, effect, incident.id)
                    for chat in rooms
                )
            case Announce():
                rows.extend(
                    NewEffect(f"{key}:{chat}", LaneKind.ANNOUNCE, chat, chat, effect, incident.id) for chat in chats
                )
            case Tell():
                rows.extend(
                    NewEffect(f"{key}:{chat}", LaneKind.DIRECT, f"{effect.person}:{chat}", chat, effect, incident.id)
                    for chat in channels_of(org.person(effect.person), chats)
                )
            case Page():
                for chat in channels_of(org.person(effect.person), chats):
                    page = PageRecord(
                        id=new_id(now),
                        incident=incident.id,
                        person=effect.person,
                        channel=chat,
                        step=effect.step,
                        episode=effect.episode,
                        state=PageState.QUEUED,
                        requested_at=now,
                    )
                    pages.append(page)
                    lane = f"{effect.person}:{chat}"
                    rows.append(NewEffect(f"{key}:{chat}", LaneKind.PAGE, lane, chat, effect, incident.id, page.id))
            case _:
                assert_never(effect)
    return rows, pages


def furnishing(key: str, effect: SetTopic | KeepLink | PinCard, incident: str, chat: str) -> NewEffect:
    """Return the row for what a room is of use without: in a lane of its own, so that no message waits for it."""
    return NewEffect(key, LaneKind.CARD, f"{incident}:{chat}:furnishing", chat, effect, incident)


def channels_of(person: Person | None, chats: Sequence[str]) -> tuple[str, ...]:
    """Return the chats in which a person can be written to: those with an account, and the built-in room."""
    if person is None:
        return ()
    known = {account.chat for account in person.accounts}
    return tuple(chat for chat in chats if chat == BUILT_IN or chat in known)
