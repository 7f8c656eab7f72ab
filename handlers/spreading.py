"""Which chats hear of what was decided: effects become rows of the outbox, and calls are written down."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, assert_never

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


class _Address(NamedTuple):
    kind: LaneKind
    lane: str
    chat: str
    merges: Merging = Merging.NEVER


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
        for kind, lane, chat, merges in _addresses(effect, incident.id, org, chats, rooms, closes=closes):
            page = _record(effect, incident.id, chat, now) if isinstance(effect, Page) else None
            if page is not None:
                pages.append(page)
            page_id = page.id if page is not None else None
            rows.append(NewEffect(f"{key}:{chat}", kind, lane, chat, effect, incident.id, page_id, merges))
    return rows, pages


def _addresses(
    effect: Effect,
    incident: str,
    org: Organisation,
    chats: Sequence[str],
    rooms: Sequence[str],
    *,
    closes: bool,
) -> list[_Address]:
    """Return where an effect goes, chat by chat; `closes`: the decision closes the room, whose card is then drawn in it."""
    match effect:
        case DrawCard() if not closes:
            # In a lane of its own, where one drawing serves all that changed before it.
            merges = Merging.GENTLY if effect.gently else Merging.AT_ONCE
            return [_Address(LaneKind.CARD, f"{incident}:{chat}", chat, merges) for chat in rooms]
        case TellEnds():
            return [_Address(LaneKind.CARD, f"{incident}:{chat}:ends", chat, Merging.GENTLY) for chat in rooms]
        case SetTopic() | KeepLink() | PinCard():
            return [_Address(LaneKind.CARD, _furnishing_lane(incident, chat), chat) for chat in rooms]
        case AskQuestion(person=str(person)) | Tell(person=person):
            return _to_person(LaneKind.DIRECT, person, org, chats)
        case Page():
            return _to_person(LaneKind.PAGE, effect.person, org, chats)
        case OpenRoom() | Invite() | DrawCard() | Say() | AskQuestion() | ShareExport() | CloseRoom():
            return [_Address(LaneKind.ROOM, f"{incident}:{chat}", chat) for chat in rooms]
        case Announce():
            return [_Address(LaneKind.ANNOUNCE, chat, chat) for chat in chats]
        case _:
            assert_never(effect)


def _to_person(kind: LaneKind, person: str, org: Organisation, chats: Sequence[str]) -> list[_Address]:
    return [_Address(kind, f"{person}:{chat}", chat) for chat in channels_of(org.person(person), chats)]


def _record(effect: Page, incident: str, chat: str, now: datetime) -> PageRecord:
    return PageRecord(
        id=new_id(now),
        incident=incident,
        person=effect.person,
        channel=chat,
        step=effect.step,
        episode=effect.episode,
        state=PageState.QUEUED,
        requested_at=now,
    )


def furnishing(key: str, effect: SetTopic | KeepLink | PinCard, incident: str, chat: str) -> NewEffect:
    """Return the row for what a room is of use without: in a lane of its own, so that no message waits for it."""
    return NewEffect(key, LaneKind.CARD, _furnishing_lane(incident, chat), chat, effect, incident)


def _furnishing_lane(incident: str, chat: str) -> str:
    return f"{incident}:{chat}:furnishing"


def channels_of(person: Person | None, chats: Sequence[str]) -> tuple[str, ...]:
    """Return the chats in which a person can be written to: those with an account, and the built-in room."""
    if person is None:
        return ()
    known = {account.chat for account in person.accounts}
    return tuple(chat for chat in chats if chat == BUILT_IN or chat in known)
