"""Shows a person what came of what they did: in the very response, at the address for answers, or in a form."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.domain.cards import Button, Card
from bot.domain.forms import Form
from bot.ports.chat import Answer
from bot.wording.speech import Speech
from integrations.chat.slack.api import Slack
from integrations.chat.slack.blocks import MOST_BLOCKS, message
from integrations.chat.slack.modals import modal
from integrations.chat.slack.needs import Call
from integrations.chat.slack.payloads import Sender
from integrations.chat.slack.trouble import Busy, Refused, Trouble

log = structlog.get_logger(__name__)

_WORTH_WAITING: Final = timedelta(seconds=3)
_TOO_LATE: Final = frozenset({"expired_trigger_id", "trigger_expired", "trigger_exchanged", "exchanged_trigger_id"})


def shown(answer: Answer, speech: Speech) -> dict[str, Any]:
    """Return an answer as a message for one person alone; it leaves the message that they pressed a button of."""
    drawn = message(answer.text, speech)
    if answer.card is not None:
        blocks = message(answer.card, speech)["blocks"]
        # The words of the answer come first, unless the card itself says them.
        if answer.text and answer.text not in {answer.card.fallback, answer.card.body}:
            if answer.card.body and answer.card.body in answer.text:
                # They say what the card does: only its buttons are left to be shown.
                blocks = [block for block in blocks if block["type"] == "actions"]
            blocks = [*drawn["blocks"], *blocks][:MOST_BLOCKS]
        drawn = {"text": drawn["text"], "blocks": blocks}
    return {"response_type": "ephemeral", "replace_original": False, **drawn}


class Replies:
    """Answers people."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def form(self, form: Form, trigger: str, channel: str, speech: Speech) -> str | None:
        """Open a form while its trigger lives; returns what to tell the person when that can't be."""
        view = modal(form, channel, speech)
        if view is None:
            return speech.words("slack.form_refused", reason="too long")
        try:
            await self._slack.call(Call.OPEN_FORM, trigger_id=trigger, view=view)
        except Refused as refused:
            if refused.code in _TOO_LATE:
                return speech.words("slack.form_late")
            log.warning("slack_form_refused", reason=str(refused))
            return speech.words("slack.form_refused", reason=refused.code)
        except Trouble as trouble:
            log.warning("slack_form_not_opened", reason=str(trouble))
            return speech.words("slack.form_busy" if isinstance(trouble, Busy) else "slack.form_unclear")
        return None

    async def at(self, url: str, answer: dict[str, Any], sender: Sender) -> None:
        """Send an answer to the address that Slack gave for it; when that fails, into the channel for this one person."""
        if url:
            try:
                await self._slack.hand_in(url, answer)
            except Trouble as trouble:
                log.warning("slack_answer_not_taken", reason=str(trouble))
            else:
                return
        await self.alone(sender, answer)

    async def alone(self, sender: Sender, answer: dict[str, Any], thread: str = "") -> None:
        """Show one person something in the channel where they are, or else as a direct message. Logs what fails."""
        drawn = {"text": answer["text"], "blocks": answer.get("blocks") or None}
        try:
            try:
                await self._show(sender, drawn, thread)
            except Busy as busy:
                if busy.delay > _WORTH_WAITING:
                    raise
                await asyncio.sleep(busy.delay.total_seconds())
                await self._show(sender, drawn, thread)
        except Trouble as trouble:
            log.warning("slack_answer_not_shown", reason=str(trouble))

    async def _show(self, sender: Sender, drawn: dict[str, Any], thread: str) -> None:
        if sender.channel and not sender.channel.startswith("D"):
            try:
                await self._slack.call(
                    Call.POST_EPHEMERAL,
                    channel=sender.channel,
                    user=sender.user,
                    thread_ts=thread or None,
                    **drawn,
                )
            except Refused as refused:
                # The bot, or the person, is not in this channel.
                log.info("slack_answer_directly", reason=refused.code)
            else:
                return
        own = sender.channel if sender.channel.startswith("D") else sender.user
        await self._slack.call(Call.POST, channel=own, **drawn)


def by_button(answer: Answer, speech: Speech) -> Answer:
    """Return an answer with a form as one with a button that opens it: a form needs a press, or a slash command."""
    assert answer.form is not None
    text = speech.words("slack.form_here", title=answer.form.title)
    button = Button(label=speech.words("slack.open_form"), command=answer.form.command)
    return Answer(ok=answer.ok, text=text, card=Card(answer.form.title, text, body=text, actions=(button,)))
