"""From what people do in Slack to lines of text and back: commands, buttons, forms, mentions and talk."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.domain.forms import command_line
from bot.ports.chat import Answer, ChatInbox, Incoming, RoomRef
from bot.ports.chat_updates import Update
from bot.wording.speech import Speech
from integrations.chat.kind import ChatHost
from integrations.chat.refusals import Refusals
from integrations.chat.slack.accounts import Accounts, account_of
from integrations.chat.slack.blocks import pressed
from integrations.chat.slack.bot_self import WhoAmI
from integrations.chat.slack.modals import beside, filled, modal
from integrations.chat.slack.payloads import Command, Press, Report, Sender, Submission
from integrations.chat.slack.replies import Replies, by_button, shown
from integrations.chat.slack.text import understood

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 2.0
"""Slack waits for three; what takes longer is answered afterwards."""

DRAIN_SECONDS: Final = 5.0
_REFUSALS: Final = "refusals"
_VIEW_LIVES: Final = timedelta(days=1)


class Inbound:
    """Takes what people do."""

    def __init__(self, host: ChatHost, who: WhoAmI, accounts: Accounts, replies: Replies, refusals: Refusals) -> None:
        self._host = host
        self._who = who
        self._accounts = accounts
        self._replies = replies
        self._refusals = refusals
        self._doing: set[asyncio.Task[Any]] = set()

    async def command(self, seen: Command, inbox: ChatInbox) -> dict[str, Any] | None:
        """Carry a slash command out and return what to answer it with; None: nothing, since a form has opened."""
        speech = await self._speech(seen.sender.user)
        work = self._start(self._commanded(seen, inbox))
        try:
            return await asyncio.wait_for(asyncio.shield(work), PATIENCE_SECONDS)
        except TimeoutError:
            self._start(self._later(work, seen))
            return {"response_type": "ephemeral", "text": speech.words("slack.working")}

    async def press(self, seen: Press, inbox: ChatInbox) -> None:
        """Carry a button's command out; what came of it is shown at the address for answers."""
        work = self._start(self._pressed(seen, inbox))
        await asyncio.wait({work}, timeout=PATIENCE_SECONDS)

    async def submission(self, seen: Submission, inbox: ChatInbox) -> dict[str, Any] | None:
        """Carry a form's command out; returns errors to show beside the fields, or None to close the form."""
        work = self._start(self._submitted(seen, inbox))
        try:
            return await asyncio.wait_for(asyncio.shield(work), PATIENCE_SECONDS)
        except TimeoutError:
            self._start(self._told_afterwards(work, seen))
            return None

    async def report(self, seen: Report) -> None:
        """Store an event. It is on disk when this returns."""
        now = self._host.clock.now()
        await self._host.updates.take([Update("slack", seen.lane, seen.key, {"event": dict(seen.event)}, now)])

    async def handle(self, update: Update, inbox: ChatInbox) -> None:
        """Handle a stored event: a mention is a command, so is what is written to the bot alone; the rest is talk."""
        event = update.body["event"]
        me = await self._who()
        sender = Sender(me.team, event["user"], event["channel"])
        if event["user"] == me.user:
            return
        is_direct = event.get("channel_type") == "im" or event["channel"].startswith("D")
        is_mention = f"<@{me.user}" in event.get("text", "")
        if event["type"] == "message" and is_mention and not is_direct:
            # The same words come as a mention of their own.
            return
        text = await understood(event.get("text", ""), self._accounts.name, without=me.user)
        incoming = self._incoming(update.key, text, sender)
        if event["type"] == "app_mention" or is_direct:
            await self._accounts.person(sender.user)
            answer: Answer | None = await inbox.take(incoming)
        elif event.get("thread_ts"):
            # What is said beside the talk of the room answers no question that was asked in it.
            return
        else:
            answer = await inbox.overheard(incoming)
            if answer is not None and answer.is_told:
                # Whoever talks waits for no answer, and the channel reads what was made of it.
                return
        if answer is None:
            return
        speech = await self._speech(sender.user)
        if answer.form is not None:
            answer = by_button(answer, speech)
        await self._replies.alone(sender, shown(answer, speech), event.get("thread_ts", ""))

    async def drain(self) -> None:
        """Return when nothing is under way any more, or that takes too long."""
        if self._doing:
            await asyncio.wait(self._doing, timeout=DRAIN_SECONDS)
        for task in self._doing:
            task.cancel()

    async def _commanded(self, seen: Command, inbox: ChatInbox) -> dict[str, Any] | None:
        await self._accounts.person(seen.sender.user)
        text = await understood(seen.text, self._accounts.name)
        answer = await self._taken(self._incoming(seen.key, text, seen.sender), inbox)
        return await self._answered(answer, seen)

    async def _pressed(self, seen: Press, inbox: ChatInbox) -> None:
        speech = await self._speech(seen.sender.user)
        kept = pressed(seen.value)
        if kept is None:
            await self._refusals.note("a button in Slack that Tocsin did not make")
            answer = Answer(ok=False, text=speech.words("slack.button_unknown"))
            await self._replies.at(seen.answer_url, shown(answer, speech), seen.sender)
            return
        command, version = kept
        await self._accounts.person(seen.sender.user)
        answer = await self._taken(self._incoming(seen.key, command, seen.sender, version), inbox)
        drawn = await self._answered(answer, seen)
        if drawn is not None:
            await self._replies.at(seen.answer_url, drawn, seen.sender)

    async def _answered(self, answer: Answer, seen: Command | Press) -> dict[str, Any] | None:
        """Open the form that an answer asks for, or return what to show."""
        speech = await self._speech(seen.sender.user)
        if answer.form is None:
            return shown(answer, speech)
        problem = await self._replies.form(answer.form, seen.trigger, seen.sender.channel, speech)
        return None if problem is None else shown(Answer(ok=False, text=problem), speech)

    async def _submitted(self, seen: Submission, inbox: ChatInbox) -> dict[str, Any] | None:
        speech = await self._speech(seen.sender.user)
        form = filled(seen.view)
        if form is None:
            await self._refusals.note("a form in Slack that Tocsin did not make")
            sender = seen.sender
            await self._replies.alone(sender, shown(Answer(ok=False, text=speech.words("slack.form_unknown")), speech))
            return None
        refusals = await self._host.memory.get(_REFUSALS, seen.view_id) or {"count": 0}
        sender = Sender(seen.sender.team, seen.sender.user, form.channel)
        line = command_line(form.command, form.answers)
        answer = await self._taken(self._incoming(f"{seen.key}:{refusals['count']}", line, sender), inbox)
        if answer.form is not None:
            view = modal(answer.form, form.channel, speech)
            return {"response_action": "update", "view": view} if view is not None else None
        if not answer.ok and seen.questions:
            # So that the same answers, sent once more, are tried once more: others may be in the way no longer.
            until = self._host.clock.now() + _VIEW_LIVES
            await self._host.memory.put(_REFUSALS, seen.view_id, {"count": refusals["count"] + 1}, expires_at=until)
            return {"response_action": "errors", "errors": beside(answer.errors, answer.text, seen.questions)}
        await self._replies.alone(sender, shown(answer, speech))
        return None

    async def _later(self, work: asyncio.Task[dict[str, Any] | None], seen: Command) -> None:
        drawn = await work
        if drawn is not None:
            await self._replies.at(seen.answer_url, drawn, seen.sender)

    async def _told_afterwards(self, work: asyncio.Task[dict[str, Any] | None], seen: Submission) -> None:
        """Tell a person what was wrong with a form that has closed meanwhile, with the line that they can send again."""
        result = await work
        form = filled(seen.view)
        if result is None or form is None or result.get("response_action") != "errors":
            return
        speech = await self._speech(seen.sender.user)
        reason = " ".join(result["errors"].values())
        line = command_line(form.command, form.answers)
        answer = Answer(ok=False, text=speech.words("slack.late_refusal", line=line, reason=reason))
        sender = Sender(seen.sender.team, seen.sender.user, form.channel)
        await self._replies.alone(sender, shown(answer, speech))

    async def _taken(self, incoming: Incoming, inbox: ChatInbox) -> Answer:
        """Hand a line in. A person is told when it could not be stored, since Slack delivers none of these again."""
        try:
            return await inbox.take(incoming)
        except Exception:
            log.exception("slack_line_not_stored")
            speech = await self._speech(incoming.account.user)
            return Answer(ok=False, text=speech.words("slack.not_stored"))

    async def _speech(self, user: str) -> Speech:
        return self._host.speech(await self._host.linking.person_behind(account_of(user)))

    def _incoming(self, key: str, text: str, sender: Sender, version: int | None = None) -> Incoming:
        room = RoomRef("slack", sender.team, sender.channel) if sender.channel else None
        return Incoming(key, text, account_of(sender.user), room, version)

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._doing.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._doing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("slack_answer_failed", exc_info=error)
