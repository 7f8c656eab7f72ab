"""Slack's servers: the Web API with its tokens, limits and moods, uploads, addresses for answers, and the socket."""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from aiohttp import WSMsgType, web

from integrations.chat.slack.needs import scopes
from tests.counterparts.program import free_port
from tests.fakes.slack.kit import Rejected
from tests.fakes.slack.methods import Methods
from tests.fakes.slack.workspace import APP_TOKEN, BOT_TOKEN, Channel, Workspace

TIERS: Final = {
    "conversations.create": 20,
    "conversations.setTopic": 20,
    "conversations.archive": 20,
    "conversations.unarchive": 20,
    "conversations.invite": 50,
    "conversations.join": 50,
    "conversations.history": 50,
    "conversations.open": 50,
    "users.conversations": 20,
    "users.info": 100,
    "chat.postMessage": 300,
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "pins.add": 20,
    "bookmarks.add": 20,
    "bookmarks.list": 50,
    "views.open": 100,
    "files.getUploadURLExternal": 100,
    "files.completeUploadExternal": 100,
}
"""Calls a minute for each method, as Slack's documents have it."""

POSTS_AT_ONCE: Final = 4
"""Slack takes a post a second in each channel, and bears short bursts of more without saying how long: so many here."""

SLOW_SECONDS: Final = 1.5
ANSWERS: Final = 5
READS: Final = frozenset(
    {"conversations.history", "users.conversations", "users.info", "conversations.open", "bookmarks.list"}
)
WRITES: Final = frozenset(TIERS) - READS


class Mood(StrEnum):
    """How a call may go wrong."""

    DROPPED = "dropped"
    BROKEN = "broken"
    LIMITED = "limited"
    HANGING = "hanging"
    SLOW = "slow"
    FATAL = "fatal"


@dataclass
class Trouble:
    """What goes wrong with the next calls of some methods; `of` says which, by method and target."""

    mood: Mood
    methods: frozenset[str]
    target: str = ""
    times: int = 1

    def meets(self, method: str, fields: Mapping[str, str]) -> bool:
        """Say whether a call is one of them."""
        return self.times > 0 and method in self.methods and fields.get("channel", "").startswith(self.target)


@dataclass
class Call:
    """A call that came in."""

    method: str
    fields: Mapping[str, str]
    token: str


@dataclass
class SlackServer:
    """A running Slack. `shown` has, by user, what each was shown alone and has not looked at yet.

    `refusals` are methods that are refused, by the code; `date` is what it says in place of the time.
    """

    workspace: Workspace = field(default_factory=Workspace)
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    scopes: tuple[str, ...] = field(default_factory=scopes)
    hung: asyncio.Event = field(default_factory=asyncio.Event)
    has_limits: bool = True
    refusals: dict[str, str] = field(default_factory=dict)
    date: str = ""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    connected: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.shown: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self.methods = Methods(self.workspace, self.show)
        self._made: dict[str, deque[float]] = {}
        self._next_post: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._closing = asyncio.Event()

    @property
    def api_url(self) -> str:
        """The address of the Web API."""
        return f"{self.url}/api"

    def show(self, user: str, what: dict[str, Any]) -> None:
        """Show a person something."""
        self.shown.setdefault(user, asyncio.Queue()).put_nowait(what)

    def names(self) -> list[str]:
        """The methods that were called, in order."""
        return [call.method for call in self.calls]

    def calls_of_opening(self, channel: Channel) -> list[str]:
        """Every call about a channel, in order, until people were invited and its card was pinned."""
        marks = ({"name": channel.name}, {"channel": channel.id}, {"channel_id": channel.id})
        made = [call.method for call in self.calls if any(mark.items() <= call.fields.items() for mark in marks)]
        return made[: max(made.index("conversations.invite"), made.index("pins.add")) + 1]

    def answer_url(self, user: str) -> str:
        """An address at which a person can be answered five times."""
        key = str(self.workspace.next())
        self.workspace.answers[key] = (user, ANSWERS)
        return f"{self.url}/answers/{key}"

    async def by_socket(self, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Send something over the socket; returns what it was answered with."""
        await asyncio.wait_for(self.connected.wait(), 10)
        envelope = f"E{self.workspace.next()}"
        self._waiting[envelope] = asyncio.get_running_loop().create_future()
        body = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        await self.sockets[-1].send_json(body)
        return await asyncio.wait_for(self._waiting[envelope], 10)

    async def drop_sockets(self) -> None:
        """Close every socket, as Slack does from time to time."""
        self.connected.clear()
        for socket in self.sockets:
            await socket.close()
        self.sockets.clear()

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        method = request.match_info["method"]
        fields = {name: str(value) for name, value in (await request.post()).items()} | dict(request.query)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append(Call(method, fields, token))
        trouble = next((one for one in self.troubles if one.meets(method, fields)), None)
        if trouble is not None:
            trouble.times -= 1
        match trouble.mood if trouble is not None else None:
            case Mood.BROKEN:
                return web.Response(status=500, text="<html>Server Error</html>", content_type="text/html")
            case Mood.LIMITED:
                return self._limited(1)
            case Mood.FATAL:
                return web.json_response({"ok": False, "error": "fatal_error"})
            case _:
                wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
                answer = self._carried_out(method, fields) if token == wanted else _refused("invalid_auth")
        if trouble is not None and trouble.mood is Mood.HANGING:
            self.hung.set()
            await self._closing.wait()
        if trouble is not None and trouble.mood is Mood.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        elif trouble is not None:
            assert request.transport is not None
            request.transport.abort()
        return answer

    async def upload(self, request: web.Request) -> web.Response:
        """Take a file in."""
        self.workspace.files[request.match_info["file"]] = await request.read()
        return web.Response(text="OK - 1")

    async def answer(self, request: web.Request) -> web.Response:
        """Take an answer to what a person did."""
        user, left = self.workspace.answers.get(request.match_info["key"], ("", 0))
        if left < 1:
            return web.Response(status=404, text="used_url")
        self.workspace.answers[request.match_info["key"]] = (user, left - 1)
        self.show(user, await request.json())
        return web.Response(text="ok")

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Keep a socket."""
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets)})
        self.connected.set()
        async for said in socket:
            if said.type is not WSMsgType.TEXT:
                continue
            told = json.loads(said.data)
            waiting = self._waiting.pop(told["envelope_id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(told.get("payload") or {})
        return socket

    def stop(self) -> None:
        """Let go of every call that hangs."""
        self._closing.set()

    def _carried_out(self, method: str, fields: Mapping[str, str]) -> web.Response:
        wait = self._wait(method, fields) if self.has_limits else 0
        if wait:
            return self._limited(wait)
        if method in self.refusals:
            return _refused(self.refusals[method])
        try:
            answer = self.methods.call(method, fields)
        except Rejected as rejected:
            return _refused(rejected.code)
        headers = {"x-oauth-scopes": ",".join(self.scopes)}
        if self.date:
            headers["Date"] = self.date
        return web.json_response({"ok": True, **answer}, headers=headers)

    def _wait(self, method: str, fields: Mapping[str, str]) -> int:
        now = time.monotonic()
        made = self._made.setdefault(method, deque())
        while made and made[0] < now - 60:
            made.popleft()
        if len(made) >= TIERS.get(method, 1000):
            return int(made[0] + 60 - now) + 1
        if method == "chat.postMessage":
            channel = fields.get("channel", "")
            in_turn = max(self._next_post.get(channel, 0), now)
            if in_turn - now > POSTS_AT_ONCE - 1:
                return 1
            self._next_post[channel] = in_turn + 1
        made.append(now)
        return 0

    def _limited(self, seconds: int) -> web.Response:
        headers = {"Retry-After": str(seconds)}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def _refused(code: str) -> web.Response:
    needed = {"needed": "groups:write"} if code == "missing_scope" else {}
    return web.json_response({"ok": False, "error": code, **needed})


@asynccontextmanager
async def slack() -> AsyncIterator[SlackServer]:
    """Run a Slack until the block is left."""
    server = SlackServer()
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/api/{method}", server.api)
    app.router.add_post("/upload/{file}", server.upload)
    app.router.add_post("/answers/{key}", server.answer)
    app.router.add_get("/socket", server.socket)
    running = web.AppRunner(app, shutdown_timeout=0.1)
    await running.setup()
    port = free_port()
    await web.TCPSite(running, "127.0.0.1", port).start()
    server.url = server.methods.url = f"http://127.0.0.1:{port}"
    try:
        yield server
    finally:
        server.stop()
        await server.drop_sockets()
        await running.cleanup()
