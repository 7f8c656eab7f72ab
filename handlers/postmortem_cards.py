"""A question of a postmortem as a card: what is asked, what is proposed, and the buttons that answer it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.domain.postmortem import Answer, given, latest, left
from bot.domain.postmortem_deciding import Sitting
from bot.domain.postmortem_script import Prompt, PromptKind
from bot.domain.postmortem_times import MOMENTS
from bot.domain.text import clean, clip
from bot.ports.records import StoredEvent
from bot.wording.speech import Speech

LONGEST_PROPOSAL: Final = 1200
LONGEST_LINE: Final = 160
LONGEST_BEFORE: Final = 600
LONGEST_NAME: Final = 70
"""How much of a question names it in a list."""

MOST_EVENTS: Final = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """What Tocsin brings along for a question: the timeline, the times as far as they are known, incidents like it."""

    times: dict[str, datetime | None]
    timeline: Sequence[StoredEvent] = ()
    alike: Sequence[str] = ()


def question_card(sitting: Sitting, proposal: Proposal, speech: Speech) -> Card:
    """Return the card of the question that is asked; when all are answered, the one that offers to finish."""
    prompt = sitting.asked
    if prompt is None:
        return _end_card(sitting, speech)
    ref, count = sitting.incident.ref, len(sitting.script.prompts)
    title = speech.words("interview.title", ref=ref, number=prompt.place, count=count)
    ask = prompt.text(speech.language)
    notes = [_note(name, speech) for name in ("private", "anonymous", "optional") if getattr(prompt, f"is_{name}")]
    before = _kept(sitting, sitting.script.at(prompt.place - 1), speech)
    body = "\n\n".join(
        filter(None, [before, ask, prompt.hint(speech.language), _brought(sitting, prompt, proposal, speech)])
    )
    return Card(
        title=title,
        fallback=clip(f"{title}: {ask}", LONGEST_PROPOSAL),
        tone=Tone.WORKING,
        fields=(
            Field(speech.words("interview.for"), speech.words(f"interview.{prompt.who.value}")),
            _owner(sitting, speech),
            *((Field(speech.words("interview.note"), " · ".join(notes)),) if notes else ()),
        ),
        body=body,
        actions=_buttons(sitting, prompt, speech),
    )


def progress(sitting: Sitting, speech: Speech) -> str:
    """Return how far the conversation has come, in a sentence and a line for every question."""
    count = len(sitting.script.prompts)
    open_ones = {prompt.id for prompt in left(sitting.script, sitting.answers)}
    state, owner = sitting.postmortem.state.value, sitting.postmortem.owner
    ref = sitting.incident.ref
    head = speech.words(
        "interview.progress", ref=ref, done=count - len(open_ones), count=count, state=state, owner=owner
    )
    lines = [head]
    for prompt in sitting.script.prompts:
        mark = "open" if prompt.id in open_ones else "done" if given(sitting.answers, prompt.id) else "skipped"
        key = "asked" if prompt.id == sitting.postmortem.current else mark
        text = clip(prompt.text(speech.language), LONGEST_NAME)
        lines.append(speech.words(f"interview.line.{key}", number=prompt.place, text=text))
    return "\n".join(lines)


def _end_card(sitting: Sitting, speech: Speech) -> Card:
    ref, count = sitting.incident.ref, len(sitting.script.prompts)
    title = speech.words("interview.end", ref=ref)
    ends = speech.words("interview.end.body", count=count)
    body = "\n\n".join(filter(None, [_kept(sitting, sitting.script.at(count), speech), ends]))
    finish = Button(speech.words("interview.button.finish"), f"postmortem {ref} finish", Weight.PRIMARY)
    status = Button(speech.words("interview.button.status"), f"postmortem {ref} status")
    return Card(title, f"{title}: {ends}", Tone.CALM, (_owner(sitting, speech),), body, (finish, status))


def _kept(sitting: Sitting, before: Prompt | None, speech: Speech) -> str:
    """Return what is kept of the question before, so that its answer needs no message of its own."""
    there = latest(sitting.answers, before.id) if before is not None else ()
    if before is None or not there:
        return ""
    if (reason := there[0].skipped) is not None:
        return speech.words("interview.left_out", number=before.place, reason=clip(clean(reason), LONGEST_LINE))
    is_secret = before.is_private or before.is_anonymous
    lines = [" ".join(line.split()) for answer in there for line in answer.text.splitlines()]
    text = "" if is_secret else clip("; ".join(filter(None, lines)), LONGEST_LINE)
    return speech.words("interview.kept", number=before.place, text=text)


def _owner(sitting: Sitting, speech: Speech) -> Field:
    owner = sitting.postmortem.owner
    return Field(speech.words("interview.led_by"), speech.name(owner) if owner else speech.words("interview.nobody"))


def _note(name: str, speech: Speech) -> str:
    return speech.words(f"interview.note.{name}")


def _brought(sitting: Sitting, prompt: Prompt, proposal: Proposal, speech: Speech) -> str:
    """Return what is known already: the timeline, the times, the actions so far, or what was answered before."""
    before = given(sitting.answers, prompt.id)
    lines: list[str] = []
    if prompt.kind is PromptKind.TIMELINE:
        lines = _timeline(proposal.timeline, speech)
    elif prompt.kind is PromptKind.TIMES:
        known = [(name, at) for name in MOMENTS if (at := proposal.times[name]) is not None]
        lines = [
            speech.words("interview.moment", name=speech.words(f"interview.form.{name}"), moment_at=at.isoformat())
            for name, at in known
        ]
    elif prompt.kind is PromptKind.ACTIONS:
        lines = [
            speech.words("interview.item", number=answer.item, text=clip(answer.text, LONGEST_LINE))
            for answer in before
        ]
    elif prompt.kind is PromptKind.SIMILAR and not before:
        head = "interview.alike.found" if proposal.alike else "interview.alike.none"
        lines = [speech.words(head), *proposal.alike]
    elif before:
        lines = [speech.words("interview.before", text=clip(before[0].text, LONGEST_BEFORE))]
    return clip(clean("\n".join(lines)), LONGEST_PROPOSAL) if lines else ""


def _timeline(events: Sequence[StoredEvent], speech: Speech) -> list[str]:
    """Return the first events and the last ones, as many as fit: how it began is what this question is about."""
    told = [
        speech.words(
            "timeline_of.line",
            time=speech.clock(stored.event.occurred_at),
            text=clip(clean(speech.event(stored.event)), LONGEST_LINE),
        )
        for stored in events
    ]
    head: list[str] = []
    room = LONGEST_PROPOSAL - LONGEST_LINE
    while told and room > len(told[0]):
        line = told.pop(0)
        room -= len(line) + 1
        head.append(line)
    return [*head, speech.words("interview.more", count=len(told))] if told else head


def _buttons(sitting: Sitting, prompt: Prompt, speech: Speech) -> tuple[Button, ...]:
    ref = sitting.incident.ref
    before: Sequence[Answer] = given(sitting.answers, prompt.id)
    another = "another" if prompt.kind is PromptKind.ACTIONS and before else "answer"
    buttons = [Button(speech.words(f"interview.button.{another}"), f"answer {ref} --for {prompt.id}", Weight.PRIMARY)]
    if before:
        keep = "enough" if prompt.kind is PromptKind.ACTIONS else "keep"
        command = f"postmortem {ref} --for {prompt.id} next"
        buttons.append(Button(speech.words(f"interview.button.{keep}"), command))
    else:
        if prompt.kind in {PromptKind.TIMELINE, PromptKind.TIMES, PromptKind.SIMILAR}:
            buttons.append(Button(speech.words("interview.button.ok"), f"answer {ref} --for {prompt.id} --text ok"))
        buttons.append(Button(speech.words("interview.button.skip"), f"skip {ref} --for {prompt.id}"))
    if prompt.number > 0:
        buttons.append(Button(speech.words("interview.button.back"), f"postmortem {ref} --for {prompt.id} back"))
    buttons.append(Button(speech.words("interview.button.pause"), f"postmortem {ref} --for {prompt.id} pause"))
    return tuple(buttons)
