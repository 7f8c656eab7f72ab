"""Who the bot is: its workspace, its user and its bot id, asked of Slack once and remembered."""

import asyncio
from dataclasses import dataclass
from typing import Final

from bot.ports.store import ChatMemory
from integrations.chat.slack.api import Slack
from integrations.chat.slack.needs import Call

_KIND: Final = "self"


@dataclass(frozen=True, slots=True)
class Self:
    """The bot in its workspace."""

    team: str
    user: str
    bot: str


class WhoAmI:
    """Knows the bot. A token that was replaced makes another bot, so what is remembered is kept under the token."""

    def __init__(self, slack: Slack, memory: ChatMemory, token_digest: str) -> None:
        self._slack = slack
        self._memory = memory
        self._digest = token_digest
        self._known: Self | None = None
        self._asking = asyncio.Lock()

    async def __call__(self) -> Self:
        """Return who the bot is; raises `Trouble` when that was never learnt and can't be now."""
        if self._known is not None:
            return self._known
        async with self._asking:
            if self._known is None:
                self._known = await self._remembered() or await self._learnt()
        return self._known

    async def _remembered(self) -> Self | None:
        kept = await self._memory.get(_KIND, self._digest)
        return Self(kept["team"], kept["user"], kept["bot"]) if kept is not None else None

    async def _learnt(self) -> Self:
        told = await self._slack.call(Call.AUTH_TEST)
        found = Self(str(told["team_id"]), str(told["user_id"]), str(told.get("bot_id", "")))
        await self._memory.put(_KIND, self._digest, {"team": found.team, "user": found.user, "bot": found.bot})
        return found
