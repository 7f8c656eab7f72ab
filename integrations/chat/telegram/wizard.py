"""A form asked one question at a time: where somebody stands in it, and what an answer makes of that. Pure values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Self

from bot.domain.forms import Check, Form, Option, Question, QuestionKind, command_line

CANCEL: Final = "x"
BACK: Final = "b"
KEEP: Final = "k"
SKIP: Final = "s"
OPTION: Final = "o"
"""What a button of a question means; an option's number follows its letter."""


@dataclass(frozen=True, slots=True)
class Wizard:
    """Somebody's way through a form. `todo` are the places of the questions still to be asked, `at` is which of them.

    - `step` grows with every change, so that a button of an earlier question is known for old.
    - `wrong` says by question why it is asked again. `last` is the update that was taken last, `asked` the message
      that asks now (None: it is still to be written), `topic` where.
    """

    id: str
    form: Form
    answers: Mapping[str, str] = field(default_factory=dict)
    todo: tuple[int, ...] = ()
    at: int = 0
    step: int = 0
    wrong: Mapping[str, str] = field(default_factory=dict)
    last: str = ""
    asked: int | None = None
    topic: int | None = None

    @property
    def question(self) -> Question | None:
        """The question that is asked now; None when all are answered."""
        return self.form.questions[self.todo[self.at]] if self.at < len(self.todo) else None

    @property
    def value(self) -> str:
        """The answer that the question has so far."""
        question = self.question
        return "" if question is None else self.answers.get(question.name, question.value)

    @property
    def may_keep(self) -> bool:
        """Whether the answer so far may stand; not one that was found wrong."""
        return bool(self.value) and self.question is not None and self.question.name not in self.wrong

    @property
    def line(self) -> str:
        """The command that the answers complete."""
        values = {question.name: self.answers.get(question.name, question.value) for question in self.form.questions}
        return command_line(self.form.command, values)

    def answered(self, text: str, update: str) -> Self:
        """Take an answer and go on to the next question."""
        question = self.question
        assert question is not None
        answers = {**self.answers, question.name: chosen(question, text)}
        wrong = {name: why for name, why in self.wrong.items() if name != question.name}
        return replace(self, answers=answers, wrong=wrong, at=self.at + 1, step=self.step + 1, last=update, asked=None)

    def refused(self, why: str, update: str) -> Self:
        """Ask the same question again, since its answer was wrong."""
        question = self.question
        assert question is not None
        return replace(self, wrong={**self.wrong, question.name: why}, step=self.step + 1, last=update, asked=None)

    def tapped(self, what: str, update: str) -> Self | None:
        """Take a button; None for one that this question does not have."""
        question = self.question
        if question is None:
            return None
        if what == BACK and self.at > 0:
            return replace(self, at=self.at - 1, step=self.step + 1, last=update, asked=None)
        if what == KEEP and self.may_keep:
            return self.answered(self.value, update)
        if what == SKIP and not question.required:
            return self.answered("", update)
        number = what.removeprefix(OPTION)
        if what.startswith(OPTION) and number.isascii() and number.isdigit() and int(number) < len(question.options):
            return self.answered(question.options[int(number)].value, update)
        return None

    def corrected(self, errors: Sequence[tuple[str, str]], update: str) -> Self | None:
        """Ask again exactly what was wrong; None when the errors are about no question of the form."""
        wrong = dict(errors)
        todo = tuple(place for place, question in enumerate(self.form.questions) if question.name in wrong)
        if not todo:
            return None
        return replace(self, todo=todo, at=0, step=self.step + 1, wrong=wrong, last=update, asked=None)


def begin(form: Form, wizard_id: str, update: str, topic: int | None) -> Wizard:
    """Return the way through a form from its first question."""
    return Wizard(wizard_id, form, todo=tuple(range(len(form.questions))), last=update, topic=topic)


def to_json(wizard: Wizard) -> dict[str, Any]:
    """Return a wizard as JSON."""
    return asdict(wizard)


def from_json(value: Mapping[str, Any]) -> Wizard | None:
    """Return a wizard from its JSON; None when another release wrote it in a way that is not understood."""
    try:
        return Wizard(**{**value, "form": _form(value["form"]), "todo": tuple(value["todo"])})
    except (KeyError, TypeError, ValueError):
        return None


def _form(value: Mapping[str, Any]) -> Form:
    return Form(**{**value, "questions": tuple(_question(each) for each in value["questions"])})


def _question(value: Mapping[str, Any]) -> Question:
    options = tuple(Option(**option) for option in value["options"])
    check = Check(value.get("check", Check.NONE))
    return Question(**{**value, "kind": QuestionKind(value["kind"]), "options": options, "check": check})


def chosen(question: Question, text: str) -> str:
    """Return the value of the option that was typed by its label; anything else as it was written."""
    typed = text.strip().casefold()
    return next((option.value for option in question.options if option.label.casefold() == typed), text.strip())
