"""The door that Telegram knocks at: an update is on disk before it is told that it arrived."""

import hmac
import json
from datetime import datetime
from typing import Any, Final

import structlog
from aiohttp import web

from bot.ports.chat_updates import Update
from integrations.chat.kind import ChatHost
from integrations.chat.refusals import Refusals
from integrations.chat.telegram.post import CHAT
from integrations.chat.telegram.reading import key_of, lane_of

log = structlog.get_logger(__name__)

PATH: Final = "/telegram/webhook"
_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
_LIMIT_BYTES: Final = 1_000_000
"""Telegram's largest update is far smaller: a message has 4,096 characters at most."""


class Webhook:
    """Takes updates from whoever knows the secret."""

    def __init__(self, secret: str, host: ChatHost, refusals: Refusals) -> None:
        self._secret = secret.encode()
        self._host = host
        self._refusals = refusals

    async def receive(self, request: web.Request) -> web.Response:
        """Store one update: 200 when it is on disk, 503 when it can't be now, so that Telegram brings it again."""
        given = request.headers.get(_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret):
            what = "with a wrong secret" if given else "without its secret"
            return await self._refused(request, 401, f"a caller of the webhook {what}")
        body = await _body(request)
        if body is None:
            return await self._refused(request, 413, "a request to the webhook that is too large")
        try:
            update = to_update(json.loads(body), self._host.clock.now())
        except (ValueError, RecursionError):
            update = None
        if update is None:
            return await self._refused(request, 400, "a request to the webhook that is no update")
        try:
            await self._host.updates.take([update])
        except Exception:
            log.exception("telegram_update_not_stored")
            return web.Response(status=503, headers={"Retry-After": "1"})
        return web.Response()

    async def _refused(self, request: web.Request, status: int, what: str) -> web.Response:
        await self._refusals.note(what, status=status, address=self._host.address(request))
        return web.Response(status=status)


def to_update(body: Any, at: datetime) -> Update | None:
    """Return an update to be stored; None for what is none."""
    key = key_of(body)
    return None if key is None else Update(CHAT, lane_of(body), key, body, at)


async def _body(request: web.Request) -> bytes | None:
    """Return the body, None when it is too large, and what had come when it broke off: that is no JSON."""
    body = bytearray()
    try:
        async for part in request.content.iter_chunked(65_536):
            body += part
            if len(body) > _LIMIT_BYTES:
                return None
    except (web.RequestPayloadError, ConnectionError):
        return b""
    return bytes(body)
