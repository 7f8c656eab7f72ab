"""What an update of Telegram says: somebody wrote, pressed, or the group moved; anything else is nothing to us."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.organisation import Account
from integrations.chat.kind import MenuEntry
from integrations.chat.telegram.post import CHAT, Place

ALLOWED_UPDATES: Final = ("message", "callback_query")
"""What is handled. Named to Telegram, since else a bot keeps getting what an earlier program of its token asked for."""


@dataclass(frozen=True, slots=True)
class Where:
    """The chat in which something happened, and the message that it is about."""

    place: Place
    message: int
    is_private: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote. `reply_to` is the message that they reply to, `stray` the name of the topic if a bot made it.

    `maker` is the bot that made the topic. `is_anonymous`: an administrator who hides behind the group.
    """

    user: int
    where: Where
    text: str
    reply_to: int | None = None
    topic_name: str = ""
    maker: int | None = None
    is_anonymous: bool = False

    @property
    def account(self) -> Account:
        """The account of who wrote."""
        return Account(CHAT, "", str(self.user))


@dataclass(frozen=True, slots=True)
class Tapped:
    """Somebody pressed a button. `keyboard` is the keyboard that it belongs to, as Telegram has it now."""

    user: int
    where: Where
    query: str
    data: str
    keyboard: Mapping[str, Any]

    @property
    def account(self) -> Account:
        """The account of who pressed."""
        return Account(CHAT, "", str(self.user))


@dataclass(frozen=True, slots=True)
class Moved:
    """The group has another number now."""

    old: int
    new: int


Event = Said | Tapped | Moved


def key_of(body: Any) -> str | None:
    """Return an update's number; None for what is no update."""
    number = body.get("update_id") if isinstance(body, dict) else None
    return str(number) if type(number) is int and abs(number) < 2**63 else None


def lane_of(body: Mapping[str, Any]) -> str:
    """Return the lane: one person in one chat, so that nobody waits for somebody else's command."""
    query = body.get("callback_query")
    holder = query if isinstance(query, dict) else next((each for each in body.values() if isinstance(each, dict)), {})
    message = holder.get("message", holder) if holder is query else holder
    return f"{_number(message, 'chat', 'id')}:{_number(holder, 'from', 'id')}"


def read(body: Mapping[str, Any], name_of: Callable[[int], str | None]) -> Event | None:
    """Return what an update says; None for what is nothing to us, also for what is not shaped as expected.

    `name_of` returns what somebody is called here, for people who are named in a text without a name of their own.
    """
    try:
        if "callback_query" in body:
            return _tapped(body["callback_query"])
        return _said(body["message"], name_of) if "message" in body else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _said(message: Mapping[str, Any], name_of: Callable[[int], str | None]) -> Event | None:
    if "migrate_to_chat_id" in message:
        return Moved(int(message["chat"]["id"]), int(message["migrate_to_chat_id"]))
    is_anonymous = message.get("sender_chat", {}).get("id") == message["chat"]["id"]
    if message["from"].get("is_bot") and not is_anonymous:
        return None
    text = message.get("text") or message.get("caption") or ""
    entities = message.get("entities") or message.get("caption_entities") or []
    reply = message.get("reply_to_message") or {}
    made = reply.get("forum_topic_created") or {}
    return Said(
        user=int(message["from"]["id"]),
        where=_where(message),
        text=named(str(text), entities, name_of),
        reply_to=reply.get("message_id"),
        topic_name=str(made.get("name", "")),
        maker=reply.get("from", {}).get("id") if made else None,
        is_anonymous=is_anonymous,
    )


def _tapped(query: Mapping[str, Any]) -> Event | None:
    message = query["message"]
    return Tapped(
        user=int(query["from"]["id"]),
        where=_where(message),
        query=str(query["id"]),
        data=str(query.get("data", "")),
        keyboard=_keyboard(message.get("reply_markup") or {}),
    )


def _keyboard(markup: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a keyboard with what our buttons have and nothing else, since it may be drawn once more."""
    rows = [[_button(button) for button in row] for row in markup.get("inline_keyboard", [])]
    return {"inline_keyboard": rows} if rows else {}


def _button(button: Mapping[str, Any]) -> Mapping[str, str]:
    meaning = {name: str(button[name]) for name in ("callback_data", "url") if name in button}
    return {"text": str(button["text"]), **meaning}


def _where(message: Mapping[str, Any]) -> Where:
    chat = message["chat"]
    # In General, replies carry a thread, too; only `is_topic_message` says that it is a topic.
    topic = int(message["message_thread_id"]) if message.get("is_topic_message") else None
    return Where(Place(int(chat["id"]), topic), int(message["message_id"]), chat.get("type") == "private")


def named(text: str, entities: list[Mapping[str, Any]], name_of: Callable[[int], str | None]) -> str:
    """Return a text in which people who were picked from a list, having no @name, stand by their name here."""
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(entities, key=lambda entity: -int(entity["offset"])):
        if entity["type"] != "text_mention" or (name := name_of(int(entity["user"]["id"]))) is None:
            continue
        start, end = 2 * int(entity["offset"]), 2 * (int(entity["offset"]) + int(entity["length"]))
        units = units[:start] + f"@{name}".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le", "replace")


_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)")
_OWN_WORDS: Final = frozenset({"inc", "incident", "tocsin"})


@dataclass(frozen=True, slots=True)
class Order:
    """A line that is a command. `is_addressed`: it names us, so it is for no other bot. `verb` is its first word."""

    verb: str
    line: str
    is_addressed: bool


def order_of(text: str, username: str) -> Order | None:
    """Return the command of a text: `/inc ack`, `/ack`, `/ack@us`, `@us ack`; None for talk, and for other bots'."""
    text = text.strip()
    if text.casefold().startswith(f"@{username.casefold()}") and username:
        return Order("", text[len(username) + 1 :].lstrip(" \n,:"), is_addressed=True)
    found = _COMMAND.match(text)
    if found is None:
        return None
    verb, whom, rest = found[1].lower(), found[2], text[found.end() :].strip()
    if whom is not None and whom.casefold() != username.casefold():
        return None
    if verb in _OWN_WORDS:
        return Order(verb, rest, is_addressed=True)
    return Order(verb, f"{verb} {rest}".strip(), is_addressed=whom is not None)


_URGENT: Final = frozenset({"ack", "resolve", "page"})
_CALLED: Final = re.compile(r"^\s*(?:inc|incident|tocsin)[:,]?\s", re.IGNORECASE)
_INCIDENT: Final = re.compile(r"(?:inc[-_]?|#)[0-9]+[:,.;!?]?", re.IGNORECASE)


def breaks_in(text: str, menu: Sequence[MenuEntry]) -> bool:
    """Say whether a line in private is a command and no answer, though a form asks and no slash is in front.

    It is when a verb is followed by an incident's name, and for the verbs that cannot wait when nothing follows, or for
    `page` one word: whom.
    """
    verb, *rest = _CALLED.sub("", text, count=1).split() or [""]
    name = next((entry.name for entry in menu if verb.lower() in {entry.name, *entry.aliases}), None)
    if name is None:
        return False
    return bool(rest and _INCIDENT.fullmatch(rest[0])) or (name in _URGENT and len(rest) <= (name == "page"))


def _number(holder: Any, *path: str) -> int:
    for name in path:
        holder = holder.get(name) if isinstance(holder, dict) else None
    return holder if type(holder) is int else 0
