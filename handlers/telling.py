"""From an effect, in the words of incidents, to what one chat is asked to do."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from bot.domain.access import SYSTEM, Visibility
from bot.domain.alert import Alert
from bot.domain.cards import Card
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
from bot.domain.message import Message
from bot.domain.organisation import Account, Organisation, Person
from bot.domain.text import slug
from bot.ports import chat as ask
from bot.ports.records import LaneKind, RoomLink, StoredEffect
from handlers import storm_account
from handlers.cards import incident_card, page_card, say_card
from handlers.desk import Desk
from handlers.furnishing import furnish
from handlers.postmortem_telling import export_file, question_now
from handlers.spreading import BUILT_IN
from handlers.storm_account import StormAccount
from handlers.task import ROOM_OPENS_WITHIN, Task, TooEarly, Unneeded, Untellable

ROOM_NAME_LIMIT = 40
CARD = ":card"
"""Ends the key of the message that is an incident's card."""

CARD_COMES_WITHIN = timedelta(seconds=5)
"""For so long what is said in a new room waits for its card, so that people meet that first."""

ANEW = ":anew"
"""Ends the key of a room that is opened for an effect which found none."""


@dataclass(frozen=True, slots=True)
class _About:
    """The incident of an effect, its room in the effect's chat, and for a card its storm or some of its alerts."""

    incident: Incident | None = None
    link: RoomLink | None = None
    alerts: Sequence[Alert] = ()
    storm: StormAccount | None = None

    @property
    def room(self) -> ask.RoomRef | None:
        return self.link.ref if self.link is not None else None


async def task_for(desk: Desk, stored: StoredEffect) -> Task:
    """Return what the chat must do for a stored effect, from the incident as it is now.

    Raises `Unneeded` when nothing is to be done any more, `Untellable` when it can't be.
    """
    about = await _about(desk, stored)
    if about.link is None and _lacks_room(stored.effect, about.incident):
        return replace(_open(_there(about.incident), None), suffix=ANEW, is_first=True)
    return await _task(desk, stored, about)


async def _task(desk: Desk, stored: StoredEffect, about: _About) -> Task:
    effect: Effect = stored.effect
    incident, link = about.incident, about.link
    org = desk.organisation()
    match effect:
        case Announce():
            return _announce(desk, effect, stored, about)
        case Tell():
            return _tell(desk, effect, stored, about)
        case Page():
            return _page(desk, effect, stored, about)
        case OpenRoom():
            return _open(_there(incident), link)
        case SetTopic() | KeepLink() | PinCard():
            return Task(furnish(desk, effect, _there(incident), link))
        case CloseRoom():
            return Task(ask.Archive(_linked(link).ref))
        case Invite():
            return Task(ask.Invite(_linked(link).ref, _accounts(effect.people, org, stored.chat)))
        case Say():
            return _say(desk, effect, stored, incident, _linked(link))
        case AskQuestion() | ShareExport():
            return await _of_postmortem(desk, effect, stored, _there(incident), link)
        case DrawCard() | TellEnds():
            return _as_it_is(desk, stored, _there(incident), about)
        case _:
            assert_never(effect)


async def _of_postmortem(
    desk: Desk, effect: AskQuestion | ShareExport, stored: StoredEffect, incident: Incident, link: RoomLink | None
) -> Task:
    if isinstance(effect, AskQuestion):
        return await _question(desk, effect, stored, incident, link)
    name, body = await export_file(desk, incident, is_json=effect.as_json)
    return Task(ask.Upload(_linked(link).ref, name, body, desk.speech().words("export.alt", ref=incident.ref)))


def _lacks_room(effect: Effect, incident: Incident | None) -> bool:
    """Say whether an effect can't be told for want of a room: it could not be opened, or somebody deleted it."""
    return isinstance(effect, Say | Invite | AskQuestion | ShareExport) and incident is not None and incident.has_room


async def _about(desk: Desk, stored: StoredEffect) -> _About:
    if stored.incident is None:
        return _About()
    async with desk.store.read(stored.tenant) as unit:
        incident = await unit.incidents.get(stored.incident, SYSTEM)
        link = await unit.rooms.find(stored.incident, stored.chat)
        if incident is None or not isinstance(stored.effect, DrawCard):
            return _About(incident, link)
        if (storm := await storm_account.of(unit, incident, desk.speech())) is not None:
            return _About(incident, link, storm=storm)
        return _About(incident, link, await unit.alerts.of_incident(incident.id, limit=5))


def account_in(person: Person | None, chat: str) -> Account:
    """Return the account by which a chat reaches a person; `Untellable` when there is none."""
    if person is None:
        raise Untellable("this person is no longer in the configuration")
    if chat == BUILT_IN:
        return Account(BUILT_IN, "", person.id)
    for account in person.accounts:
        if account.chat == chat:
            return account
    raise Untellable(f"{person.name} has no account in {chat}; add it in the configuration")


def room_name(incident: Incident) -> str:
    """Return the name of an incident's room: `inc-42-short-slug`; a private one tells nothing but its number."""
    number = f"inc-{incident.number}"
    if incident.visibility is Visibility.PRIVATE:
        return f"{number}-private"
    return f"{number}-{slug(incident.title, ROOM_NAME_LIMIT)}"


def _announce(desk: Desk, effect: Announce, stored: StoredEffect, about: _About) -> Task:
    if about.link is None and about.incident is not None and about.incident.has_room:
        _wait_for_room(desk, stored, "the room opens first")
    return Task(ask.Announce(desk.speech().say(effect.message), about.room))


def _wait_for_room(desk: Desk, stored: StoredEffect, why: str) -> None:
    """Raise `TooEarly` for a few seconds at most, twice as long each time: a room that opens slowly gets its card slowly."""
    waited = desk.now() - stored.created_at
    if waited < CARD_COMES_WITHIN:
        raise TooEarly(why, min(max(waited, ROOM_OPENS_WITHIN), CARD_COMES_WITHIN - waited))


def _tell(desk: Desk, effect: Tell, stored: StoredEffect, about: _About) -> Task:
    person = desk.organisation().person(effect.person)
    account = account_in(person, stored.chat)
    speech = desk.speech(person)
    content: ask.Content = speech.say(effect.message)
    if effect.actions and about.incident is not None:
        content = say_card(effect.message, effect.actions, about.incident, speech)
    return Task(ask.Direct(account, content, about=about.room))


def _say(desk: Desk, effect: Say, stored: StoredEffect, incident: Incident | None, link: RoomLink) -> Task:
    if link.card_message is None:
        _wait_for_room(desk, stored, "the card comes first")
    speech = desk.speech()
    content: ask.Content = "\n".join(speech.say(message) for message in (effect.message, *effect.also))
    if effect.actions:
        content = say_card(effect.message, effect.actions, _there(incident), speech)
    return Task(ask.Post(link.ref, content, loud=effect.loud))


async def _question(
    desk: Desk, effect: AskQuestion, stored: StoredEffect, incident: Incident, link: RoomLink | None
) -> Task:
    reader = desk.organisation().person(effect.person) if effect.person is not None else None
    card = await question_now(desk, incident, effect, reader)
    if card is None:
        raise Unneeded("the question is not asked any more")
    if effect.person is not None:
        return Task(ask.Direct(account_in(reader, stored.chat), card))
    return Task(ask.Post(_linked(link).ref, card))


def _page(desk: Desk, effect: Page, stored: StoredEffect, about: _About) -> Task:
    person = desk.organisation().person(effect.person)
    account = account_in(person, stored.chat)
    reason = effect.reason
    if stored.is_unknown:
        reason = Message("page.repeat", reason.fields) if reason.key == "page.incident" else reason
    card = page_card(reason, _there(about.incident), desk.speech(person))
    return Task(ask.Direct(account, card, is_page=True, about=about.room))


def _open(incident: Incident, link: RoomLink | None) -> Task:
    is_private = incident.visibility is Visibility.PRIVATE
    reopen = link.ref if link is not None else None
    return Task(ask.OpenRoom(room_name(incident), is_private, reopen), opens=incident)


def _as_it_is(desk: Desk, stored: StoredEffect, incident: Incident, about: _About) -> Task:
    """Draw the incident's card, or say its counts; both are told from what is so by now."""
    if about.link is None and stored.lane_kind is LaneKind.CARD:
        raise TooEarly("the room is not open yet", ROOM_OPENS_WITHIN)
    if isinstance(stored.effect, TellEnds):
        return _tell_ends(desk, incident, _linked(about.link))
    card = incident_card(incident, desk.organisation(), desk.speech(), alerts=about.alerts, storm=about.storm)
    return _draw(card, _linked(about.link), incident)


def _draw(card: Card, link: RoomLink, drawn: Incident) -> Task:
    digest = hashlib.sha256(repr(card).encode("utf-8", "replace")).hexdigest()[:32]
    if link.card_message is None:
        return Task(ask.Post(link.ref, card), suffix=CARD, draws=digest, drawn=drawn)
    if link.card_hash == digest:
        raise Unneeded("the card shows this already", drawn.version)
    return Task(ask.Edit(ask.MessageRef(link.ref, link.card_message), card), draws=digest, drawn=drawn)


def _tell_ends(desk: Desk, incident: Incident, link: RoomLink) -> Task:
    firing = incident.alerts.firing
    ends = incident.alerts.total - firing
    if ends <= link.ends_told or not incident.has_room:
        raise Unneeded("all of this was said", incident.version)
    words = desk.speech().words("card.alerts_over", count=ends - link.ends_told, firing=firing)
    # What comes of this effect later is another message.
    return Task(ask.Post(link.ref, words), suffix=f":{ends}", drawn=incident, ends=ends)


def _accounts(people: tuple[str, ...], org: Organisation, chat: str) -> tuple[Account, ...]:
    accounts = []
    for person_id in people:
        try:
            accounts.append(account_in(org.person(person_id), chat))
        except Untellable:
            continue
    if not accounts:
        raise Unneeded("nobody to invite has an account here")
    return tuple(accounts)


def _there(incident: Incident | None) -> Incident:
    if incident is None:
        raise Untellable("the incident is not there any more")
    return incident


def _linked(link: RoomLink | None) -> RoomLink:
    if link is None:
        raise Untellable("the incident has no room in this chat; it could not be opened")
    return link
