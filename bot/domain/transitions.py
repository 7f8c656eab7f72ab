"""Which status may follow which, and in what words the others are refused."""

from bot.domain.incident import Incident, Status
from bot.domain.refusal import Already, Refusal

ALLOWED: dict[Status, frozenset[Status]] = {
    Status.TRIAGE: frozenset({Status.INVESTIGATING, Status.MITIGATED, Status.RESOLVED, Status.CANCELLED}),
    Status.INVESTIGATING: frozenset({Status.TRIAGE, Status.MITIGATED, Status.RESOLVED, Status.CANCELLED}),
    Status.MITIGATED: frozenset({Status.INVESTIGATING, Status.RESOLVED}),
    Status.RESOLVED: frozenset({Status.INVESTIGATING, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.INVESTIGATING}),
    Status.CANCELLED: frozenset({Status.INVESTIGATING}),
}
"""An incident that ended goes on only by reopening, which takes it to investigating and wants a reason."""


def check_move(ref: str, current: Status, wanted: Status) -> None:
    """Return when the move is allowed; refuse it, saying what may be done instead.

    Raises `Already` when nothing would change, `Refusal` with `transition.illegal` otherwise.
    """
    if wanted is current:
        raise Already("transition.already", ref=ref, status=current.value)
    if wanted not in ALLOWED[current]:
        possible = ", ".join(status.value for status in Status if status in ALLOWED[current])
        raise Refusal("transition.illegal", ref=ref, current=current.value, wanted=wanted.value, possible=possible)


def check_open(incident: Incident) -> None:
    """Return when the incident is open; otherwise refuse what can be done in an open one only."""
    if not incident.is_open:
        raise Refusal("incident.ended", ref=incident.ref, status=incident.status.value)


def check_reopening(incident: Incident) -> None:
    """Return when the incident is mitigated or has ended; otherwise refuse to take it up again."""
    if incident.status is Status.TRIAGE:
        raise Refusal("reopen.open", ref=incident.ref, status=incident.status.value)
    check_move(incident.ref, incident.status, Status.INVESTIGATING)
