"""Calls to Slack: one session with timeouts of our own, no retries behind our back, and every trouble told apart."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any, Final

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from integrations.chat.slack.limiter import Limiter
from integrations.chat.slack.needs import Call
from integrations.chat.slack.trouble import Astray, Busy, Trouble, Unclear, of_code

TIMEOUT: Final = aiohttp.ClientTimeout(total=6, connect=3)
"""Shorter than the patience of the effect loop, so that what is unknown is known to be so."""

LONGEST_WAIT_SECONDS: Final = 1.2
"""A call waits here for its turn so long at most; who has to wait longer is told when to come again."""

_RETRY_AFTER_SECONDS: Final = 5.0
_LONGEST_RETRY_SECONDS: Final = 3600.0

QUIET: Final = logging.getLogger("slack_sdk.tocsin")
"""The SDK prints requests, tokens and tickets when it is in trouble; what we need to know we log ourselves."""
QUIET.setLevel(logging.CRITICAL)


class Slack:
    """The Web API as one bot. `url` is its address without a slash at the end."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: SecretStr) -> None:
        # The default handlers would post once more after a connection that broke when the first post had arrived.
        self.client = AsyncWebClient(base_url=f"{url}/", session=session, retry_handlers=[], logger=QUIET)
        self.limiter = Limiter()
        self.session = session
        self._token = token
        self._clock: tuple[datetime, float] | None = None

    async def call(
        self, call: Call, *, channel: str = "", is_page: bool = False, token: SecretStr | None = None, **fields: Any
    ) -> Mapping[str, Any]:
        """Make one call and return what Slack answered. Raises `Trouble`.

        `channel` is where the call counts for the limits, and is sent along. `fields` may be nested.
        """
        response = await self.ask(call, channel=channel, is_page=is_page, token=token, **fields)
        return response.data if isinstance(response.data, dict) else {}

    async def ask(
        self, call: Call, *, channel: str = "", is_page: bool = False, token: SecretStr | None = None, **fields: Any
    ) -> AsyncSlackResponse:
        """Make one call as `call` does, and return the whole answer with its headers."""
        await self._turn(call, channel, is_page=is_page)
        if channel:
            fields["channel"] = channel
        headers = {"Authorization": f"Bearer {(token or self._token).get_secret_value()}"}
        try:
            response = await self.client.api_call(call.value, data=_flat(fields), headers=headers)
        except SlackApiError as error:
            raise self._told(call, channel, error) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            reason = f"Slack can't be reached ({type(error).__name__})"
            raise Busy(timedelta(seconds=_RETRY_AFTER_SECONDS), reason) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unclear(f"Slack did not answer {call.value} ({type(error).__name__})") from None
        self._mark(response.headers)
        return response

    async def hand_in(self, url: str, body: bytes | Mapping[str, Any]) -> None:
        """Post a file, or an answer, to an address that Slack gave us for it. Raises `Trouble`."""
        sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        try:
            async with self.session.post(url, allow_redirects=False, **sent) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unclear(f"Slack did not take what was handed in ({type(error).__name__})") from None
        if status >= 500:
            raise Unclear(f"Slack did not take what was handed in ({status})")
        if status != 200:
            raise of_code("what was handed in", str(status))

    def now(self) -> datetime | None:
        """Return what time it is at Slack, by its last answer; None before the first. Channels are dated by it."""
        if self._clock is None:
            return None
        at, taken = self._clock
        return at + timedelta(seconds=monotonic() - taken)

    async def _turn(self, call: Call, channel: str, *, is_page: bool) -> None:
        """Return when the call may be made; raises `Busy` when that is too long to wait for."""
        until = monotonic() + LONGEST_WAIT_SECONDS
        while (wait := self.limiter.wait(call, channel, monotonic(), is_page=is_page)) > 0:
            if monotonic() + wait > until:
                raise Busy(timedelta(seconds=wait), f"Slack's limit for {call.value} is reached")
            await asyncio.sleep(wait)

    def _told(self, call: Call, channel: str, error: SlackApiError) -> Trouble:
        response: Any = error.response
        status = getattr(response, "status_code", None) or getattr(response, "status", 0)
        headers: Mapping[str, str] = getattr(response, "headers", {})
        self._mark(headers)
        data = getattr(response, "data", None)
        code = str(data.get("error", "")) if isinstance(data, dict) else ""
        if status == 429 or code in {"ratelimited", "rate_limited"}:
            seconds = _seconds(headers.get("Retry-After", ""))
            self.limiter.refused(call, channel, monotonic(), seconds)
            return Busy(timedelta(seconds=seconds), f"Slack wants {call.value} left alone for {seconds:g} s")
        if not code:
            kind = Astray if status == 404 else Unclear
            return kind(f"Slack answered {call.value} with {status} and nothing that could be read")
        assert isinstance(data, dict)
        return of_code(call.value, code, str(data.get("needed", "")), _errors(data))

    def _mark(self, headers: Mapping[str, str]) -> None:
        try:
            at = parsedate_to_datetime(headers.get("Date", ""))
        except ValueError:
            return
        self._clock = (at if at.tzinfo else at.replace(tzinfo=UTC), monotonic())


@asynccontextmanager
async def connected(url: str, token: SecretStr) -> AsyncIterator[Slack]:
    """Give Slack's API until the block is left. Nothing is called yet."""
    async with aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Slack(session, url, token)


def _flat(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return fields as a form has them: booleans as words, what is nested as JSON, what is None left out."""
    return {name: _written(value) for name, value in fields.items() if value is not None}


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _errors(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the reasons for single users, where a call was about several."""
    errors = data.get("errors")
    return (
        tuple(str(one.get("error", "")) for one in errors if isinstance(one, dict)) if isinstance(errors, list) else ()
    )


def _seconds(text: str) -> float:
    try:
        return min(max(float(text), 1.0), _LONGEST_RETRY_SECONDS)
    except ValueError:
        return _RETRY_AFTER_SECONDS
