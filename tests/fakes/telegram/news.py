"""How Telegram tells a bot what happened: it calls the bot's webhook until that answers 2xx, or the bot asks."""

import asyncio
from contextlib import suppress
from typing import Any

import aiohttp

from tests.fakes.telegram.state import Refused

AGAIN_SECONDS = 0.05


class News:
    """Updates on their way. `refused` has the statuses that the webhook answered and that were no 2xx."""

    def __init__(self) -> None:
        self.url = ""
        self.secret = ""
        self.allowed: list[str] | None = None
        self.refused: list[int] = []
        self.last_error: dict[str, Any] = {}
        self._waiting: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._last = 5000
        self._told = 0

    def happened(self, **what: Any) -> dict[str, Any]:
        """Put something on its way; returns the update."""
        self._last += 1
        update = {"update_id": self._last, **what}
        self.again(update)
        return update

    def again(self, update: dict[str, Any]) -> None:
        """Put an update on its way once more."""
        self._waiting.append(update)
        self._changed.set()

    async def told(self) -> None:
        """Return when the bot has taken all of it."""
        async with asyncio.timeout(20):
            while self._waiting:  # noqa: ASYNC110 - it is taken by another task, or another process
                await asyncio.sleep(0.005)

    def set_webhook(self, given: dict[str, Any]) -> bool:
        self.url, self.secret = given.get("url", ""), given.get("secret_token", "")
        self.allowed = given.get("allowed_updates")
        self._changed.set()
        return True

    def webhook_info(self) -> dict[str, Any]:
        found: dict[str, Any] = {"url": self.url, "has_custom_certificate": False, **self.last_error}
        found["pending_update_count"] = len(self._waiting)
        return found | ({"allowed_updates": self.allowed} if self.allowed is not None else {})

    async def updates(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """`getUpdates`: those before the offset are confirmed and gone."""
        if self.url:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = given.get("offset", 0)
        self._waiting = [update for update in self._waiting if update["update_id"] >= offset]
        if not self._waiting:
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(given.get("timeout", 0)):
                    await self._changed.wait()
        return self._waiting[: given.get("limit", 100)]

    async def deliver(self) -> None:
        """Call the webhook until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                if not self.url or not self._waiting:
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                if await self._taken(session, self._waiting[0]):
                    self._waiting.pop(0)
                else:
                    await asyncio.sleep(AGAIN_SECONDS)

    async def _taken(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret}
        try:
            async with session.post(self.url, json=update, headers=headers) as response:
                if response.ok:
                    return True
                self.refused.append(response.status)
        except aiohttp.ClientError:
            pass
        return False
