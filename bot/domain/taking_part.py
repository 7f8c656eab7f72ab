"""Who took part in the response to an incident: whoever acted in it, and not who was merely called."""

from collections.abc import Iterable
from typing import Final

from bot.domain.incident import Incident
from bot.domain.timeline import Event, EventKind

_AFTERWARDS: Final = frozenset(
    {EventKind.POSTMORTEM_OPENED, EventKind.POSTMORTEM_FINISHED, EventKind.POSTMORTEM_WAIVED}
)


def took_part(incident: Incident, events: Iterable[Event]) -> tuple[str, ...]:
    """Return the ids of those who did something until it was over, in that order, and of those who hold a role.

    The incident's participants are more: they were called, or invited to its postmortem, and may see it.
    """
    over_at = incident.resolved_at or incident.closed_at
    acted = (
        event.actor.person
        for event in events
        if event.kind not in _AFTERWARDS and (over_at is None or event.occurred_at <= over_at)
    )
    people = (*acted, incident.acknowledged_by, *(person for _, person in incident.roles))
    return tuple(dict.fromkeys(person for person in people if person is not None))
