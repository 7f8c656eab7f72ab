"""Who stands beside the newcomer: tells in the terminal what happens, and in the terminal and the room what to try."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import aiohttp

from bot.demo.hints import hints
from bot.domain.access import SYSTEM
from bot.domain.effects import Say
from bot.domain.message import Message
from bot.parts import TOPICS, Tocsin
from bot.ports.records import LaneKind, NewEffect
from bot.ports.store import Urgency

NUMBER: Final = 1
"""The incident of the story: the first of an empty database."""

LOOK_EVERY_SECONDS: Final = 1.0


class Guide:
    """Follows the incident by the API, as any program could. `tell` puts a line before the newcomer."""

    def __init__(self, tocsin: Tocsin, session: aiohttp.ClientSession, tell: Callable[[str], None]) -> None:
        self._tocsin = tocsin
        self._session = session
        self._tell = tell
        self._told: set[str] = set()
        self.is_taken = asyncio.Event()
        """Set once somebody has acknowledged the incident, or ended it."""

    async def follow(self) -> None:
        """Look after every change, until cancelled."""
        wake = self._tocsin.bell.subscribe(*TOPICS)
        while True:
            wake.clear()
            await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await wake.wait()

    async def _look(self) -> None:
        async with self._session.get(f"/api/v1/incidents/INC-{NUMBER}") as response:
            if response.status == 404:
                return
            response.raise_for_status()
            incident: dict[str, Any] = await response.json()
        if incident["acknowledged_at"] is not None or incident["resolved_at"] is not None:
            self.is_taken.set()
        for event in incident["timeline"]:
            if self._is_news(event["id"]):
                self._tell(event["text"])
        for hint in hints(incident):
            if self._is_news(hint.key):
                await self._give(hint)

    async def _give(self, hint: Message) -> None:
        """Say a hint in the room, by the way that everything goes which Tocsin says there, and in the terminal."""
        desk = self._tocsin.desk
        async with desk.store.write(desk.tenant, Urgency.COMMAND) as unit:
            incident = await unit.incidents.by_number(NUMBER, SYSTEM)
            assert incident is not None, "the API has just shown it"
            said = [
                NewEffect(
                    f"demo:{incident.id}:{hint.key}:{chat}",
                    LaneKind.ROOM,
                    f"{incident.id}:{chat}",
                    chat,
                    Say(hint),
                    incident.id,
                )
                for chat in desk.chats
            ]
            await unit.outbox.add(said, desk.now())
        self._tell(desk.speech().say(hint))

    def _is_news(self, key: str) -> bool:
        if key in self._told:
            return False
        self._told.add(key)
        return True
