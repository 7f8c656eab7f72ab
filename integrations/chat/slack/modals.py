"""Draws a form as a modal, and reads back what a person filled in."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.domain.forms import Form, Question, QuestionKind
from bot.domain.text import clean, clip
from bot.wording.speech import Speech
from integrations.chat.slack.parting import joined, part_name, parted
from integrations.chat.slack.text import plain

CALLBACK: Final = "form"
FIELD: Final = "answer"
LONGEST_TITLE: Final = 24
LONGEST_LABEL: Final = 2000
LONGEST_ANSWER: Final = 3000
LONGEST_OPTION: Final = 75
LONGEST_OPTION_VALUE: Final = 150
LONGEST_KEPT: Final = 3000
LARGEST_VIEW: Final = 250_000
MOST_OPTIONS: Final = 100
MOST_BLOCKS: Final = 100


@dataclass(frozen=True, slots=True)
class Filled:
    """What came back: the form's command, the channel in which it was asked for, and the answers by question."""

    command: str
    channel: str
    answers: Mapping[str, str]


def modal(form: Form, channel: str, speech: Speech, *, note: str = "") -> dict[str, Any] | None:
    """Return the view of a form; None for a form that Slack can't carry. `note` stands above the questions.

    What is longer than a field of Slack's stands in several of them, so that none of it is lost when it is sent.
    """
    gaps = {one.name: between for one in form.questions if (between := _parts(one)[1])}
    kept = json.dumps({"command": clean(form.command), "channel": channel, "gaps": gaps}, ensure_ascii=False)
    above = [note] if note else []
    if len(form.title) > LONGEST_TITLE:
        above.insert(0, form.title)
    blocks: list[dict[str, Any]] = [{"type": "section", "text": plain(text, LONGEST_ANSWER)} for text in above]
    blocks += [_input(field) for question in form.questions for field in _fields(question, speech)]
    view = {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(form.title, LONGEST_TITLE),
        "submit": plain(form.submit, LONGEST_TITLE),
        "close": plain(speech.words("slack.cancel"), LONGEST_TITLE),
        "private_metadata": kept,
        "blocks": blocks,
    }
    fits = len(kept) <= LONGEST_KEPT and len(blocks) <= MOST_BLOCKS and len(json.dumps(view)) <= LARGEST_VIEW
    return view if fits else None


def filled(view: Mapping[str, Any]) -> Filled | None:
    """Return what a person filled in; None for a view that we never made."""
    try:
        kept = json.loads(view.get("private_metadata", ""))
        command, channel = kept["command"], kept["channel"]
        values = view["state"]["values"]
        answers = joined({str(name): _answer(fields[FIELD]) for name, fields in values.items()}, kept.get("gaps", {}))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None
    if not isinstance(command, str) or not isinstance(channel, str) or not command:
        return None
    return Filled(command, channel, answers)


def beside(errors: Sequence[tuple[str, str]], text: str, questions: Sequence[str]) -> dict[str, str]:
    """Return the errors by question, so that a person sees them where they wrote; what is nobody's fault at the first.

    `questions` are those of the form; without any there is no place for an error.
    """
    found = {name: clip(clean(said), LONGEST_LABEL) for name, said in errors if name in questions}
    if not found and questions:
        found[questions[0]] = clip(clean(text), LONGEST_LABEL) or "–"
    return found


def _parts(question: Question) -> tuple[Sequence[str], Sequence[str]]:
    """Return what a question holds in parts that fit into fields, and what stood between them."""
    if _is_listed(question) or len(value := clean(question.value)) <= LONGEST_ANSWER:
        return (question.value,), ()
    return parted(value)


def _fields(question: Question, speech: Speech) -> Iterator[Question]:
    """Yield a question, once for each field that what it holds needs."""
    parts, _ = _parts(question)
    if len(parts) == 1:
        yield question
        return
    for number, part in enumerate(parts, 1):
        label = speech.words("slack.form_part", label=question.label, number=number, count=len(parts))
        is_first = number == 1
        yield replace(
            question,
            name=part_name(question.name, number),
            label=label,
            value=part,
            hint=question.hint if is_first else "",
            required=question.required and is_first,
        )


def _input(question: Question) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "input",
        "block_id": question.name,
        "optional": not question.required,
        "label": plain(question.label, LONGEST_LABEL),
        "element": _element(question),
    }
    if question.hint:
        block["hint"] = plain(question.hint, LONGEST_LABEL)
    return block


def _element(question: Question) -> dict[str, Any]:
    match question.kind:
        case QuestionKind.CHOICE if _is_listed(question):
            return _select(question)
        case QuestionKind.CHOICE | QuestionKind.LINE | QuestionKind.PARAGRAPH:
            element: dict[str, Any] = {
                "type": "plain_text_input",
                "action_id": FIELD,
                "multiline": question.kind is QuestionKind.PARAGRAPH,
                "max_length": LONGEST_ANSWER,
            }
            if question.value:
                element["initial_value"] = clean(question.value)
            return element


def _is_listed(question: Question) -> bool:
    """Say whether Slack shows the choices of a question; where it can't, a person writes their answer."""
    fit = all(0 < len(one.value) <= LONGEST_OPTION_VALUE for one in question.options)
    return question.kind is QuestionKind.CHOICE and 0 < len(question.options) <= MOST_OPTIONS and fit


def _select(question: Question) -> dict[str, Any]:
    drawn = {one.value: {"text": plain(one.label, LONGEST_OPTION), "value": one.value} for one in question.options}
    element: dict[str, Any] = {"type": "static_select", "action_id": FIELD, "options": list(drawn.values())}
    if question.value in drawn:
        element["initial_option"] = drawn[question.value]
    return element


def _answer(field: Mapping[str, Any]) -> str:
    """Return what a field holds; raises `TypeError` and the like for what Slack's fields never do."""
    if field["type"] == "static_select":
        chosen = field.get("selected_option")
        held = None if chosen is None else chosen["value"]
    else:
        held = field.get("value")
    if held is not None and not isinstance(held, str):
        raise TypeError("an answer that is no text")
    return held or ""
