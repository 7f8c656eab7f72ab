"""A postmortem to decide about: that of INC-42, which omar leads, with the script that ships."""

from dataclasses import replace
from typing import Any

from bot.config.script import own_script
from bot.domain.incident import Incident
from bot.domain.postmortem import Answer, Postmortem
from bot.domain.postmortem_deciding import Given, Outcome, Sitting, begin
from bot.domain.postmortem_script import Prompt, Script
from bot.domain.timeline import Actor
from tests.builders import NOW, OMAR, an_ended_incident

SCRIPT = own_script()


def a_postmortem(**changes: Any) -> Postmortem:
    """The postmortem of INC-42, just opened, at its first question."""
    fresh = Postmortem("pm-1", "i-42", SCRIPT.digest, NOW, owner="p-omar", current="facilitator", version=1)
    return replace(fresh, **changes)


def a_sitting(
    *answers: Answer, actor: Actor = OMAR, incident: Incident | None = None, script: Script = SCRIPT, **changes: Any
) -> Sitting:
    """The postmortem with its answers so far; changes are those of the postmortem."""
    return Sitting(incident or an_ended_incident(), a_postmortem(**changes), script, answers, actor, NOW)


def an_answer(question: str, text: str = "words", **changes: Any) -> Answer:
    """The first version of an answer, which omar gave."""
    answer = Answer(f"a-{question}", "pm-1", question, 1, NOW, "p-omar", text)
    return replace(answer, **changes)


def an_action(item: int = 1, **changes: Any) -> Answer:
    """An action that was kept."""
    part = {"owner": "p-omar", "due_at": NOW.isoformat(), "text": "Limit it", "followup": f"f-{item}"}
    return an_answer("actions", "prevent: Limit it", item=item, id=f"a-{item}", parts=(part,), **changes)


def prompt(question: str) -> Prompt:
    found = SCRIPT.prompt(question)
    assert found is not None
    return found


def a_given(question: str, text: str = "new words", **changes: Any) -> Given:
    parts: tuple[Any, ...] = ({"owner": "p-omar", "due_at": NOW.isoformat()},) if question == "actions" else ()
    return replace(Given("a-new", prompt(question), text, parts), **changes)


def all_answered() -> tuple[Answer, ...]:
    """An answer to every question."""
    return tuple(an_action() if one.id == "actions" else an_answer(one.id) for one in SCRIPT.prompts)


def carried_on(sitting: Sitting, outcome: Outcome) -> Sitting:
    """How it stands after a decision was stored."""
    stored = replace(outcome.postmortem, version=outcome.postmortem.version + 1)
    return replace(sitting, postmortem=stored, answers=(*sitting.answers, *outcome.answers))


def begun(incident: Incident | None = None) -> Outcome:
    """What opening decides, by amira, for omar to lead."""
    fresh = Postmortem("pm-1", "i-42", "", NOW, owner="p-omar")
    return begin(fresh, incident or an_ended_incident(), SCRIPT, Actor(person="p-amira"))
