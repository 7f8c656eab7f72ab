"""Updates as Telegram sends them, and each of them again and again with one thing in it that is not as it should be."""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import Any, Final

from tests.fakes.telegram.state import FORUM


def _nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


WRONG: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    2**70,
    1.5,
    "",
    "x\0\ud800",
    "9" * 5_000,
    [],
    [None],
    {},
    {"id": {"id": []}},
    _nested(300),
)
"""Values of every type that JSON has, most of them wrong wherever they stand."""

_AMIRA: Final = {"id": 1111, "is_bot": False, "first_name": "Amira", "username": "amira", "language_code": "en"}
_BOT: Final = {"id": 999, "is_bot": True, "first_name": "Tocsin", "username": "tocsin_bot"}
_GROUP: Final = {"id": FORUM, "type": "supergroup", "title": "Incidents", "is_forum": True}
_PRIVATE: Final = {"id": 1111, "type": "private", "first_name": "Amira"}
_TOPIC: Final = {"message_id": 40, "date": 1, "chat": _GROUP, "from": _BOT, "forum_topic_created": {"name": "inc-1"}}

UPDATES: Final[dict[str, dict[str, Any]]] = {
    "talk in a topic": {
        "message": {
            "message_id": 50,
            "message_thread_id": 40,
            "is_topic_message": True,
            "date": 1,
            "chat": _GROUP,
            "from": _AMIRA,
            "text": "Lena looks at it",
            "entities": [{"type": "text_mention", "offset": 0, "length": 4, "user": {"id": 2222, "first_name": "L"}}],
            "reply_to_message": _TOPIC,
        }
    },
    "a command in private": {
        "message": {
            "message_id": 51,
            "date": 1,
            "chat": _PRIVATE,
            "from": _AMIRA,
            "text": "/inc list",
            "entities": [{"type": "bot_command", "offset": 0, "length": 4}],
        }
    },
    "a file with words": {
        "message": {
            "message_id": 52,
            "date": 1,
            "chat": _GROUP,
            "from": _AMIRA,
            "caption": "/ack",
            "caption_entities": [],
        }
    },
    "an anonymous administrator": {
        "message": {
            "message_id": 53,
            "date": 1,
            "chat": _GROUP,
            "from": {"id": 1087968824, "is_bot": True},
            "sender_chat": _GROUP,
            "text": "/ack",
        }
    },
    "a group that moves": {
        "message": {"message_id": 54, "date": 1, "chat": _GROUP, "from": _AMIRA, "migrate_to_chat_id": -100999}
    },
    "a press": {
        "callback_query": {
            "id": "7",
            "from": _AMIRA,
            "chat_instance": "1",
            "data": "b.abc.5.press",
            "message": {
                "message_id": 55,
                "date": 1,
                "chat": _GROUP,
                "from": _BOT,
                "text": "INC-1",
                "reply_markup": {"inline_keyboard": [[{"text": "Acknowledge", "callback_data": "b.abc.5.press"}]]},
            },
        }
    },
}
"""One of every kind that is handled, without their numbers."""


def mutated(body: Any, wrong_ones: Callable[[], Iterable[Any]] = lambda: WRONG) -> Iterator[Any]:
    """Give a body with each of its parts, at every depth, taken away, and with wrong values in the part's place."""
    for path in _paths(body):
        *around, last = path
        copy = deepcopy(body)
        _at(copy, around).pop(last)
        yield copy
        for wrong in wrong_ones():
            copy = deepcopy(body)
            _at(copy, around)[last] = deepcopy(wrong)
            yield copy


def _paths(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _at(body: Any, path: list[Any]) -> Any:
    for key in path:
        body = body[key]
    return body
