"""A form: a list of questions that a chat draws as a modal, as an HTML form, or asks one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class QuestionKind(StrEnum):
    """What sort of answer a question takes."""

    LINE = "line"
    PARAGRAPH = "paragraph"
    CHOICE = "choice"


class Check(StrEnum):
    """What an answer must be read as, so that a chat which asks one question at a time can tell at once."""

    NONE = "none"
    WHEN = "when"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is stored, and what is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form; `name` is unique in its form and becomes the option `--name` of the command."""

    name: str
    label: str
    kind: QuestionKind = QuestionKind.LINE
    required: bool = True
    options: tuple[Option, ...] = ()
    value: str = ""
    hint: str = ""
    check: Check = Check.NONE


@dataclass(frozen=True, slots=True)
class Form:
    """Questions that complete a command. Answering it is typing the command with each answer as an option."""

    title: str
    command: str
    questions: tuple[Question, ...]
    submit: str


def command_line(form_command: str, answers: Mapping[str, str]) -> str:
    """Return the line that the answered form stands for: `sev INC-42 --severity "SEV1" --reason "..."`.

    Empty answers are left out, so that the command treats them as not given.
    """
    parts = [form_command]
    for name, answer in answers.items():
        if answer:
            escaped = answer.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'--{name} "{escaped}"')
    return " ".join(parts)
