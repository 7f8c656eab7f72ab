"""Whatever text there is, Slack takes what is drawn of it, shows it as it is, and rings for nobody by it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.domain.forms import Form, Option, Question, QuestionKind
from bot.ports.chat import Answer
from bot.wording.speech import Speech
from integrations.chat.slack.blocks import message, pressed
from integrations.chat.slack.modals import beside, filled, modal
from integrations.chat.slack.parting import joined, part_name, parted
from integrations.chat.slack.replies import shown
from integrations.chat.slack.text import escaped, understood
from tests.builders import an_organisation
from tests.fakes.slack import kit

SPEECH = Speech(an_organisation())
HOSTILE = (
    "<!channel> <!here> <@U1> <#C1> @everyone @here",
    "<https://evil.example|your bank> *bold* ~gone~ `code` &lt;b&gt; &amp;",
    "انقطع \u202eتنزيل\u202c \x00 \x07",
    "half \ud83d of a letter",
    "long " * 20_000,
    "&<>" * 40_000,
    "\n" * 5000,
    "",
    " ",
    ":fire: :rotating_light:",
)


def a_card(text: str) -> Card:
    """A card that says a text wherever it can."""
    buttons = tuple(Button(text, f"note {text}", weight, text or None, 3) for weight in Weight)
    return Card(text, text, Tone.ALARM, tuple(Field(text, text) for _ in range(12)), text, buttons)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("is_card", [True, False], ids=["card", "text"])
def test_slack_takes_what_is_drawn_and_rings_for_nobody(text: str, is_card: bool) -> None:
    drawn = message(a_card(text) if is_card else text, SPEECH)

    kit.message(drawn["text"], drawn["blocks"])
    assert not kit.rings(drawn["text"], drawn["blocks"])
    json.dumps(drawn).encode("utf-8")
    assert "\x00" not in json.dumps(drawn, ensure_ascii=False)
    assert "\u202e" not in json.dumps(drawn, ensure_ascii=False)


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_any_text_is_taken(text: str) -> None:
    drawn = message(a_card(text), SPEECH)
    kit.message(drawn["text"], drawn["blocks"])
    assert not kit.rings(drawn["text"], drawn["blocks"])


@given(st.text(), st.integers(min_value=8, max_value=300))
@settings(max_examples=100, deadline=None)
def test_escaped_text_keeps_to_its_limit_and_no_sign_is_cut(text: str, limit: int) -> None:
    shown = escaped(text, limit)
    assert len(shown) <= limit
    assert "<" not in shown
    assert ">" not in shown
    assert shown.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0


def test_what_is_said_is_shown_as_it_is() -> None:
    drawn = message("rm *.log; a_b_c <b> & `x` at https://runbooks.example/a?b=1&c.", SPEECH)

    [block] = drawn["blocks"]
    assert kit.read("", [block]) == "rm *.log; a_b_c <b> & `x` at https://runbooks.example/a?b=1&c."
    links = [part["url"] for part in block["elements"][0]["elements"] if part["type"] == "link"]
    assert links == ["https://runbooks.example/a?b=1&c"]


def test_the_tone_of_a_card_is_said_in_words_as_well() -> None:
    card = Card("SEV2 · INC-1 · Slow", "SEV2 · INC-1 · Slow – triage", Tone.ALARM, (Field("Status", "triage"),))

    drawn = message(card, SPEECH)

    assert drawn["text"] == card.fallback
    assert kit.read("", drawn["blocks"]).splitlines() == ["🔴 SEV2 · INC-1 · Slow", "Status", "triage"]


def test_a_button_gives_back_its_command_and_version() -> None:
    card = Card("x", "x", actions=(Button("Resolve", "resolve INC-1", Weight.DANGER, "Sure?", 7),))

    [button] = kit.buttons(message(card, SPEECH)["blocks"])

    assert pressed(button["value"]) == ("resolve INC-1", 7)
    assert (button["style"], button["confirm"]["deny"]["text"]) == ("danger", "Cancel")


def test_a_command_that_is_too_long_for_a_button_has_none() -> None:
    card = Card("x", "x", actions=(Button("a", "note " + "x" * 3000), Button("b", "ack INC-1")))

    assert [button["text"]["text"] for button in kit.buttons(message(card, SPEECH)["blocks"])] == ["b"]


def test_a_question_is_asked_once_above_the_buttons_that_answer_it() -> None:
    asked, listed = "Which incident? These are open:", "INC-2 · SEV2 · Slow"
    card = Card(asked, asked, body=listed, actions=(Button("INC-2 · Slow", "ack INC-2"),))

    drawn = json.dumps(
        shown(Answer(ok=False, text=f"{asked}\n{listed}", card=card), SPEECH)["blocks"], ensure_ascii=False
    )

    assert (drawn.count("Which incident?"), drawn.count(listed), drawn.count('"button"')) == (1, 1, 1)


def a_form(*questions: Question, command: str = "sev INC-1", title: str = "Severity") -> Form:
    """A form with these questions."""
    return Form(title, command, questions, "Change")


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_slack_takes_a_form_whatever_it_asks(text: str) -> None:
    options = tuple(Option(f"v{number}", text) for number in range(100))
    drawn = modal(
        a_form(
            Question("a", text, QuestionKind.LINE, value=text[:2500], hint=text),
            Question("b", text, QuestionKind.PARAGRAPH, required=False, value=text[:2500]),
            Question("c", text, QuestionKind.CHOICE, options=options, value="v7"),
            Question("d", text, QuestionKind.CHOICE, options=(*options, Option("v100", text))),
            Question("e", text, QuestionKind.CHOICE),
            title=text,
        ),
        "C1",
        SPEECH,
    )

    assert drawn is not None
    kit.view(drawn)
    kinds = [block["element"]["type"] for block in drawn["blocks"] if block["type"] == "input"]
    # What does not fit into a list is written by hand.
    assert kinds == ["plain_text_input", "plain_text_input", "static_select", "plain_text_input", "plain_text_input"]


def test_a_form_that_slack_can_not_carry_is_not_drawn() -> None:
    assert modal(a_form(command="note " + "x" * 4000), "C1", SPEECH) is None


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) > 3000])
def test_slack_takes_a_long_answer_whatever_it_is(text: str) -> None:
    drawn = modal(a_form(Question("a", text, QuestionKind.PARAGRAPH, value=text[:20_000], hint=text)), "C1", SPEECH)

    assert drawn is not None
    kit.view(drawn)


def test_an_answer_that_is_too_long_for_a_form_is_not_cut_but_refused() -> None:
    assert modal(a_form(Question("a", "What?", value="long " * 60_000)), "C1", SPEECH) is None


@given(st.text(st.sampled_from("a \n\t-"), min_size=2400, max_size=9000) | st.text(min_size=5100, max_size=6000))
@settings(max_examples=40, deadline=None)
def test_a_text_that_is_parted_is_put_together_as_it_was(text: str) -> None:
    parts, gaps = parted(text)

    assert all(len(part) <= 2500 for part in parts)
    fields = {part_name("text", number): part for number, part in enumerate(parts, 1)}
    assert joined(fields, {"text": gaps}) == {"text": text}


def test_a_form_comes_back_with_its_command_channel_and_answers() -> None:
    drawn = modal(a_form(Question("why", "Why")), "C1", SPEECH)
    assert drawn is not None
    state = {"why": {"answer": {"type": "plain_text_input", "value": "x"}}, "none": {"answer": {"type": "y"}}}

    back = filled({**drawn, "state": {"values": state}})

    assert back is not None
    assert (back.command, back.channel, back.answers) == ("sev INC-1", "C1", {"why": "x", "none": ""})


def test_an_error_without_a_field_stands_at_the_first() -> None:
    assert beside((), "No", ["a", "b"]) == {"a": "No"}
    assert beside((("b", "No"), ("z", "?")), "No", ["a", "b"]) == {"b": "No"}


async def test_the_bots_own_name_is_no_part_of_a_command() -> None:
    async def name(user: str) -> str:
        return user.lower()

    text = await understood(
        "<@U0BOT> page <@U1|x> &amp; <mailto:a@b.c|a@b.c> <!subteam^S1|@ops>", name, without="U0BOT"
    )

    assert text == "page @u1 & a@b.c @ops"
    assert await understood("see <#C1|42> and <#C2>", name) == "see #C1 and #C2"
