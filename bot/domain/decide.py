"""The one door to the rules: an incident, an action and an instant go in, a decision comes out."""

from datetime import datetime
from typing import assert_never

from bot.domain import actions, alerting, dependants, escalation, lifecycle, opening, reminders, response, storming
from bot.domain.decision import Decision, Draft
from bot.domain.incident import Incident
from bot.domain.organisation import Organisation
from bot.domain.timeline import Actor


def decide(incident: Incident, action: actions.Action, actor: Actor, now: datetime, org: Organisation) -> Decision:  # noqa: C901 - one arm an action is the point
    """Decide what an action does to an incident at an instant (aware, UTC).

    Nothing happens here: storing and telling come afterwards. Raises `Refusal` when a person may not do this now;
    a timer that is stale decides nothing.
    """
    draft = Draft(incident, actor, now, org)
    match action:
        case actions.Acknowledge():
            return response.acknowledge(draft)
        case actions.SetSeverity():
            return response.set_severity(draft, action)
        case actions.Assign():
            return response.assign(draft, action)
        case actions.Join():
            return response.bring(draft, action)
        case actions.AddNote():
            return response.add_note(draft, action)
        case actions.RecordChange():
            return response.record_change(draft, action)
        case actions.PagePeople():
            return response.page_people(draft, action)
        case actions.GiveUpdate():
            return response.give_update(draft, action)
        case actions.AddFollowup():
            return response.add_followup(draft, action)
        case actions.FinishFollowup():
            return response.finish_followup(draft, action)
        case actions.Mitigate():
            return lifecycle.mitigate(draft, action)
        case actions.Resolve():
            return lifecycle.resolve(draft, action)
        case actions.Reopen():
            return lifecycle.reopen(draft, action)
        case actions.Cancel():
            return lifecycle.cancel(draft, action)
        case actions.Close():
            return lifecycle.close(draft)
        case actions.AlertsChanged():
            return alerting.alerts_changed(draft, action)
        case actions.DependencyBroke():
            return dependants.dependency_broke(draft, action)
        case actions.StormGrew():
            return storming.grew(draft, action)
        case actions.StormPassed():
            return storming.passed(draft, action)
        case actions.QuietDue():
            return alerting.quiet_due(draft)
        case actions.PageLost():
            return alerting.page_lost(draft, action)
        case actions.EscalationDue():
            return escalation_due(draft)
        case actions.UpdateDue():
            return reminders.update_due(draft)
        case actions.CommanderDue():
            return reminders.commander_due(draft)
        case actions.FollowupDue():
            return reminders.followup_due(draft, action.followup)
        case actions.Sweep():
            return reminders.sweep(draft)
        case _:
            assert_never(action)


def escalation_due(draft: Draft) -> Decision:
    """Take the steps that are due; a stale timer does nothing."""
    before = draft.incident
    if not before.is_open:
        return reminders.unchanged(draft)
    escalation.advance(draft, opening.page_reason(before))
    return draft.decide("escalated") if draft.incident != before else reminders.unchanged(draft)
