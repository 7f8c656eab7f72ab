"""The HTTP server as our handlers need it."""

from typing import Final

from aiohttp import web

SHUTDOWN_SECONDS: Final = 10.0


def runner(app: web.Application) -> web.AppRunner:
    """Return a runner for the application.

    - Bodies are not unpacked by the server: it would go on unpacking a bomb long after we refused it.
    - There is no access log: it would hold the keys that stand in addresses, and cost more than taking an alert does.
    - A handler is not cancelled when its caller hangs up: what it stores is stored whole.
    """
    return web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,
        handler_cancellation=False,
        keepalive_timeout=75.0,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
