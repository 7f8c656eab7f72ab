"""Follow-ups are remembered until they are done, also after the incident."""

from bot.domain.actions import AddFollowup, FinishFollowup, FollowupDue
from bot.domain.effects import Say, Tell
from bot.domain.followup import done, reminded
from bot.domain.incident import Status
from bot.domain.timeline import EventKind
from tests.builders import (
    AMIRA,
    DAY,
    NOW,
    OMAR,
    TIMER,
    a_followup,
    an_ended_incident,
    an_incident,
    decided,
    of_type,
)
from tests.domain.refused import refused

DUE = NOW + 7 * DAY


def test_a_reminder_comes_when_it_is_due_and_again_a_day_later() -> None:
    followup = a_followup()
    assert reminded(followup, DUE - DAY) is None
    later = reminded(followup, DUE)
    assert later is not None
    assert later.remind_at == DUE + DAY


def test_after_downtime_a_missed_reminder_comes_once() -> None:
    later = reminded(a_followup(), DUE + 5 * DAY)
    assert later is not None
    assert later.remind_at == DUE + 6 * DAY


def test_what_is_done_is_done_at_its_first_time_and_reminds_nobody() -> None:
    first = done(a_followup(), NOW)
    assert not first.is_open
    assert done(first, NOW + DAY).done_at == NOW
    assert reminded(first, DUE) is None


def test_adding_one_tells_its_owner_and_is_allowed_afterwards_too() -> None:
    decision = decided(an_ended_incident(), AddFollowup(a_followup()), AMIRA)
    assert decision.followups == (a_followup(),)
    assert [event.kind for event in decision.events] == [EventKind.FOLLOWUP_ADDED]
    [tell] = of_type(decision.effects, Tell)
    assert (tell.person, tell.message.key) == ("p-omar", "tell.followup")
    assert decision.reply.key == "reply.followup_added"


def test_whoever_takes_one_themselves_is_not_told_of_it() -> None:
    assert not of_type(decided(an_incident(), AddFollowup(a_followup()), OMAR).effects, Tell)


def test_one_for_somebody_who_has_left_is_refused() -> None:
    assert refused(an_incident(), AddFollowup(a_followup(owner="p-gone"))) == ("person.gone", {"ref": "INC-42"})


def test_one_that_is_due_already_is_refused() -> None:
    action = AddFollowup(a_followup(due_at=NOW))
    assert refused(an_incident(), action) == ("followup.past", {"due_at": NOW.isoformat()})


def test_finishing_is_told_once() -> None:
    decision = decided(an_incident(), FinishFollowup(a_followup()), OMAR)
    assert decision.followups == (done(a_followup(), NOW),)
    again = decided(an_incident(), FinishFollowup(decision.followups[0]), OMAR)
    assert (again.events, again.effects, again.followups) == ((), (), ())


def test_a_due_one_reminds_its_owner_and_the_room() -> None:
    decision = decided(an_ended_incident(), FollowupDue(a_followup()), TIMER, DUE)
    assert [followup.remind_at for followup in decision.followups] == [DUE + DAY]
    assert [tell.person for tell in of_type(decision.effects, Tell)] == ["p-omar"]
    assert len(of_type(decision.effects, Say)) == 1


def test_after_the_room_closed_the_owner_is_reminded_and_the_room_left_alone() -> None:
    decision = decided(an_ended_incident(Status.CLOSED), FollowupDue(a_followup()), TIMER, DUE)
    assert [type(effect) for effect in decision.effects] == [Tell]


def test_the_work_of_somebody_who_has_left_comes_back_to_whoever_wrote_it_down() -> None:
    decision = decided(an_incident(), FollowupDue(a_followup(owner="p-gone")), TIMER, DUE)
    assert [tell.person for tell in of_type(decision.effects, Tell)] == ["p-amira"]


def test_a_stale_reminder_does_nothing() -> None:
    decision = decided(an_incident(), FollowupDue(done(a_followup(), NOW)), TIMER, DUE)
    assert (decision.events, decision.effects, decision.followups) == ((), (), ())
