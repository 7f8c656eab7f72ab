"""An export as Markdown, for people: the incident, its times, its timeline, every question with its answer."""

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.organisation import Organisation
from bot.domain.postmortem import Answer, Part, given, latest
from bot.domain.postmortem_script import Prompt, PromptKind
from bot.domain.postmortem_times import MOMENTS
from bot.domain.text import clean
from bot.wording.speech import Speech
from handlers.exporting.gathering import Dossier

# What a line of somebody's text may begin with that Markdown reads as structure of the page.
_STRUCTURE: Final = re.compile(r"^(\s*)(#{1,6}\s|>|={2,}\s*$|-{2,}\s*$|`{3}|~{3}|\|)")
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_SPANS: Final = (("began", "detected"), ("detected", "acknowledged"), ("detected", "mitigated"), ("began", "resolved"))


def markdown(dossier: Dossier, org: Organisation) -> str:
    """Return the whole of it. What people wrote stands there as they wrote it, and can't become a heading or a tag."""
    speech = Speech(dossier.organisation(org))
    blocks = [*_head(dossier, speech), *_metrics(dossier, speech), *_timeline(dossier, speech)]
    blocks += [*_answers(dossier, speech), *_actions(dossier, speech)]
    return "\n".join(blocks).rstrip() + "\n"


def _head(dossier: Dossier, speech: Speech) -> Iterator[str]:
    incident, postmortem = dossier.incident, dossier.postmortem
    yield f"# {incident.ref} · {incident.severity.name} · {_flat(incident.title)}"
    yield ""
    rows = [
        ("export.status", speech.word(incident.status.value)),
        ("export.service", incident.service or ""),
        ("export.commander", dossier.name(incident.commander)),
        ("export.participants", ", ".join(dossier.name(person) for person in dossier.responders)),
        ("export.postmortem", speech.word(postmortem.state.value) if postmortem else speech.words("export.none")),
        ("export.owner", dossier.name(postmortem.owner) if postmortem else ""),
        ("export.waived", _flat(postmortem.waived_reason) if postmortem else ""),
    ]
    for key, value in rows:
        if value:
            yield f"- {speech.words(key)}: {_flat(value)}"
    yield ""


def _metrics(dossier: Dossier, speech: Speech) -> Iterator[str]:
    yield f"## {speech.words('export.times')}"
    yield ""
    # An incident that was resolved at once has the time of that as its mitigation's: nobody mitigated it.
    untold = {"mitigated"} if dossier.times["mitigated"] == dossier.times["resolved"] else set()
    for name in MOMENTS:
        if name not in untold and (at := dossier.times[name]) is not None:
            yield f"- {speech.words(f'interview.form.{name}')}: {speech.at(at)}"
    for first, last in _SPANS:
        if last not in untold and (span := dossier.lasted(first, last)) is not None:
            names = {end: speech.words(f"interview.form.{name}") for end, name in (("first", first), ("last", last))}
            yield f"- {speech.words('export.span', **names)}: {speech.duration(span)}"
    yield ""


def _timeline(dossier: Dossier, speech: Speech) -> Iterator[str]:
    yield f"## {speech.words('export.timeline')}"
    yield ""
    day = ""
    for stored in dossier.timeline:
        at = stored.event.occurred_at
        if speech.day(at) != day:
            if day:
                yield ""  # or the list above goes on with the day as its own words
            day = speech.day(at)
            yield f"**{day}**"
            yield ""
        yield f"- {speech.clock(at)} {_flat(speech.event(stored.event))}"
    yield ""


def _answers(dossier: Dossier, speech: Speech) -> Iterator[str]:
    if dossier.script is None:
        return
    yield f"## {speech.words('export.answers')}"
    yield ""
    for prompt in dossier.script.prompts:
        yield f"### {prompt.place}. {_flat(prompt.text(speech.language))}"
        yield ""
        yield from _answer(dossier, prompt, speech)


def _answer(dossier: Dossier, prompt: Prompt, speech: Speech) -> Iterator[str]:
    there = latest(dossier.answers, prompt.id)
    if not there:
        yield f"*{speech.words('export.open')}*"
        yield ""
    for answer in there:
        if answer.skipped is not None:
            yield f"*{speech.words('export.skipped', reason=_flat(answer.skipped))}*"
        else:
            yield _text(_said(answer, prompt, speech))
        by = dossier.name(answer.person) or speech.words("export.anonymous")
        yield ""
        yield f"– {by}, {speech.at(answer.at)}"
        yield ""


def _said(answer: Answer, prompt: Prompt, speech: Speech) -> str:
    """Return what was answered; whoever took the timeline as it is said no more than that."""
    is_the_timeline = prompt.kind is PromptKind.TIMELINE and not answer.parts
    return speech.words("export.as_told") if is_the_timeline else answer.text


def _actions(dossier: Dossier, speech: Speech) -> Iterator[str]:
    if not dossier.followups:
        return
    yield f"## {speech.words('export.actions')}"
    yield ""
    parts = {str(part.get("followup")): part for prompt in _prompts(dossier) for part in _parts(dossier, prompt)}
    for followup in dossier.followups:
        done = "x" if followup.done_at is not None else " "
        due = speech.at(followup.due_at)
        said = speech.words("export.action", text=_flat(followup.text), due=due)
        told = [said, dossier.name(followup.owner)]
        if (part := parts.get(followup.id)) is not None:
            told += [str(part["kind"]), str(part["priority"]), speech.words("export.test", test=str(part["test"]))]
        yield f"- [{done}] {_flat(' · '.join(told))}"
    yield ""


def _prompts(dossier: Dossier) -> tuple[Prompt, ...]:
    return dossier.script.prompts if dossier.script is not None else ()


def _parts(dossier: Dossier, prompt: Prompt) -> Iterator[Part]:
    for answer in given(dossier.answers, prompt.id):
        yield from (part for part in answer.parts if "followup" in part)


def _flat(text: str) -> str:
    return _TAG.sub(r"\\<", " ".join(clean(text).split()))


def _text(text: str) -> str:
    """Return what somebody wrote, line by line as they did."""
    lines = [_STRUCTURE.sub(r"\1\\\2", _TAG.sub(r"\\<", line.rstrip())) for line in clean(text).splitlines()]
    # Two spaces at its end keep a line a line of its own.
    return "  \n".join(lines)
