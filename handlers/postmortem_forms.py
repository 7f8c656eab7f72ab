"""The form of each question of a postmortem: few fields, each with what was answered before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.forms import Check, Form, Option, Question, QuestionKind
from bot.domain.incident import Incident
from bot.domain.organisation import Person
from bot.domain.postmortem import Answer, Part
from bot.domain.postmortem_answers import CONDITIONS, NONE_ALIKE, SOURCES
from bot.domain.postmortem_script import Prompt, PromptKind
from bot.domain.postmortem_times import MOMENTS, shown
from bot.domain.postmortem_work import FIELDS, KINDS, PRIORITIES
from bot.wording.speech import Speech
from handlers.postmortem_cards import Proposal

ANSWERS: Final = ("text", "finder", "source", "reason", *MOMENTS, *FIELDS)
"""The names of all fields: the options of `answer`."""


def question_form(
    incident: Incident,
    prompt: Prompt,
    speech: Speech,
    *,
    count: int,
    seen: int,
    proposal: Proposal,
    person: Person,
    before: Answer | None = None,
    typed: Mapping[str, str] | None = None,
) -> Form:
    """Return the form of a question; `before` is what was answered, `typed` what was just refused.

    `seen` is how many versions of the answer the form knows of: an answer that comes after another's is told so.
    """
    zone = person.timezone or speech.org.timezone
    item = f" --item {before.item}" if before is not None and prompt.kind is PromptKind.ACTIONS else ""
    filled = {**_before(prompt, before, zone), **(typed or {})}
    adds = prompt.kind is PromptKind.ACTIONS and before is None
    return Form(
        title=speech.words("interview.form", ref=incident.ref, number=prompt.place, count=count),
        command=f"answer {incident.ref} --for {prompt.id} --seen {seen}{item}",
        questions=_questions(prompt, speech, filled, proposal, person),
        submit=speech.words("interview.form.add" if adds else "interview.form.submit"),
    )


def skip_form(incident: Incident, prompt: Prompt, speech: Speech, *, count: int, seen: int) -> Form:
    """Return the form that asks why a question is left without an answer."""
    return Form(
        title=speech.words("interview.form", ref=incident.ref, number=prompt.place, count=count),
        command=f"skip {incident.ref} --for {prompt.id} --seen {seen}",
        questions=(
            Question(
                "reason",
                speech.words("interview.form.skip"),
                required=not prompt.is_optional,
                hint=prompt.text(speech.language),
            ),
        ),
        submit=speech.words("interview.form.skip.submit"),
    )


def _questions(
    prompt: Prompt, speech: Speech, filled: Mapping[str, str], proposal: Proposal, person: Person
) -> tuple[Question, ...]:
    ask, help_ = prompt.text(speech.language), prompt.hint(speech.language)

    def text(kind: QuestionKind = QuestionKind.PARAGRAPH, hint: str = help_, value: str = "") -> Question:
        return Question("text", ask, kind, value=filled.get("text", value), hint=hint)

    match prompt.kind:
        case PromptKind.FACILITATOR:
            return (text(QuestionKind.LINE),)
        case PromptKind.IMPACT:
            return (text(), _field("finder", speech, filled, required=False))
        case PromptKind.TIMES:
            zone = person.timezone or speech.org.timezone
            proposed = {name: shown(at, zone) for name, at in proposal.times.items()}
            hints = {MOMENTS[0]: f"{ask} {speech.words('interview.form.zone', zone=zone)}"}
            return tuple(
                _field(name, speech, {**proposed, **filled}, required=bool(proposed[name]), hint=hints.get(name, ""))
                for name in MOMENTS
            )
        case PromptKind.DETECTION:
            source = _choice("source", speech, filled, [(one, speech.words(f"interview.{one}")) for one in SOURCES])
            hint = speech.words("interview.form.sooner")
            return (source, Question("text", ask, QuestionKind.PARAGRAPH, value=filled.get("text", ""), hint=hint))
        case PromptKind.CONDITIONS:
            return (text(value="\n".join(f"{kind}: " for kind in CONDITIONS)),)
        case PromptKind.SIMILAR:
            return (text(value="\n".join(proposal.alike) or NONE_ALIKE),)
        case PromptKind.ACTIONS:
            return _action(speech, {"owner": person.name, "due": "in 2 weeks", **filled}, ask)
        case PromptKind.DECLINED:
            return (text(), _field("reason", speech, filled, required=False))
        case _:
            return (text(),)


def _action(speech: Speech, filled: Mapping[str, str], ask: str) -> tuple[Question, ...]:
    kinds = [(kind, speech.words(f"interview.{kind}")) for kind in KINDS]
    return (
        _field("what", speech, filled, hint=ask),
        _choice("kind", speech, filled, kinds),
        _field("owner", speech, filled),
        replace(_field("due", speech, filled, hint=speech.words("interview.form.due.hint")), check=Check.WHEN),
        _choice("priority", speech, filled, [(one, speech.words(f"interview.{one.lower()}")) for one in PRIORITIES]),
        _field("test", speech, filled, hint=speech.words("interview.form.test.hint")),
    )


def _field(name: str, speech: Speech, filled: Mapping[str, str], *, required: bool = True, hint: str = "") -> Question:
    label = speech.words(f"interview.form.{name}")
    return Question(name, label, required=required, value=filled.get(name, ""), hint=hint)


def _choice(name: str, speech: Speech, filled: Mapping[str, str], options: list[tuple[str, str]]) -> Question:
    offered = tuple(Option(value, label) for value, label in options)
    label = speech.words(f"interview.form.{name}")
    return Question(name, label, QuestionKind.CHOICE, options=offered, value=filled.get(name, ""))


def _before(prompt: Prompt, answer: Answer | None, zone: str) -> dict[str, str]:
    """Return what the fields of a form held when it was answered."""
    if answer is None or answer.skipped is not None:
        return {}
    part: Part = answer.parts[0] if answer.parts else {}
    match prompt.kind:
        case PromptKind.DETECTION:
            return {"source": str(part["source"]), "text": str(part["text"])}
        case PromptKind.ACTIONS:
            due = shown(datetime.fromisoformat(str(part["due_at"])), zone)
            owner = answer.text.partition("; owner ")[2].partition(";")[0]
            named = {"kind": "kind", "what": "text", "priority": "priority", "test": "test"}
            return {"owner": owner, "due": due, **{field: str(part[name]) for field, name in named.items()}}
        case PromptKind.TIMES:
            return {}
        case _:
            return {"text": answer.text}
