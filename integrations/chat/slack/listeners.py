"""The Bolt application: every request of Slack, by HTTP or by socket, is read, checked for its workspace, and handed on.

Bolt awaits a listener before it answers, so that nothing runs on unwatched; what goes on after the answer, `Inbound` keeps.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse

from bot.ports.chat import ChatInbox
from integrations.chat.slack.api import QUIET, Slack
from integrations.chat.slack.bot_self import WhoAmI
from integrations.chat.slack.inbound import Inbound
from integrations.chat.slack.payloads import Command, Malformed, Press, Report, Submission, read

log = structlog.get_logger(__name__)

_ANY: Final = re.compile(r"(?s).*")
_NO_WORKSPACE: Final = frozenset({"url_verification"})
"""Slack's question whether this address is ours comes before there is any workspace."""


def bolt_app(slack: Slack, who: WhoAmI, inbound: Inbound, inbox: ChatInbox) -> AsyncApp:
    """Return the application. Requests by HTTP have been authenticated before they come here."""

    async def authorize() -> AuthorizeResult:
        me = await who()
        return AuthorizeResult(enterprise_id=None, team_id=me.team, bot_id=me.bot, bot_user_id=me.user, bot_token="-")  # noqa: S106 - listeners call by our own client

    app = AsyncApp(
        name="tocsin",
        logger=QUIET,
        client=slack.client,
        authorize=authorize,
        before_authorize=_admission(who),
        process_before_response=True,
        # Bolt answers 500 to a bad timestamp and logs the body of a bad signature: the entrance checks before.
        request_verification_enabled=False,
        raise_error_for_unhandled_request=True,
    )

    @app.command(_ANY)
    async def command(ack: AsyncAck, context: AsyncBoltContext) -> None:
        seen = context["seen"]
        assert isinstance(seen, Command)
        answer = await inbound.command(seen, inbox)
        await (ack(answer) if answer is not None else ack())

    @app.action(_ANY)
    async def action(ack: AsyncAck, context: AsyncBoltContext) -> None:
        if isinstance(seen := context["seen"], Press):
            await inbound.press(seen, inbox)
        await ack()

    @app.view(_ANY)
    async def submission(ack: AsyncAck, context: AsyncBoltContext) -> None:
        answer = await inbound.submission(seen, inbox) if isinstance(seen := context["seen"], Submission) else None
        await (ack(answer) if answer is not None else ack())

    @app.view_closed(_ANY)
    async def closed(ack: AsyncAck) -> None:
        await ack()

    @app.event(_ANY)
    async def event(ack: AsyncAck, context: AsyncBoltContext) -> None:
        if isinstance(seen := context["seen"], Report):
            await inbound.report(seen)
        await ack()

    @app.error
    async def failed(error: Exception) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            log.warning("slack_request_refused", reason="nothing here handles it")
            return BoltResponse(status=404, body="")
        log.error("slack_request_failed", exc_info=error)
        # Slack delivers an event again that was not taken.
        return BoltResponse(status=503, body="")

    return app


def _admission(who: WhoAmI) -> Callable[..., Awaitable[BoltResponse | None]]:
    """Return what every request passes first: it must be whole, and for our own workspace."""

    async def admit(
        body: dict[str, Any],
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[Any]],  # noqa: A002 - Bolt's name
    ) -> BoltResponse | None:
        if body.get("type") in _NO_WORKSPACE:
            await next()
            return None
        ours = (await who()).team
        try:
            seen = read(body, ours)
        except Malformed as malformed:
            log.warning("slack_request_refused", reason=str(malformed))
            return BoltResponse(status=400, body="")
        team = seen.team if not isinstance(seen, Command | Press | Submission) else seen.sender.team
        if team != ours:
            log.warning("slack_request_refused", reason="it is for another workspace", team=team[:20])
            return BoltResponse(status=403, body="")
        context["seen"] = seen
        await next()
        return None

    return admit
