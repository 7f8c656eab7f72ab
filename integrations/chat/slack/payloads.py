"""What Slack sends, read at the edge: each request becomes one value that is known to be whole, or is refused."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_PLAIN_SUBTYPES: Final = frozenset({"", "file_share", "thread_broadcast"})
"""Other kinds of messages are edits, joins, topics and the like: nobody says anything by them."""

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
    """A form that was sent off."""

    sender: Sender
    view: Mapping[str, Any]
    view_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Report:
    """An event that matters: it is stored, and handled afterwards."""

    team: str
    key: str
    lane: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Nothing:
    """A request from which nothing follows, such as an event that nobody asked for."""

    team: str


Seen = Command | Press | Submission | Report | Nothing


def read(body: Mapping[str, Any], teams: str) -> Seen:
    """Return what a request says. Raises `Malformed`.

    `teams` is our own workspace: an event of a channel shared with others names every workspace that it is for.
    """
    kind = body.get("type")
    if kind is None and "command" in body:
        return _command(body)
    match kind:
        case "block_actions":
            return _press(body)
        case "view_submission":
            return _submission(body)
        case "event_callback":
            return _event(body, teams)
        case str():
            return Nothing(_team(body))
        case _:
            raise Malformed("this is neither a command, nor an interaction, nor an event")


def _command(body: Mapping[str, Any]) -> Command:
    channel = _text(body, "channel_id")
    trigger = _text(body, "trigger_id")
    sender = Sender(_text(body, "team_id"), _text(body, "user_id"), channel)
    return Command(sender, f"command:{trigger}", str(body.get("text") or ""), trigger, _text(body, "response_url"))


def _press(body: Mapping[str, Any]) -> Press:
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        raise Malformed("a press without a button")
    action = actions[0]
    user = _part(body, "user")
    container = body.get("container") or {}
    channel = body.get("channel") or {}
    if not isinstance(container, dict) or not isinstance(channel, dict):
        raise Malformed("a press from nowhere")
    at = _text(action, "action_ts")
    where = str(container.get("message_ts") or container.get("view_id") or "")
    sender = Sender(_team(body), _text(user, "id"), str(channel.get("id") or ""))
    name = str(action.get("action_id") or "")[:_IDENTIFIER_LIMIT]
    return Press(
        sender=sender,
        key=f"press:{sender.user}:{where}:{name}:{at}"[:_IDENTIFIER_LIMIT],
        value=str(action.get("value") or ""),
        trigger=str(body.get("trigger_id") or ""),
        answer_url=str(body.get("response_url") or ""),
    )


def _submission(body: Mapping[str, Any]) -> Submission:
    view = _part(body, "view")
    view_id, stamp = _text(view, "id"), str(view.get("hash") or "")
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    # The hash stays when errors were shown beside the fields, and then the answers are what differs.
    answers = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    sender = Sender(_team(body), _text(_part(body, "user"), "id"))
    return Submission(sender, view, view_id, f"form:{view_id}:{stamp}:{answers}")


def _event(body: Mapping[str, Any], ours: str) -> Report | Nothing:
    event = _part(body, "event")
    team = ours if ours in _authorised(body) else _team(body)
    is_word = event.get("type") in {"app_mention", "message"} and isinstance(event.get("user"), str)
    is_plain = str(event.get("subtype") or "") in _PLAIN_SUBTYPES and not event.get("bot_id")
    if not is_word or not is_plain or not isinstance(event.get("channel"), str):
        return Nothing(team)
    kept = {
        name: event[name]
        for name in ("type", "user", "channel", "channel_type", "text", "ts", "thread_ts")
        if isinstance(event.get(name), str)
    }
    return Report(team, _text(body, "event_id"), kept["channel"], kept)


def _authorised(body: Mapping[str, Any]) -> set[str]:
    listed = body.get("authorizations")
    if not isinstance(listed, list):
        return set()
    return {str(one.get("team_id")) for one in listed if isinstance(one, dict)}


def _team(body: Mapping[str, Any]) -> str:
    view, team, user = body.get("view"), body.get("team"), body.get("user")
    if isinstance(view, dict) and isinstance(view.get("app_installed_team_id"), str):
        return str(view["app_installed_team_id"])
    if isinstance(team, dict):
        return _text(team, "id")
    if "team_id" in body:
        return _text(body, "team_id")
    if isinstance(user, dict) and "team_id" in user:
        return _text(user, "team_id")
    raise Malformed("it names no workspace")


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    if not isinstance(part, dict):
        raise Malformed(f"it has no {name}")
    return part


def _text(body: Mapping[str, Any], name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not text:
        raise Malformed(f"it has no {name}")
    return text
