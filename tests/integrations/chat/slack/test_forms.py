"""A form is filled in with nothing lost, and becomes one line; what was wrong is told where it was written."""

from datetime import timedelta

import pytest

from bot.domain.forms import Form, Question, QuestionKind, command_line
from bot.ports.chat import Answer, RoomRef
from tests.fakes.slack.server import Mood
from tests.fakes.slack.workspace import BOT_USER, TEAM, View
from tests.integrations.chat.slack.conftest import (
    AMIRA,
    FORM,
    OMAR,
    Adapter,
    answering,
    both_ways,
    form_shown,
    goes_wrong,
)

pytestmark = pytest.mark.usefixtures("listening")


@both_ways
async def test_a_form_is_filled_in_and_becomes_a_line(adapter: Adapter) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM), Answer(ok=True, text="INC-1 is SEV1"))
    channel = adapter.server.workspace.add_channel("inc-1-slow")
    channel.members.add(BOT_USER)
    opening = await adapter.people.command(AMIRA, "sev", channel.id)
    view = await form_shown(adapter)

    closing = await adapter.people.submit(AMIRA, view, {"reason": 'they "wait"\nfor long'})
    told = await adapter.people.shown(AMIRA)

    assert (opening.body, closing.body) == ({}, {})
    assert adapter.inbox.carried_out[1].text == 'sev INC-1 --severity "SEV1" --reason "they \\"wait\\"\nfor long"'
    assert adapter.inbox.carried_out[1].room == RoomRef("slack", TEAM, channel.id)
    assert told["text"] == "INC-1 is SEV1"


async def test_errors_stand_beside_the_field_and_the_corrected_form_is_carried_out(adapter: Adapter) -> None:
    answering(
        adapter,
        Answer(ok=True, text="", form=FORM),
        Answer(ok=False, text="Too short", errors=(("reason", "Too short"),)),
        Answer(ok=False, text="Others were quicker"),
        Answer(ok=True, text="Done"),
    )
    await adapter.people.command(AMIRA, "sev")
    view = await form_shown(adapter)

    short = await adapter.people.submit(AMIRA, view, {"reason": "x"})
    busy = await adapter.people.submit(AMIRA, view, {"reason": "everyone waits"})
    done = await adapter.people.submit(AMIRA, view, {"reason": "everyone waits"})

    assert short.body == {"response_action": "errors", "errors": {"reason": "Too short"}}
    assert busy.body == {"response_action": "errors", "errors": {"severity": "Others were quicker"}}
    assert done.body == {}


async def test_an_answer_that_is_longer_than_a_field_survives_a_form_that_is_sent_as_it_is(adapter: Adapter) -> None:
    sentences = [f'{number}. It waited for the pool of GPUs, \\ and "nobody" knew why.' for number in range(150)]
    long = " ".join(sentences[:70]) + "\n\n" + " ".join(sentences[70:])
    why = Question("text", "What happened?", QuestionKind.PARAGRAPH, value=long, hint="In your words")
    form = Form("Question 3", "answer INC-1 --for what", (why, Question("finder", "Who?", value="amira")), "Keep")
    answering(adapter, Answer(ok=True, text="", form=form), Answer(ok=True, text="Kept"))
    await adapter.people.command(AMIRA, "postmortem edit 3")
    view = await form_shown(adapter)

    await adapter.people.submit(AMIRA, view, {})
    await adapter.people.submit(AMIRA, view, {"text.2": "Then it was mended.", "text.4": ""})

    fields = [block for block in view.drawn["blocks"] if block["type"] == "input"]
    assert [field["label"]["text"] for field in fields] == [
        *(f"What happened? ({number} of 4)" for number in range(1, 5)),
        "Who?",
    ]
    assert [field["optional"] for field in fields] == [False, True, True, True, False]
    _, same, edited = (line.text for line in adapter.inbox.carried_out)
    assert same == command_line("answer INC-1 --for what", {"text": long, "finder": "amira"})
    assert " Then it was mended. " in edited
    assert edited.startswith(same[:2500])


async def test_a_form_that_is_delivered_again_is_carried_out_once(adapter: Adapter) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM), Answer(ok=True, text="Done"))
    await adapter.people.command(AMIRA, "sev")
    view = await form_shown(adapter)

    await adapter.people.submit(AMIRA, view, {"reason": "everyone waits"})
    await adapter.people.again(AMIRA)

    assert len(adapter.inbox.carried_out) == 2


async def test_a_form_that_is_closed_or_not_ours_does_nothing(adapter: Adapter) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM))
    await adapter.people.command(AMIRA, "sev")
    view = await form_shown(adapter)
    forged = View(view.id, view.hash, AMIRA, {**view.drawn, "private_metadata": "{}"})

    closed = await adapter.people.close_form(AMIRA, view)
    sent = await adapter.people.submit(AMIRA, forged, {})

    assert (closed.status, sent.status) == (200, 200)
    assert len(adapter.inbox.carried_out) == 1
    assert "does not know this form" in (await adapter.people.shown(AMIRA))["text"]
    assert adapter.audited == ["a form in Slack that Tocsin did not make"]


async def test_unknown_buttons_and_forms_are_audited_once_a_minute(adapter: Adapter) -> None:
    forged = View("V1", "1.a", AMIRA, {"type": "modal", "callback_id": "x", "private_metadata": "{}", "blocks": []})
    for user in (AMIRA, OMAR, AMIRA):
        await adapter.people.press(user, {"type": "button", "action_id": "other", "value": "x"}, "C1", "1.1")
        await adapter.people.submit(user, forged, {})
    adapter.clock.ahead = timedelta(minutes=1)
    await adapter.people.press(AMIRA, {"type": "button", "action_id": "other", "value": "x"}, "C1", "1.1")

    button, form = (f"a {what} in Slack that Tocsin did not make" for what in ("button", "form"))
    assert adapter.audited == [button, form, f"{button}: 2 more", f"{form}: 2 more", button]


async def test_a_form_that_slack_does_not_open_tells_how_to_go_on(adapter: Adapter) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM))
    adapter.server.refusals["views.open"] = "view_too_large"

    answered = await adapter.people.command(AMIRA, "sev")

    assert "view_too_large" in answered.body["text"]


@pytest.mark.parametrize(
    ("mood", "words", "opened"),
    [
        (Mood.LIMITED, "Slack takes no form from Tocsin right now", 0),
        (Mood.DROPPED, "Slack did not say whether the form opened", 1),
        (Mood.BROKEN, "Slack did not say whether the form opened", 0),
    ],
)
async def test_why_a_form_did_not_come_is_told_as_it_is(adapter: Adapter, mood: Mood, words: str, opened: int) -> None:
    answering(adapter, Answer(ok=True, text="", form=FORM))
    goes_wrong(adapter, mood, "views.open")

    answered = await adapter.people.command(AMIRA, "sev")

    assert words in answered.body["text"]
    assert len(adapter.server.workspace.views) == opened
