"""Buttons under a message: Telegram takes 64 bytes behind one, so a token stands for the command, which is remembered.

A token is made from the command itself: a card that is drawn again has the same tokens, and no row is added. The
incident's version stands beside the token. Whoever makes up a token gets nothing that they could not type.
"""

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.clock import Clock
from bot.domain.cards import Button
from bot.ports.store import ChatMemory
from integrations.chat.telegram.markup import shorten

LIFE: Final = timedelta(days=90)
_KEPT_FRESH: Final = timedelta(days=1)
_KIND: Final = "button"
_MOST_IN_ROW: Final = 8
_ROW_LETTERS: Final = 36
"""About as many letters of labels stand side by side on a phone."""

_LONGEST_LABEL: Final = 60
_MOST_KNOWN: Final = 5_000

PRESS: Final = "b"
SURELY: Final = "c"
BACK: Final = "x"


@dataclass(frozen=True, slots=True)
class Pressed:
    """What stands behind a pressed button. `tag` names the sending that drew it, so that a twin can be told."""

    step: str
    token: str
    version: int | None
    tag: str

    def data(self, step: str) -> str:
        """Return the data of a button that goes on from this one."""
        return f"{step}.{self.token}.{'' if self.version is None else self.version}.{self.tag}"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The command of a token, and what is asked before it is carried out ("" for nothing)."""

    command: str
    label: str
    confirm: str


class Buttons:
    """Draws keyboards and knows what their buttons mean."""

    def __init__(self, memory: ChatMemory, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock
        self._known: OrderedDict[str, datetime] = OrderedDict()

    async def keyboard(self, actions: Sequence[Button], tag: str = "") -> InlineKeyboardMarkup | None:
        """Return the keyboard of a card's buttons, each remembered before it can be pressed; None for no buttons."""
        made = [InlineKeyboardButton(_label(action), callback_data=await self._data(action, tag)) for action in actions]
        return InlineKeyboardMarkup(rows(made)) if made else None

    async def meaning(self, pressed: Pressed) -> Meaning | None:
        """Return what a button stands for; None when it is too old to be known."""
        value = await self._memory.get(_KIND, pressed.token)
        return None if value is None else Meaning(value["command"], value["label"], value["confirm"])

    async def _data(self, action: Button, tag: str) -> str:
        label, confirm = _label(action), action.confirm or ""
        token = digest(f"{action.command}\n{label}\n{confirm}", 12)
        now = self._clock.now()
        known_at = self._known.get(token)
        if known_at is None or now - known_at > _KEPT_FRESH:
            value = {"command": action.command, "label": label, "confirm": confirm}
            await self._memory.put(_KIND, token, value, expires_at=now + LIFE)
            self._known[token] = now
            self._known.move_to_end(token)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return Pressed(PRESS, token, action.version, tag).data(PRESS)


def read(data: str) -> Pressed | None:
    """Return what a button's data says; None when it is none of ours."""
    step, *rest = data.split(".")
    if step not in {PRESS, SURELY, BACK} or len(rest) != 3:
        return None
    token, version, tag = rest
    if version and not (version.isascii() and version.isdigit() and len(version) < 10):
        return None
    return Pressed(step, token, int(version) if version else None, tag)


def digest(text: str, size: int) -> str:
    """Return letters for a text, the same each time: 16 for a size of 12."""
    whole = hashlib.sha256(text.encode("utf-8", "replace")).digest()[:size]
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")


def rows(buttons: Sequence[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    """Return buttons in rows that a phone shows without cutting their labels."""
    found: list[list[InlineKeyboardButton]] = []
    letters = 0
    for button in buttons:
        letters += len(button.text) + 3
        if not found or letters > _ROW_LETTERS or len(found[-1]) == _MOST_IN_ROW:
            found.append([])
            letters = len(button.text) + 3
        found[-1].append(button)
    return found


def _label(action: Button) -> str:
    return shorten(action.label, _LONGEST_LABEL) or "?"
