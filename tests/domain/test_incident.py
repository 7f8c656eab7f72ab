"""What an incident says of itself."""

import pytest

from bot.domain.access import Role
from bot.domain.incident import OPEN_STATUSES, Escalation, EscalationState, Status, TimerKind
from tests.builders import HOUR, MINUTE, NOW, a_called_incident, an_incident


@pytest.mark.parametrize("status", Status)
def test_an_incident_is_open_until_it_has_ended_and_its_room_until_it_is_closed(status: Status) -> None:
    incident = an_incident(status=status)
    assert incident.is_open == (status in OPEN_STATUSES)
    assert incident.has_room == (status is Status.RESOLVED or incident.is_open)


def test_its_name_is_its_number() -> None:
    assert an_incident().ref == "INC-42"


def test_the_commander_is_found_among_the_roles() -> None:
    assert an_incident().commander is None
    roles = ((Role.SCRIBE, "p-omar"), (Role.COMMANDER, "p-lina"))
    assert an_incident(roles=roles).commander == "p-lina"


def test_timers_follow_from_what_is_due() -> None:
    incident = a_called_incident(update_due_at=NOW + HOUR, commander_due_at=NOW + MINUTE, quiet_due_at=NOW + 2 * MINUTE)
    assert incident.timers() == {
        TimerKind.ESCALATE: NOW + 5 * MINUTE,
        TimerKind.UPDATE: NOW + HOUR,
        TimerKind.COMMANDER: NOW + MINUTE,
        TimerKind.QUIET: NOW + 2 * MINUTE,
    }


@pytest.mark.parametrize("state", [state for state in EscalationState if state is not EscalationState.RUNNING])
def test_only_a_running_escalation_has_a_next_step(state: EscalationState) -> None:
    incident = an_incident(escalation=Escalation(state, "ml-oncall", 1, NOW))
    assert TimerKind.ESCALATE not in incident.timers()


@pytest.mark.parametrize("status", [status for status in Status if status not in OPEN_STATUSES])
def test_an_ended_incident_has_nothing_ahead_of_it(status: Status) -> None:
    assert a_called_incident(status=status, quiet_due_at=NOW).timers() == {}
