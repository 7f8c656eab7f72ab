"""The two ways in: `POST /slack/events`, whose callers prove that they are Slack, and a socket that we open ourselves."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.ports.chat import ChatInbox
from integrations.chat.refusals import Refusals
from integrations.chat.slack.api import QUIET, Slack
from integrations.chat.slack.bot_self import WhoAmI
from integrations.chat.slack.inbound import Inbound
from integrations.chat.slack.listeners import ADDRESS, AT_THE_DOOR, bolt_app
from integrations.chat.slack.needs import PATH
from integrations.chat.slack.trouble import Trouble

log = structlog.get_logger(__name__)


LIMIT_BYTES: Final = 1_000_000
"""Slack sends some ten thousand; a view comes back with at most 250 KB."""

SIGNED_SECONDS: Final = 300
"""Slack's own advice against replays, which its library follows."""

CONNECT_SECONDS: Final = 20.0
WATCH_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 60.0
"""The SDK connects anew by itself; a socket that stays away for longer is opened from scratch."""


class Refusal(Exception):
    """A request that is not let in."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class SocketLost(Exception):
    """The connection to Slack did not come about, or did not come back."""


class Entrance:
    """Lets Slack in. Without a signing secret there is no door, without an app token no socket."""

    def __init__(
        self,
        slack: Slack,
        who: WhoAmI,
        inbound: Inbound,
        refusals: Refusals,
        address: Callable[[web.Request], str],
        *,
        signing_secret: SecretStr | None,
        app_token: SecretStr | None,
    ) -> None:
        self._slack = slack
        self._who = who
        self._inbound = inbound
        self._refusals = refusals
        self._address = address
        self._signing_secret = signing_secret
        self._app_token = app_token

    def routes(self, inbox: ChatInbox) -> Sequence[web.RouteDef]:
        """Return the door."""
        if self._signing_secret is None:
            return ()
        app = bolt_app(self._slack, self._who, self._inbound, self._refusals, inbox)
        verifier = SignatureVerifier(self._signing_secret.get_secret_value())

        async def take(request: web.Request) -> web.StreamResponse:
            address = self._address(request)
            try:
                return await _answered(app, await _admitted(request, verifier, address))
            except Refusal as refusal:
                await self._refusals.note(f"{AT_THE_DOOR}: {refusal}", status=refusal.status, address=address)
                return web.Response(status=refusal.status)

        return (web.post(PATH, take),)

    async def listen(self, inbox: ChatInbox) -> None:
        """Keep a socket open where there is an app token; else only learn who we are, so that the first call is quick."""
        try:
            await self._who()
        except Trouble as trouble:
            log.warning("slack_bot_unknown", reason=str(trouble))
        if self._app_token is None:
            await asyncio.Event().wait()
        else:
            await self._keep_socket(self._app_token, inbox)

    async def _keep_socket(self, token: SecretStr, inbox: ChatInbox) -> None:
        app = bolt_app(self._slack, self._who, self._inbound, self._refusals, inbox)
        handler = AsyncSocketModeHandler(
            app, token.get_secret_value(), logger=QUIET, web_client=self._slack.client, ping_interval=WATCH_SECONDS
        )
        try:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    # `start_async` would sleep for ever and tell nobody when the connection is lost.
                    await handler.connect_async()  # type: ignore[no-untyped-call]
            except TimeoutError:
                raise SocketLost("Slack did not open a socket") from None
            log.info("slack_socket_open")
            await self._watch(handler)
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        away = 0.0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if await handler.client.is_connected():
                away = 0.0
                continue
            away += WATCH_SECONDS
            log.warning("slack_socket_away", seconds=away)
            if away >= PATIENCE_SECONDS:
                raise SocketLost("the socket did not come back")


async def _admitted(request: web.Request, verifier: SignatureVerifier, address: str) -> AsyncBoltRequest:
    """Return a request that Slack has signed, and that can be read; raises `Refusal` for any other."""
    try:
        body = (await _read(request)).decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "it is no text") from None
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Refusal(401, "it has no time")
    if not signature:
        raise Refusal(401, "it has no signature")
    if abs(time.time() - int(stamp)) > SIGNED_SECONDS:
        raise Refusal(401, "its time is not now: a replay, or a clock that is wrong")
    # Compares in constant time, and looks at the time once more.
    if not signature.isascii() or not verifier.is_valid(body=body, timestamp=stamp, signature=signature):
        raise Refusal(401, "its signature is not Slack's")
    try:
        admitted = AsyncBoltRequest(
            body=body, query=request.query_string, headers=dict(request.headers), context={ADDRESS: address}
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refusal(400, "it can't be read") from None
    parsed: object = admitted.body
    if not isinstance(parsed, dict) or not parsed:
        raise Refusal(400, "it can't be read")
    return admitted


async def _answered(app: AsyncApp, admitted: AsyncBoltRequest) -> web.Response:
    """Return Bolt's answer; raises `Refusal` when Bolt fails on what is odd, as it does while it tells of a failure."""
    try:
        return await to_aiohttp_response(await app.async_dispatch(admitted))
    except Exception as error:  # noqa: BLE001 - the sender is told that it is at fault, which a 500 would not say
        # Without its words and its traceback, which may hold what was sent.
        log.warning("slack_request_unreadable", error=type(error).__name__)
        raise Refusal(400, "Slack's library can't read it") from None


async def _read(request: web.Request) -> bytes:
    if (request.content_length or 0) > LIMIT_BYTES:
        raise Refusal(413, "it is too large")
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.content.iter_any():
            size += len(part)
            if size > LIMIT_BYTES:
                raise Refusal(413, "it is too large")
            parts.append(part)
    except (web.RequestPayloadError, ConnectionError):
        raise Refusal(400, "it broke off") from None
    return b"".join(parts)
