"""The door that Telegram knocks at: an update is on disk before it is told that it arrived."""

import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.ports.chat import Update
from bot.ports.store import Updates
from integrations.chat.telegram.post import CHAT
from integrations.chat.telegram.reading import key_of, lane_of

log = structlog.get_logger(__name__)

PATH: Final = "/telegram/webhook"
_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
_LIMIT_BYTES: Final = 1_000_000
"""Telegram's largest update is far smaller: a message has 4,096 characters at most."""

_AUDIT_EVERY: Final = timedelta(minutes=1)


class Webhook:
    """Takes updates. `denied` writes a refusal into the audit; of each kind one a minute, or that were an attack, too."""

    def __init__(self, secret: str, updates: Updates, clock: Clock, denied: Callable[[str], Awaitable[None]]) -> None:
        self._secret = secret.encode()
        self._updates = updates
        self._clock = clock
        self._denied = denied
        self._audited_at: dict[int, datetime] = {}

    async def receive(self, request: web.Request) -> web.Response:
        """Store one update: 200 when it is on disk, 503 when it can't be now, so that Telegram brings it again."""
        given = request.headers.get(_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret):
            return await self._refused(401, "a caller of the webhook without its secret")
        body = await _body(request)
        if body is None:
            return await self._refused(413, "a request to the webhook that is too large")
        try:
            update = to_update(json.loads(body), self._clock.now())
        except (ValueError, RecursionError):
            update = None
        if update is None:
            return await self._refused(400, "a request to the webhook that is no update")
        try:
            await self._updates.take([update])
        except Exception:
            log.exception("telegram_update_not_stored")
            return web.Response(status=503, headers={"Retry-After": "1"})
        return web.Response()

    async def _refused(self, status: int, what: str) -> web.Response:
        now, last = self._clock.now(), self._audited_at.get(status)
        log.warning("telegram_webhook_refused", status=status, reason=what)
        if last is None or now - last >= _AUDIT_EVERY:
            self._audited_at[status] = now
            try:
                await self._denied(what)
            except Exception:
                # That the audit is away must not turn a refusal into a 500.
                log.exception("telegram_refusal_not_audited")
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
