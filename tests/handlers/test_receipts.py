"""A line and its answer come out of the store as they went in."""

import json

import pytest

from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.domain.forms import Check, Form, Option, Question, QuestionKind
from bot.domain.organisation import Account
from bot.ports.chat import Answer, Incoming, RoomRef
from handlers.receipts import answer_from_json, answer_to_json, line_from_json, line_to_json

ACCOUNT = Account("slack", "T1", "UOMAR")
CARD = Card(
    "SEV1 · INC-1",
    "in short",
    Tone.ALARM,
    (Field("Status", "triage"),),
    "body",
    (Button("Acknowledge", "ack INC-1", Weight.PRIMARY, "Sure?", 3), Button("Status", "status INC-1")),
)
FORM = Form(
    "Severity",
    "sev INC-1",
    (
        Question("severity", "How bad?", QuestionKind.CHOICE, options=(Option("SEV1", "the worst"),), value="SEV1"),
        Question("reason", "Why?", required=False, hint="in a word", check=Check.PERSON),
    ),
    "Set",
)


@pytest.mark.parametrize(
    "line",
    [
        Incoming("k1", "ack", ACCOUNT),
        Incoming("k1", "ack “x”\n", ACCOUNT, RoomRef("slack", "T1", "C1", "t"), 7, "p-omar", "token-1"),
    ],
)
def test_a_line_is_kept(line: Incoming) -> None:
    assert line_from_json(json.loads(json.dumps(line_to_json(line)))) == line


@pytest.mark.parametrize(
    "answer",
    [
        Answer(ok=True, text="Done."),
        Answer(ok=False, text="No.", errors=(("next", "no duration"),)),
        Answer(ok=True, text="", card=CARD, form=FORM, incident="INC-1", is_told=True),
    ],
)
def test_an_answer_is_kept(answer: Answer) -> None:
    assert answer_from_json(json.loads(json.dumps(answer_to_json(answer)))) == answer
