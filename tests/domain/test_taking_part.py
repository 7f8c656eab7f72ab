"""Who took part in the response, and who did not."""

from datetime import datetime

from bot.domain.access import Role
from bot.domain.incident import Incident, Status
from bot.domain.taking_part import took_part
from bot.domain.timeline import Actor, Event, EventKind
from tests.builders import AMIRA, HOUR, NOW, OMAR, PROM, an_ended_incident, an_incident


def did(actor: Actor, kind: EventKind = EventKind.NOTE, at: datetime = NOW, **fields: str) -> Event:
    return Event(kind, actor, at, fields)


def an_incident_of(*participants: str) -> Incident:
    return an_incident(participants=participants)


def test_who_was_only_called_has_not_taken_part() -> None:
    called = did(PROM, EventKind.PAGED, people="p-amira,p-lina")
    assert took_part(an_incident_of("p-amira", "p-lina"), [called]) == ()


def test_who_did_something_has_the_first_one_first_and_each_once() -> None:
    events = [did(OMAR), did(AMIRA, EventKind.ACKNOWLEDGED), did(OMAR), did(PROM)]
    assert took_part(an_incident_of("p-amira", "p-omar", "p-lina"), events) == ("p-omar", "p-amira")


def test_who_holds_a_role_or_acknowledged_has() -> None:
    incident = an_incident(roles=((Role.SCRIBE, "p-lina"),), acknowledged_by="p-noor")
    assert took_part(incident, []) == ("p-noor", "p-lina")


def test_what_is_done_once_it_is_over_is_no_response() -> None:
    incident = an_ended_incident(acknowledged_by=None, resolved_at=NOW)
    assert took_part(incident, [did(OMAR), did(AMIRA, at=NOW + HOUR)]) == ("p-omar",)
    cancelled = an_ended_incident(Status.CANCELLED, acknowledged_by=None, resolved_at=None, closed_at=NOW)
    assert took_part(cancelled, [did(OMAR), did(AMIRA, at=NOW + HOUR)]) == ("p-omar",)
    assert took_part(an_incident(), [did(AMIRA, EventKind.POSTMORTEM_WAIVED)]) == ()
