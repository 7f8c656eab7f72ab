"""Effects as JSON and back: each is kept as its fields under the name of its kind."""

from collections.abc import Mapping
from typing import Any, assert_never

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
from bot.domain.message import Message


def to_plain(effect: Effect) -> dict[str, Any]:  # noqa: C901 - one arm an effect is the point
    """Return an effect as plain JSON values; `from_plain` gives back an equal one."""
    match effect:
        case OpenRoom():
            return {"do": "open_room"}
        case Invite(people):
            return {"do": "invite", "people": list(people)}
        case DrawCard():
            return {"do": "draw_card"}
        case PinCard():
            return {"do": "pin_card"}
        case KeepLink():
            return {"do": "keep_link"}
        case TellEnds():
            return {"do": "tell_ends"}
        case Say(message, loud, actions, also):
            more = {"also": [_message(each) for each in also]} if also else {}
            return {"do": "say", "message": _message(message), "loud": loud, "actions": list(actions), **more}
        case Announce(message):
            return {"do": "announce", "message": _message(message)}
        case Page(person, step, episode, reason):
            return {"do": "page", "person": person, "step": step, "episode": episode, "reason": _message(reason)}
        case Tell(person, message, actions):
            return {"do": "tell", "person": person, "message": _message(message), "actions": list(actions)}
        case CloseRoom():
            return {"do": "close_room"}
        case AskQuestion(question, person):
            return {"do": "ask_question", "question": question, "person": person}
        case SetTopic():
            return {"do": "set_topic"}
        case ShareExport(as_json):
            return {"do": "share_export", "as_json": as_json}
        case _:
            assert_never(effect)


def from_plain(kept: Mapping[str, Any]) -> Effect:  # noqa: C901 - one arm an effect is the point
    """Read what `to_plain` wrote; a field that only a newer release knows is passed over.

    Raises `ValueError` for a kind that this release does not know.
    """
    match kept["do"]:
        case "open_room":
            return OpenRoom()
        case "invite":
            return Invite(tuple(kept["people"]))
        case "draw_card":
            return DrawCard()
        case "pin_card":
            return PinCard()
        case "keep_link":
            return KeepLink()
        case "tell_ends":
            return TellEnds()
        case "say":
            also = tuple(_read(each) for each in kept.get("also", ()))
            return Say(_read(kept["message"]), loud=kept["loud"], actions=tuple(kept["actions"]), also=also)
        case "announce":
            return Announce(_read(kept["message"]))
        case "page":
            return Page(kept["person"], kept["step"], kept["episode"], _read(kept["reason"]))
        case "tell":
            return Tell(kept["person"], _read(kept["message"]), actions=tuple(kept["actions"]))
        case "close_room":
            return CloseRoom()
        case "ask_question":
            return AskQuestion(kept["question"], kept["person"])
        case "set_topic":
            return SetTopic()
        case "share_export":
            return ShareExport(as_json=kept["as_json"])
        case other:
            raise ValueError(f"an effect of a kind that this release does not know: {other!r}")


def _message(message: Message) -> dict[str, Any]:
    return {"key": message.key, "fields": dict(message.fields)}


def _read(kept: Mapping[str, Any]) -> Message:
    return Message(kept["key"], kept["fields"])
