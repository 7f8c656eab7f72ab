"""What a running Tocsin is made of, for those who start it, open its doors, or look at it in a test."""

from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.config.current import Configuration
from bot.config.problem import errors
from bot.config.settings import Settings
from bot.loops import Bell, Loop
from bot.ports.chat import Chat, ChatInbox
from handlers.desk import Desk
from handlers.refusals import Refusals
from handlers.router import Router
from storage.store import SqlStore

log = structlog.get_logger(__name__)

TOPICS: Final = ("inbox", "updates", "effects", "timers", "commands")
"""What the loops wait for."""


@dataclass(slots=True)
class Tocsin:
    """A running Tocsin: what it is made of, and where it answers."""

    settings: Settings
    desk: Desk
    store: SqlStore
    configuration: Configuration
    router: Router
    inbox: ChatInbox
    chats: dict[str, Chat]
    bell: Bell
    url: str = ""
    loops: list[Loop] = field(default_factory=list)
    refusals: Refusals = field(default_factory=Refusals)

    async def reload(self) -> None:
        """Take over the configuration file as it is now; a bad one changes nothing and is said in the log."""
        problems = await self.configuration.reload()
        for problem in problems:
            log.warning("configuration_problem", problem=str(problem))
        if not errors(problems):
            self.bell.ring(TOPICS)
