"""A postmortem: when one is owed, who leads it, and which answers count."""

import pytest

from bot.domain.access import Role
from bot.domain.incident import Incident, Kind, Status
from bot.domain.postmortem import (
    MOVES,
    State,
    check_state,
    first_owner,
    following,
    given,
    is_owed,
    latest,
    left,
    seen,
)
from bot.domain.severity import Severity
from tests.builders import an_ended_incident, an_incident
from tests.domain.postmortems import SCRIPT, all_answered, an_action, an_answer, prompt
from tests.domain.refused import refusal_of


@pytest.mark.parametrize(
    ("incident", "before", "owed_from", "owed"),
    [
        (an_ended_incident(), Status.INVESTIGATING, Severity.SEV2, True),
        (an_ended_incident(severity=Severity.SEV1), Status.MITIGATED, Severity.SEV2, True),
        (an_ended_incident(severity=Severity.SEV3), Status.INVESTIGATING, Severity.SEV2, False),
        (an_ended_incident(), Status.INVESTIGATING, None, False),
        (an_ended_incident(), Status.RESOLVED, Severity.SEV2, False),
        (an_ended_incident(Status.CLOSED), Status.RESOLVED, Severity.SEV2, False),
        (an_ended_incident(kind=Kind.DRILL), Status.INVESTIGATING, Severity.SEV2, False),
    ],
)
def test_a_postmortem_is_owed_when_a_real_and_bad_one_is_resolved(
    incident: Incident, before: Status, owed_from: Severity | None, owed: bool
) -> None:
    assert is_owed(incident, before, owed_from) is owed


def test_the_commander_leads_it_or_who_acknowledged_or_who_resolved() -> None:
    led = an_ended_incident(roles=((Role.COMMANDER, "p-lina"),))
    assert first_owner(led, "p-noor") == "p-lina"
    assert first_owner(an_ended_incident(), "p-noor") == "p-amira"
    assert first_owner(an_incident(), "p-noor") == "p-noor"
    assert first_owner(an_incident(), None) is None


def test_the_last_version_of_every_item_and_account_counts() -> None:
    answers = (
        an_action(1),
        an_action(2),
        an_action(1, number=2),
        an_answer("summary", account="p-lina", text="as lina saw it"),
        an_answer("summary", text="as omar saw it"),
        an_answer("summary", skipped="", number=1, account="p-noor"),
    )
    assert [(one.item, one.number) for one in latest(answers, "actions")] == [(1, 2), (2, 1)]
    assert latest(tuple(reversed(answers)), "actions") == latest(answers, "actions")
    assert [one.text for one in given(answers, "summary")] == ["as omar saw it", "as lina saw it"]
    assert seen(answers, "actions") == 3


def test_what_follows_is_the_next_that_is_left_and_then_what_was_left_before() -> None:
    answers = (an_answer("timeline"), an_answer("impact", skipped="nobody knows"))
    assert following(SCRIPT, answers, prompt("timeline")) == prompt("summary")
    assert following(SCRIPT, answers, prompt("summary")) == prompt("times")
    assert following(SCRIPT, answers, prompt("review")) == prompt("facilitator")
    assert following(SCRIPT, all_answered(), prompt("review")) is None
    assert left(SCRIPT, all_answered()) == ()


def test_states_follow_one_another_as_allowed() -> None:
    for current in State:
        for wanted in State:
            if wanted in MOVES[current]:
                check_state("INC-42", current, wanted)
            else:
                assert refusal_of(check_state, "INC-42", current, wanted).key == "postmortem.state"
