"""Mitigating, resolving, cancelling, closing and reopening."""

from collections.abc import Callable

import pytest

from bot.domain.access import Visibility
from bot.domain.actions import Action, Cancel, Close, Mitigate, Reopen, Resolve
from bot.domain.effects import Announce, CloseRoom, DrawCard, OpenRoom, Page, Say
from bot.domain.incident import AlertTally, EscalationState, Incident, Status
from bot.domain.timeline import EventKind
from tests.builders import (
    AMIRA,
    HOUR,
    MINUTE,
    NOW,
    OMAR,
    a_called_incident,
    an_answered_incident,
    an_ended_incident,
    an_incident,
    decided,
    of_type,
)
from tests.domain.refused import refused

OPEN = [Status.TRIAGE, Status.INVESTIGATING, Status.MITIGATED]
ENDED = [Status.RESOLVED, Status.CLOSED, Status.CANCELLED]


@pytest.mark.parametrize("status", [Status.TRIAGE, Status.INVESTIGATING])
def test_whoever_mitigates_has_it(status: Status) -> None:
    incident = a_called_incident(status=status, commander_due_at=NOW + MINUTE)
    decision = decided(incident, Mitigate("rolled back"), OMAR)
    after = decision.incident
    assert (after.status, after.mitigated_at) == (Status.MITIGATED, NOW)
    assert (after.escalation.state, after.acknowledged_by) == (EscalationState.ACKNOWLEDGED, "p-omar")
    assert "p-omar" in after.participants
    assert decision.acknowledges_pages
    assert decision.events[0].fields == {"before": status, "status": "mitigated", "summary": "rolled back"}


def test_a_mitigated_incident_goes_on_owing_updates_and_asks_for_no_commander() -> None:
    after = decided(a_called_incident(commander_due_at=NOW + MINUTE), Mitigate()).incident
    assert (after.update_due_at, after.commander_due_at) == (NOW + HOUR, None)


def test_mitigating_what_somebody_has_keeps_who_has_it() -> None:
    after = decided(an_answered_incident(), Mitigate(), OMAR, NOW + HOUR).incident
    assert (after.acknowledged_by, after.acknowledged_at) == ("p-amira", NOW)


@pytest.mark.parametrize("status", OPEN)
def test_resolving_leaves_nothing_ahead(status: Status) -> None:
    incident = a_called_incident(status=status, commander_due_at=NOW, quiet_due_at=NOW)
    decision = decided(incident, Resolve("rolled back"))
    after = decision.incident
    assert (after.status, after.resolved_at, after.mitigated_at) == (Status.RESOLVED, NOW, NOW)
    assert (after.update_due_at, after.commander_due_at, after.quiet_due_at) == (None, None, None)
    assert (after.escalation.state, after.escalation.due_at) == (EscalationState.STOPPED, None)
    assert (decision.spares_pages, decision.acknowledges_pages) == (True, False)
    [announced] = of_type(decision.effects, Announce)
    assert announced.message.fields["summary"] == "rolled back"
    assert of_type(decision.effects, CloseRoom) == []


def test_resolving_says_how_many_alerts_still_fire() -> None:
    decision = decided(an_incident(alerts=AlertTally(5, 3)), Resolve())
    assert decision.reply.fields == {"ref": "INC-42", "firing": 3}


def test_resolving_keeps_when_it_was_mitigated_and_who_had_it() -> None:
    incident = an_answered_incident(status=Status.MITIGATED, mitigated_at=NOW)
    after = decided(incident, Resolve(), AMIRA, NOW + HOUR).incident
    assert (after.mitigated_at, after.resolved_at) == (NOW, NOW + HOUR)
    assert after.escalation.state is EscalationState.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("incident", "action", "status"),
    [
        (a_called_incident(), Cancel("a test"), Status.CANCELLED),
        (an_ended_incident(), Close(), Status.CLOSED),
    ],
)
def test_cancelling_and_closing_draw_the_card_and_then_close_the_room(
    incident: Incident, action: Action, status: Status
) -> None:
    decision = decided(incident, action)
    assert (decision.incident.status, decision.incident.closed_at) == (status, NOW)
    assert decision.incident.timers() == {}
    kinds = [type(effect) for effect in decision.effects if not isinstance(effect, Announce)]
    assert kinds == [Say, DrawCard, CloseRoom]


def test_cancelling_is_announced_and_closing_is_not() -> None:
    [announced] = of_type(decided(an_incident(), Cancel("a test")).effects, Announce)
    assert announced.message.fields["summary"] == "a test"
    assert of_type(decided(an_ended_incident(), Close()).effects, Announce) == []


@pytest.mark.parametrize("status", OPEN)
def test_an_open_incident_is_not_closed_before_it_is_resolved(status: Status) -> None:
    key, fields = refused(an_incident(status=status), Close())
    assert (key, fields["current"], fields["wanted"]) == ("transition.illegal", status, "closed")


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize("action", [Mitigate(), Cancel()])
def test_an_ended_incident_moves_only_by_reopening(status: Status, action: Action) -> None:
    key, _ = refused(an_ended_incident(status), action)
    assert key in {"transition.illegal", "transition.already"}


@pytest.mark.parametrize("status", [*ENDED, Status.MITIGATED])
def test_whoever_reopens_has_it_and_its_reminders_are_set_anew(status: Status) -> None:
    decision = decided(an_ended_incident(status), Reopen("it is back"), OMAR, NOW + HOUR)
    after = decision.incident
    assert after.status is Status.INVESTIGATING
    assert (after.mitigated_at, after.resolved_at, after.closed_at) == (None, None, None)
    assert (after.acknowledged_by, after.acknowledged_at) == ("p-omar", NOW + HOUR)
    assert after.escalation.state is EscalationState.ACKNOWLEDGED
    assert (after.update_due_at, after.commander_due_at) == (NOW + 2 * HOUR, NOW + HOUR + 10 * MINUTE)
    assert bool(of_type(decision.effects, OpenRoom)) == (status is not Status.MITIGATED)
    assert of_type(decision.effects, Page) == []
    assert decision.events[0].kind is EventKind.REOPENED
    assert decision.events[0].fields == {"reason": "it is back", "before": status}
    assert of_type(decision.effects, Announce)


def test_after_a_closed_room_opens_again_its_card_and_the_news_are_in_it() -> None:
    decision = decided(an_ended_incident(Status.CLOSED), Reopen("it is back"), OMAR)
    kinds = [type(effect) for effect in decision.effects]
    assert kinds[0] is OpenRoom
    assert {Say, DrawCard} <= set(kinds)


def test_reopening_wants_a_reason_and_something_to_reopen() -> None:
    assert refused(an_ended_incident(), Reopen(" ")) == ("reopen.reason", {"ref": "INC-42"})
    assert refused(an_incident(), Reopen("why")) == ("reopen.open", {"ref": "INC-42", "status": "triage"})
    already = {"ref": "INC-42", "status": "investigating"}
    assert refused(an_answered_incident(), Reopen("why")) == ("transition.already", already)


@pytest.mark.parametrize(
    ("make", "action"),
    [
        (an_incident, Resolve()),
        (an_incident, Cancel()),
        (an_ended_incident, Reopen("back")),
    ],
)
def test_a_private_incident_is_never_announced(make: Callable[..., Incident], action: Action) -> None:
    assert of_type(decided(make(visibility=Visibility.PRIVATE), action).effects, Announce) == []
