"""The postmortem of an incident: how far its conversation has come, and every version of every answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.incident import Incident, Kind, Status
from bot.domain.postmortem_script import Prompt, Script
from bot.domain.refusal import Refusal, Value
from bot.domain.severity import Severity


class State(StrEnum):
    """Where a postmortem stands: opened, being answered, read by others, and what comes of it."""

    DRAFT = "draft"
    COLLECTING = "collecting"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    CLOSED = "closed"
    WAIVED = "waived"


MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.COLLECTING, State.IN_REVIEW, State.WAIVED}),
    State.COLLECTING: frozenset({State.IN_REVIEW, State.WAIVED}),
    State.IN_REVIEW: frozenset({State.COLLECTING, State.APPROVED, State.WAIVED}),
    State.APPROVED: frozenset({State.IN_REVIEW, State.PUBLISHED, State.CLOSED}),
    State.PUBLISHED: frozenset({State.IN_REVIEW, State.CLOSED}),
    State.CLOSED: frozenset({State.IN_REVIEW}),
    State.WAIVED: frozenset({State.DRAFT}),
}
"""What may follow on what; what was approved is changed only by taking it back to review."""

ASKING = frozenset({State.DRAFT, State.COLLECTING})
"""The states in which questions are asked."""

WRITABLE = frozenset({State.DRAFT, State.COLLECTING, State.IN_REVIEW})
"""The states in which answers may be given and changed."""


@dataclass(frozen=True, slots=True)
class Postmortem:
    """The postmortem of one incident. Every change is a new value, stored with `version` one higher.

    `script` is the digest of its questions, `current` the id of the one that is asked; None: all were. `is_paused`:
    what the owner says in the room is no answer. `owner` None: whoever answers first leads it.
    """

    id: str
    incident: str
    script: str
    opened_at: datetime
    state: State = State.DRAFT
    owner: str | None = None
    current: str | None = None
    is_paused: bool = False
    opened_by: str | None = None
    finished_at: datetime | None = None
    waived_by: str | None = None
    waived_reason: str = ""
    version: int = 0

    @property
    def is_asking(self) -> bool:
        """Whether questions are asked."""
        return self.state in ASKING


Part = Mapping[str, Value]
"""One thing that an answer names, understood: the amount and unit of an impact, one condition, one action."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One version of one answer; versions are added, never changed. `number` counts them from 1.

    `item` counts what a question collects several of, such as actions. `account` names whose account of it this is,
    where people differ; "" is the one that all share. `person` is None where the author is not kept. `skipped` holds
    the reason why there is no answer; `text` is empty then.
    """

    id: str
    postmortem: str
    question: str
    number: int
    at: datetime
    person: str | None = None
    text: str = ""
    parts: tuple[Part, ...] = ()
    skipped: str | None = None
    item: int = 1
    account: str = ""


def is_owed(incident: Incident, before: Status, owed_from: Severity | None) -> bool:
    """Say whether an incident that has just changed its status begins a postmortem by itself.

    Only a real one does, when it is resolved, at `owed_from` or worse; None: none ever does.
    """
    has_ended = incident.status is Status.RESOLVED and before is not Status.RESOLVED
    return (
        has_ended and incident.kind is Kind.REAL and owed_from is not None and incident.severity.is_at_least(owed_from)
    )


def first_owner(incident: Incident, resolved_by: str | None) -> str | None:
    """Return who leads the conversation at first: the commander, else who acknowledged, else who resolved it."""
    return incident.commander or incident.acknowledged_by or resolved_by


def latest(answers: Sequence[Answer], question: str) -> tuple[Answer, ...]:
    """Return the answers to a question as they now are: the last version of every account and item, in their order."""
    newest: dict[tuple[str, int], Answer] = {}
    for answer in answers:
        place = (answer.account, answer.item)
        if answer.question == question and (place not in newest or newest[place].number < answer.number):
            newest[place] = answer
    return tuple(newest[place] for place in sorted(newest))


def given(answers: Sequence[Answer], question: str) -> tuple[Answer, ...]:
    """Return the answers to a question as they now are, without what was skipped."""
    return tuple(answer for answer in latest(answers, question) if answer.skipped is None)


def seen(answers: Sequence[Answer], question: str) -> int:
    """Return how many versions of answers to a question there are: who has seen so many has seen all of them."""
    return sum(answer.question == question for answer in answers)


def left(script: Script, answers: Sequence[Answer]) -> tuple[Prompt, ...]:
    """Return the questions that are neither answered nor skipped, in their order."""
    settled = {answer.question for answer in answers}
    return tuple(prompt for prompt in script.prompts if prompt.id not in settled)


def following(script: Script, answers: Sequence[Answer], after: Prompt) -> Prompt | None:
    """Return the question to ask after one: the next that is left, else the first that is; None: all is answered."""
    open_ones = [prompt for prompt in left(script, answers) if prompt.id != after.id]
    return next((prompt for prompt in open_ones if prompt.number > after.number), open_ones[0] if open_ones else None)


def check_state(ref: str, current: State, wanted: State) -> None:
    """Return when a postmortem may go from one state to another; refuse it otherwise."""
    if wanted not in MOVES[current]:
        raise Refusal("postmortem.state", ref=ref, state=current.value)
