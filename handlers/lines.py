"""An incident, a timeline and a follow-up as lines of plain text, for answers in chat."""

from collections.abc import Iterable, Sequence

from bot.domain.access import Visibility
from bot.domain.followup import Followup
from bot.domain.incident import Incident, Kind
from bot.domain.refusal import Value
from bot.domain.text import clean, clip
from bot.ports.records import StoredEvent
from bot.wording.speech import Speech

LONGEST_LINE = 300
LONGEST_ANSWER = 3500
"""Chats take about 4,000 characters in one message; what is longer would be cut in the middle."""


def incident_line(incident: Incident, speech: Speech) -> str:
    """Return an incident on one line."""
    marks = [] if incident.kind is Kind.REAL else [speech.word(incident.kind.value)]
    if incident.visibility is Visibility.PRIVATE:
        marks.append(speech.word(incident.visibility.value))
    said = speech.words(
        "list.line",
        ref=incident.ref,
        severity=incident.severity.name,
        status=incident.status.value,
        mark=", ".join(marks),
        title=_flat(incident.title),
        person=incident.commander,
    )
    return clip(said, LONGEST_LINE)


def followup_line(place: int, followup: Followup, speech: Speech) -> str:
    """Return a follow-up on one line, with the place by which it can be called done."""
    text = clip(_flat(followup.text), LONGEST_LINE)
    about: dict[str, Value] = {"place": place, "text": text, "owner": followup.owner}
    if followup.done_at is not None:
        return speech.words("followups.done", **about, done_at=followup.done_at.isoformat())
    return speech.words("followups.open", **about, due_at=followup.due_at.isoformat())


def timeline_lines(events: Sequence[StoredEvent], speech: Speech) -> tuple[list[str], bool]:
    """Return the newest events that fit into one answer, oldest first, and whether older ones were left out.

    Before the first event of every day on the reader's calendar stands a line with the date.
    """
    told: list[tuple[str, str]] = []
    length = 0
    for stored in reversed(events):
        at = stored.event.occurred_at
        text = clip(clean(speech.event(stored.event)), LONGEST_LINE)
        line = speech.words("timeline_of.line", time=speech.clock(at), text=text)
        day = speech.day(at)
        length += len(line) + len(day) + 2
        if length > LONGEST_ANSWER:
            break
        told.append((day, line))
    lines: list[str] = []
    for place, (day, line) in enumerate(reversed(told)):
        if place == 0 or day != told[-place][0]:
            lines.append(day)
        lines.append(line)
    return lines, len(told) < len(events)


def fitting(lines: Iterable[str]) -> list[str]:
    """Return as many of the first lines as fit into one answer."""
    kept: list[str] = []
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > LONGEST_ANSWER:
            break
        kept.append(line)
    return kept


def _flat(text: str) -> str:
    return " ".join(clean(text).split())
