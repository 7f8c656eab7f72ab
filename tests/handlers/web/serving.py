"""A real server around routes under test, and a client that knows its address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

from handlers.web.serving import runner

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[ClientSession]:
    """Serve an application as in earnest; the client's paths are relative to it."""
    running = runner(app)
    await running.setup()
    try:
        site = web.TCPSite(running, LOOPBACK, 0)
        await site.start()
        async with ClientSession(f"http://{LOOPBACK}:{port_of(running)}", auto_decompress=True) as client:
            yield client
    finally:
        await running.cleanup()


def port_of(running: web.AppRunner) -> int:
    port: int = running.addresses[0][1]
    return port
