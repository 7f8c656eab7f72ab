"""Rings for rooms that another replica changed: one look every two seconds at each room that somebody watches here."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import structlog
from aiohttp import web

from bot.loops import Bell
from bot.ports.store import RoomMemory

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0
ROOMS: Final = "rooms"


class Watch:
    """Knows which rooms are being watched by the browsers of this replica, and when they change anywhere."""

    def __init__(self, rooms: RoomMemory, bell: Bell, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._rooms = rooms
        self._bell = bell
        self._every_seconds = every_seconds
        self._watched: Counter[str] = Counter()
        self._revisions: dict[str, int] = {}
        self._events: set[asyncio.Event] = set()
        self.is_closing = False

    @contextmanager
    def over(self, *rooms: str) -> Iterator[asyncio.Event]:
        """Watch rooms and the list of rooms for as long as the context lasts; the event is set at every change."""
        with self._listening(ROOMS, *(f"room:{room}" for room in rooms)) as event:
            self._watched.update(rooms)
            try:
                yield event
            finally:
                self._watched.subtract(rooms)
                self._watched += Counter()  # drops those that nobody watches any more
                self._revisions = {room: at for room, at in self._revisions.items() if room in self._watched}

    @contextmanager
    def over_list(self, *rooms: str) -> Iterator[asyncio.Event]:
        """Watch for what the list of rooms shows: the list itself, and these rooms."""
        with self._listening(ROOMS, *(f"room:{room}" for room in rooms)) as event:
            yield event

    @contextmanager
    def _listening(self, *topics: str) -> Iterator[asyncio.Event]:
        event = self._bell.subscribe(*topics)
        self._events.add(event)
        try:
            yield event
        finally:
            self._events.discard(event)
            self._bell.unsubscribe(event)

    async def look(self) -> None:
        """Ring for every watched room whose revision is not the one of the last look."""
        for room_id in list(self._watched):
            room = await self._rooms.room(room_id)
            if room is None:
                continue
            # A room not looked at before is rung for, too: it may have changed since its page was drawn.
            if self._revisions.get(room_id) != room.revision:
                self._revisions[room_id] = room.revision
                self._bell.ring([f"room:{room_id}"])

    async def close(self, _: web.Application) -> None:
        """Wake everyone who watches, so that they see that it is over (a shutdown signal)."""
        self.is_closing = True
        for event in self._events:
            event.set()

    async def turn(self, _: web.Application) -> AsyncIterator[None]:
        """Look again and again while the application runs (a cleanup context)."""
        task = asyncio.create_task(self._turn())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _turn(self) -> None:
        while True:
            await asyncio.sleep(self._every_seconds)
            try:
                await self.look()
            except Exception:
                log.warning("watch_failed", exc_info=True)
