"""The Bolt application: every request of Slack, by HTTP or by socket, is read, checked for its workspace, and handed on.

Bolt awaits a listener before it answers, so that nothing runs on unwatched; what goes on after the answer, `Inbound` keeps.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.ports.chat import ChatInbox
from integrations.chat.refusals import Refusals
from integrations.chat.slack.api import QUIET, Slack
from integrations.chat.slack.bot_self import WhoAmI
from integrations.chat.slack.inbound import Inbound
from integrations.chat.slack.payloads import Command, Malformed, Nothing, Press, Report, Submission, Unheard, read
from integrations.chat.slack.trouble import Trouble

log = structlog.get_logger(__name__)

_ANY: Final = re.compile(r"(?s).*")
AT_THE_DOOR: Final = "a request to Slack's door"
ADDRESS: Final = "address"
"""Where a request by HTTP leaves the address it came from, in its context; one by socket has none."""

_VERIFICATION: Final = "url_verification"
"""Slack's question whether this address is ours comes before there is any workspace."""


def bolt_app(slack: Slack, who: WhoAmI, inbound: Inbound, refusals: Refusals, inbox: ChatInbox) -> AsyncApp:
    """Return the application. Requests by HTTP have been authenticated before they come here."""

    async def authorize() -> AuthorizeResult:
        me = await who()
        return AuthorizeResult(enterprise_id=None, team_id=me.team, bot_id=me.bot, bot_user_id=me.user, bot_token="-")  # noqa: S106 - listeners call by our own client

    app = AsyncApp(
        name="tocsin",
        logger=QUIET,
        client=slack.client,
        authorize=authorize,
        before_authorize=Admission(who, refusals),
        process_before_response=True,
        # Bolt answers 500 to a bad timestamp and logs the body of a bad signature: the entrance checks before.
        request_verification_enabled=False,
    )

    @app.command(_ANY)
    async def command(ack: AsyncAck, context: AsyncBoltContext) -> None:
        seen = context["seen"]
        assert isinstance(seen, Command)
        answer = await inbound.command(seen, inbox)
        await (ack(answer) if answer is not None else ack())

    @app.action(_ANY)
    async def action(ack: AsyncAck, context: AsyncBoltContext) -> None:
        seen = context["seen"]
        assert isinstance(seen, Press)
        await inbound.press(seen, inbox)
        await ack()

    @app.view(_ANY)
    async def submission(ack: AsyncAck, context: AsyncBoltContext) -> None:
        seen = context["seen"]
        assert isinstance(seen, Submission)
        answer = await inbound.submission(seen, inbox)
        await (ack(answer) if answer is not None else ack())

    @app.event(_ANY)
    async def event(ack: AsyncAck, context: AsyncBoltContext) -> None:
        seen = context["seen"]
        assert isinstance(seen, Report)
        await inbound.report(seen)
        await ack()

    @app.error
    async def failed(error: Exception) -> BoltResponse:
        log.error("slack_request_failed", exc_info=error)
        # Slack delivers an event again that was not taken.
        return BoltResponse(status=503, body="")

    return app


class Admission(AsyncMiddleware):
    """What every request passes first: it must be whole, for our own workspace, and something that is handled here.

    Bolt takes what is not whole for granted where it hands over arguments by their names, so this takes none of them.
    """

    def __init__(self, who: WhoAmI, refusals: Refusals) -> None:
        self._who = who
        self._refusals = refusals

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - Bolt hands it over
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's name
    ) -> BoltResponse | None:
        """Let a request on, or answer it here."""
        if req.body.get("type") == _VERIFICATION and not req.body.keys() & {"command", "event"}:
            return await next()
        try:
            ours = (await self._who()).team
            seen = read(req.body, ours)
        except Malformed as malformed:
            return await self._refused(req, 400, str(malformed))
        except RecursionError:
            return await self._refused(req, 400, "it is nested too deeply")
        except Trouble as trouble:
            log.warning("slack_workspace_unknown", reason=str(trouble))
            return BoltResponse(status=503, body="")
        team = seen.sender.team if isinstance(seen, Command | Press | Submission) else seen.team
        if team != ours:
            return await self._refused(req, 403, "it is for another workspace")
        match seen:
            case Nothing():
                return BoltResponse(status=200, body="")
            case Unheard():
                return await self._refused(req, 404, "nothing here handles it")
            case _:
                req.context["seen"] = seen
                return await next()

    async def _refused(self, request: AsyncBoltRequest, status: int, reason: str) -> BoltResponse:
        address = request.context.get(ADDRESS, "")
        await self._refusals.note(f"{AT_THE_DOOR}: {reason}", status=status, address=address)
        return BoltResponse(status=status, body="")
