"""The story: which delivery comes when, through the door by which Alertmanager comes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import aiohttp

from bot.demo.deliveries import FEATURES, Recording, delivery
from bot.demo.guide import Guide
from bot.parts import Tocsin

BEFORE_GROWING_SECONDS: Final = 2.0
BEFORE_MILD_SECONDS: Final = 4.0
"""The second step of the policy has called by then."""

PATIENCE_SECONDS: Final = 180.0
"""How long the alerts go on firing when nobody answers."""

BETWEEN_ENDS_SECONDS: Final = 10.0
"""How long after the answer the first node is well again, and the other one after it."""


async def play(tocsin: Tocsin, session: aiohttp.ClientSession, guide: Guide, tell: Callable[[str], None]) -> None:
    """Play it to its end: a node fails, another one joins, somebody answers, and both are well again."""
    clock = tocsin.desk.clock
    began_at = clock.now()

    async def send(recording: Recording) -> None:
        body = delivery(recording, began_at, clock.now())
        headers = {"Content-Type": "application/json"}
        async with session.post("/webhooks/alertmanager", data=body, headers=headers) as response:
            response.raise_for_status()

    await send(Recording.FIRING)
    await asyncio.sleep(BEFORE_GROWING_SECONDS)
    await send(Recording.GREW)
    await asyncio.sleep(BEFORE_MILD_SECONDS)
    await send(Recording.MILD)
    tell(tocsin.desk.speech().words("demo.mild", service=FEATURES))
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await guide.is_taken.wait()
    await asyncio.sleep(BETWEEN_ENDS_SECONDS)
    await send(Recording.PARTLY_RESOLVED)
    await asyncio.sleep(BETWEEN_ENDS_SECONDS)
    await send(Recording.RESOLVED)
