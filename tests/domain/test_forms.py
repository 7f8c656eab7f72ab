"""A form that was answered is a line that was typed; a card's buttons are lines, too."""

import shlex

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.domain.forms import Form, Option, Question, QuestionKind, command_line


def test_answers_become_options_in_the_order_of_the_questions() -> None:
    line = command_line("sev INC-42", {"severity": "SEV1", "reason": "half of all requests fail"})
    assert line == 'sev INC-42 --severity "SEV1" --reason "half of all requests fail"'


def test_an_empty_answer_was_not_given() -> None:
    assert command_line("resolve INC-42", {"summary": ""}) == "resolve INC-42"


def test_a_quote_or_a_backslash_cannot_end_an_answer_early() -> None:
    assert command_line("note", {"text": 'a "b" \\'}) == 'note --text "a \\"b\\" \\\\"'


@given(st.text(min_size=1))
def test_whatever_is_answered_stays_one_answer(answer: str) -> None:
    assert shlex.split(command_line("note", {"text": answer}), comments=False) == ["note", "--text", answer]


def test_cards_and_forms_are_plain_values_with_gentle_defaults() -> None:
    button = Button("Acknowledge", "ack INC-42", version=7)
    assert (button.weight, button.confirm) == (Weight.PLAIN, None)
    card = Card("INC-42", "INC-42 – triage", fields=(Field("Status", "triage"),), actions=(button,))
    assert card.tone is Tone.NEUTRAL
    question = Question("severity", "Severity", QuestionKind.CHOICE, options=(Option("SEV1", "1 – worst"),))
    assert Form("Severity", "sev INC-42", (question,), "Change").questions[0].required
