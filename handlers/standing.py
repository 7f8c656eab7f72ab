"""What a person may do in one incident: their access, and more where they lead it or brought it up."""

from bot.domain.access import Access, Role
from bot.domain.incident import Incident
from bot.domain.organisation import Person

LEADING = frozenset({Role.COMMANDER, Role.DEPUTY})


def standing(person: Person, incident: Incident | None) -> Access:
    """Return the access that a person has here.

    Commander and deputy count as managers within their incident, and so does a responder who declared or acknowledged
    it: what they began they may end. Nobody becomes an administrator by a role.
    """
    if incident is None or person.access >= Access.MANAGER:
        return person.access
    leads = any(role in LEADING and holder == person.id for role, holder in incident.roles)
    began = person.id in {incident.opened_by, incident.acknowledged_by} and person.access >= Access.RESPONDER
    return Access.MANAGER if leads or began else person.access
