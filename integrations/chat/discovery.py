"""The chats there are: found in `integrations/chat`, so that adding one is adding its folder, and what they declare."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Final

import integrations.chat
from bot.config.declared import Declaration
from bot.log import learn
from bot.startup import StartupError
from bot.wording.catalogue import add
from integrations.chat.kind import ChatKind

BUILT_IN: Final = "room"
_AROUND: Final = frozenset({"discovery", "kind", "refusals"})
"""Modules beside the chats that are none."""


def discover(package: ModuleType = integrations.chat) -> Mapping[str, ChatKind]:
    """Return every chat by name, the built-in room first.

    Before anything can come of one of them, the log knows its tokens and the catalogue its sentences.

    Raises `StartupError` for a module without a `CHAT`, and for a name that two of them claim.
    """
    found: dict[str, ChatKind] = {}
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if info.name.rpartition(".")[2] in _AROUND:
            continue
        kind = getattr(importlib.import_module(info.name), "CHAT", None)
        if not isinstance(kind, ChatKind):
            raise StartupError(f"{info.name} has no CHAT; every module there is one chat: add it, or move the module.")
        if kind.name in found:
            raise StartupError(f"Two modules of {package.__name__} are the chat {kind.name!r}; rename one of them.")
        found[kind.name] = kind
    for kind in found.values():
        learn(kind.declares.secrets, kind.declares.libraries)
        add(kind.name, kind.sentences)
    return dict(sorted(found.items(), key=lambda item: (item[0] != BUILT_IN, item[0])))


def declared() -> tuple[Declaration, ...]:
    """Return what every chat declares of itself, for those who read the environment and tocsin.yaml."""
    return tuple(kind.declares for kind in discover().values())
