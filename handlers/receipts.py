"""How a line and its answer are kept: as plain JSON values, so that a line is carried out once and answered alike."""

from collections.abc import Mapping
from typing import Any

from bot.domain.cards import Card
from bot.domain.forms import Check, Form, Option, Question, QuestionKind
from bot.domain.organisation import Account
from bot.ports.chat import Answer, Incoming, RoomRef
from bot.ports.content import from_json, to_json


def line_to_json(incoming: Incoming) -> dict[str, Any]:
    """Return a line as plain values; `line_from_json` gives back an equal one."""
    room = incoming.room
    return {
        "key": incoming.key,
        "text": incoming.text,
        "account": [incoming.account.chat, incoming.account.workspace, incoming.account.user],
        "room": None if room is None else [room.chat, room.workspace, room.room, room.thread],
        "version": incoming.version,
        "actor": incoming.actor,
        "token": incoming.token,
    }


def line_from_json(kept: Mapping[str, Any]) -> Incoming:
    """Read what `line_to_json` wrote."""
    return Incoming(
        key=kept["key"],
        text=kept["text"],
        account=Account(*kept["account"]),
        room=None if kept["room"] is None else RoomRef(*kept["room"]),
        version=kept["version"],
        actor=kept["actor"],
        token=kept["token"],
    )


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain values; `answer_from_json` gives back an equal one."""
    return {
        "ok": answer.ok,
        "text": answer.text,
        "card": None if answer.card is None else to_json(answer.card),
        "form": None if answer.form is None else _form_to_json(answer.form),
        "errors": [list(error) for error in answer.errors],
        "incident": answer.incident,
        "is_told": answer.is_told,
    }


def answer_from_json(kept: Mapping[str, Any]) -> Answer:
    """Read what `answer_to_json` wrote."""
    card = None if kept["card"] is None else from_json(kept["card"])
    return Answer(
        ok=kept["ok"],
        text=kept["text"],
        card=card if isinstance(card, Card) else None,
        form=None if kept["form"] is None else _form_from_json(kept["form"]),
        errors=tuple((question, error) for question, error in kept["errors"]),
        incident=kept["incident"],
        is_told=kept.get("is_told", False),
    )


def _form_to_json(form: Form) -> dict[str, Any]:
    return {
        "title": form.title,
        "command": form.command,
        "submit": form.submit,
        "questions": [
            {
                "name": question.name,
                "label": question.label,
                "kind": question.kind.value,
                "required": question.required,
                "options": [[option.value, option.label] for option in question.options],
                "value": question.value,
                "hint": question.hint,
                "check": question.check.value,
            }
            for question in form.questions
        ],
    }


def _form_from_json(kept: Mapping[str, Any]) -> Form:
    return Form(
        title=kept["title"],
        command=kept["command"],
        submit=kept["submit"],
        questions=tuple(
            Question(
                name=question["name"],
                label=question["label"],
                kind=QuestionKind(question["kind"]),
                required=question["required"],
                options=tuple(Option(value, label) for value, label in question["options"]),
                value=question["value"],
                hint=question["hint"],
                check=Check(question.get("check", Check.NONE)),
            )
            for question in kept["questions"]
        ),
    )
