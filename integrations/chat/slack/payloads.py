"""What Slack sends, read at the edge: each request becomes one value that is known to be whole, or is refused.

What Bolt reads to find the listener is checked as well: it takes all of that for granted.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.text import clean

_PLAIN_SUBTYPES: Final = frozenset({"", "file_share", "thread_broadcast"})
"""Other kinds of messages are edits, joins, topics and the like: nobody says anything by them."""

_WORDS: Final = frozenset({"app_mention", "message"})
"""The events by which people say something."""

_IDENTIFIER_LIMIT: Final = 300


class Malformed(ValueError):
    """This is not what Slack sends."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who did something, and where. `channel` is empty outside of any."""

    team: str
    user: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command."""

    sender: Sender
    key: str
    text: str
    trigger: str
    answer_url: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed. `value` is what the button carries; nothing is known of it yet."""

    sender: Sender
    key: str
    value: str
    trigger: str
    answer_url: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent off. `questions` are those of its blocks at which an error can be shown."""

    sender: Sender
    view: Mapping[str, Any]
    view_id: str
    key: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """An event that matters: it is stored, and handled afterwards."""

    team: str
    key: str
    lane: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Nothing:
    """A request from which nothing follows, such as an event that nobody asked for, or a form that was closed."""

    team: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """A request that nothing here handles, such as a shortcut: our app has none."""

    team: str


Seen = Command | Press | Submission | Report | Nothing | Unheard


def read(body: Mapping[str, Any], teams: str) -> Seen:
    """Return what a request says. Raises `Malformed`.

    `teams` is our own workspace: an event of a channel shared with others names every workspace that it is for.
    """
    kind = body.get("type")
    if (kind is not None and "command" in body) or (kind != "event_callback" and "event" in body):
        raise Malformed("it is two things at once")
    match kind:
        case None if "command" in body:
            return _command(body)
        case "block_actions":
            return _press(body)
        case "view_submission":
            return _submission(body)
        case "event_callback":
            return _event(body, teams)
        case "view_closed":
            return Nothing(_team(body))
        case str():
            return Unheard(_team(body))
        case _:
            raise Malformed("this is neither a command, nor an interaction, nor an event")


def _command(body: Mapping[str, Any]) -> Command:
    if not _text(body, "command"):
        raise Malformed("its command is missing")
    trigger = _name(body, "trigger_id")
    sender = Sender(_name(body, "team_id"), _name(body, "user_id"), _name(body, "channel_id"))
    return Command(sender, f"command:{trigger}", _text(body, "text"), trigger, _address(body, "response_url"))


def _press(body: Mapping[str, Any]) -> Press:
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        raise Malformed("a press without a button")
    action, user = actions[0], _name(_part(body, "user"), "id")
    # A press in a form has no channel, and one in a message no view.
    container, channel = _part(body, "container", {}), _part(body, "channel", {})
    where = _name(container, "message_ts", "") or _name(container, "view_id", "")
    key = f"press:{user}:{where}:{_name(action, 'action_id')}:{_name(action, 'action_ts')}"
    return Press(
        sender=Sender(_team(body), user, _name(channel, "id", "")),
        key=key[:_IDENTIFIER_LIMIT],
        value=_text(action, "value"),
        trigger=_name(body, "trigger_id", ""),
        answer_url=_address(body, "response_url"),
    )


def _submission(body: Mapping[str, Any]) -> Submission:
    view = _part(body, "view")
    if view.get("type") != "modal":
        raise Malformed("it is no form")
    _text(view, "callback_id")
    view_id, stamp = _name(view, "id"), _name(view, "hash", "")
    values = _part(_part(view, "state"), "values")
    # The hash stays when errors were shown beside the fields, and then the answers are what differs.
    answers = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    sender = Sender(_team(body), _name(_part(body, "user"), "id"))
    return Submission(sender, view, view_id, f"form:{view_id}:{stamp}:{answers}", _questions(view))


def _questions(view: Mapping[str, Any]) -> tuple[str, ...]:
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Malformed("a form without questions")
    return tuple(_name(block, "block_id") for block in blocks if block.get("type") == "input")


def _event(body: Mapping[str, Any], ours: str) -> Report | Nothing:
    event = _part(body, "event")
    team = ours if ours in _authorised(body) else _team(body)
    if _name(event, "type") not in _WORDS:
        return Nothing(team)
    user, subtype, bot = _name(event, "user", ""), _name(event, "subtype", ""), _name(event, "bot_id", "")
    if not user or subtype not in _PLAIN_SUBTYPES or bot:
        return Nothing(team)
    kept = {name: _name(event, name, "") for name in ("type", "user", "channel_type", "ts", "thread_ts")}
    kept |= {"channel": _name(event, "channel"), "text": _text(event, "text")}
    return Report(team, _name(body, "event_id"), kept["channel"], kept)


def _authorised(body: Mapping[str, Any]) -> set[str]:
    listed = body.get("authorizations")
    if not isinstance(listed, list):
        return set()
    return {str(one.get("team_id")) for one in listed if isinstance(one, dict)}


def _team(body: Mapping[str, Any]) -> str:
    """Return the workspace that a request is for, as the kinds of requests name it."""
    view, user = _part(body, "view", {}), body.get("user")
    if team := _name(view, "app_installed_team_id", ""):
        return team
    if team := _name(_part(body, "team", {}), "id", "") or _name(body, "team_id", ""):
        return team
    if isinstance(user, dict):
        return _name(user, "team_id")
    raise Malformed("it names no workspace")


def _part(body: Mapping[str, Any], name: str, default: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    part = body.get(name)
    if part is None and default is not None:
        return default
    if not isinstance(part, dict):
        raise Malformed(f"its {name} is missing or odd")
    return part


def _name(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """Return one of Slack's own names for things: short, and of plain signs."""
    given = body.get(name)
    if default is not None and (given is None or given == ""):
        return default
    is_one = isinstance(given, str) and 0 < len(given) <= _IDENTIFIER_LIMIT and given.isascii() and given.isprintable()
    if not is_one:
        raise Malformed(f"its {name} is missing or odd")
    return str(given)


def _text(body: Mapping[str, Any], name: str) -> str:
    """Return what a person wrote, or a button or form of ours carries; "" where there is nothing."""
    given = body.get(name)
    if given is not None and not isinstance(given, str):
        raise Malformed(f"its {name} is no text")
    return clean(given or "")


def _address(body: Mapping[str, Any], name: str) -> str:
    address = _text(body, name)
    if address and not address.startswith(("https://", "http://")):
        raise Malformed(f"its {name} is no address")
    return address
