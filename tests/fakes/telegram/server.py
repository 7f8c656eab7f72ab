"""The server itself: tokens, limits and trouble before the methods."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from aiohttp import web

from tests.fakes.telegram.methods import Methods, Params
from tests.fakes.telegram.news import News
from tests.fakes.telegram.people import People
from tests.fakes.telegram.state import Everything, Refused

TOKEN = "123456:ABC-def_ghijklmnopqrstuvwxyz0123456"
SLOW_SECONDS = 1.5
_NUMBERS = ("chat_id", "message_thread_id", "message_id", "user_id", "offset", "limit", "timeout")
_FLAGS = ("disable_notification", "show_alert", "drop_pending_updates")
_TREES = ("reaction", "reply_markup", "reply_parameters", "allowed_updates", "commands", "scope")
_NEWS = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")

Which = Callable[[str, Params], bool]


@dataclass
class Trouble:
    """What goes wrong with the next calls of a sort: `dropped`, `broken`, `limited`, `slow` or `hanging`."""

    what: str
    which: Which
    times: int


class FakeTelegram:
    """The server. `calls` has every call that came, with what was given.

    `keeps_limits` makes it refuse a flood, by the seconds that `now` counts; `floods` counts how often it had to.
    """

    def __init__(self) -> None:
        self.everything = Everything()
        self.news = News()
        self.people = People(self.everything, self.news)
        self.methods = Methods(self.everything, self.people.answered)
        self.calls: list[tuple[str, Params]] = []
        self.keeps_limits = False
        self.now: Callable[[], float] = monotonic
        self.retry_seconds = 1
        self.floods = 0
        self.token = TOKEN
        self.url = ""
        self.hangs = asyncio.Event()
        self._troubles: list[Trouble] = []
        self._written: dict[int, deque[float]] = {}
        self._over = asyncio.Event()

    def trouble(self, what: str, which: Which, times: int = 1) -> None:
        """Make the next calls of a sort go wrong."""
        self._troubles.append(Trouble(what, which, times))

    def made(self, method: str) -> list[Params]:
        """What was given to every call of a method."""
        return [given for name, given in self.calls if name == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        if request.match_info["token"] != self.token:
            return _no(Refused(401, "Unauthorized"))
        method, given = request.match_info["method"], await _given(request)
        self.calls.append((method, given))
        trouble = self._next_trouble(method, given)
        if trouble == "broken":
            return _no(Refused(500, "Internal Server Error"))
        try:
            if trouble == "limited":
                raise self._flood(self.retry_seconds)
            self._keep_limits(method, given)
            result = await self._news(method, given) if method in _NEWS else self.methods.call(method, given)
        except Refused as refused:
            return _no(refused)
        if trouble == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if trouble == "hanging":
            self.hangs.set()
            await self._over.wait()
        if trouble in {"dropped", "hanging"}:
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"ok": True, "result": result})

    async def _news(self, method: str, given: Params) -> Any:
        match method:
            case "getUpdates":
                return await self.news.updates(given)
            case "setWebhook":
                return self.news.set_webhook(given)
            case "deleteWebhook":
                return self.news.set_webhook({})
            case _:
                return self.news.webhook_info()

    def _next_trouble(self, method: str, given: Params) -> str:
        for trouble in self._troubles:
            if trouble.times and trouble.which(method, given):
                trouble.times -= 1
                return trouble.what
        return ""

    def _keep_limits(self, method: str, given: Params) -> None:
        """Refuse more than 20 messages a minute into a group, and more than one a second (with some patience)."""
        if not self.keeps_limits or not (method.startswith("send") or method == "editMessageText"):
            return
        now, written = self.now(), self._written.setdefault(given["chat_id"], deque())
        while written and written[0] <= now - 60:
            written.popleft()
        if given["chat_id"] < 0 and len(written) >= 20:
            raise self._flood(int(written[0] + 60 - now) + 1)
        if len([at for at in written if at > now - 1]) >= 4:
            raise self._flood(1)
        written.append(now)

    def _flood(self, seconds: int) -> Refused:
        self.floods += 1
        return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    def end(self) -> None:
        """Let go of calls that hang."""
        self._over.set()


@asynccontextmanager
async def serving(fake: FakeTelegram) -> AsyncIterator[FakeTelegram]:
    """Serve on a port of loopback until the block is left; `fake.url` is what TOCSIN_TELEGRAM_API_URL takes."""
    app = web.Application(client_max_size=60_000_000)
    app.router.add_route("*", "/bot{token:[^/]+}/{method}", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    delivering = asyncio.create_task(fake.news.deliver())
    try:
        yield fake
    finally:
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering
        fake.end()
        await runner.cleanup()


async def _given(request: web.Request) -> Params:
    found: Params = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            found[name] = (value.filename, value.file.read())
        elif isinstance(value, str):
            found[name] = json.loads(value) if name in (*_NUMBERS, *_FLAGS, *_TREES) else value
    # A file is given as `attach://name`, and comes under that name.
    for name, value in found.items():
        if isinstance(value, str) and value.startswith("attach://"):
            found[name] = found[value.removeprefix("attach://")]
    return found


def _no(refused: Refused) -> web.Response:
    body = {"ok": False, "error_code": refused.status, "description": refused.words}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.status)
