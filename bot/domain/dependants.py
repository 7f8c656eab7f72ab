"""Services that suffer from an incident of one that they depend on: who is told, and how often."""

from bot.domain.actions import DependencyBroke, Joined
from bot.domain.decision import Decision, Draft
from bot.domain.effects import Tell
from bot.domain.escalation import people_of_step
from bot.domain.incident import Dependant
from bot.domain.message import Message
from bot.domain.timeline import EventKind

WAY = " → "


def joined(draft: Draft, one: Joined) -> None:
    """Say that alerts of a service join because of what it depends on; for each service once, as is its team told.

    Those of the team whom its policy would call first are told, without being called.
    """
    incident = draft.incident
    if any(known.service == one.service and known.ref is None for known in incident.dependants):
        return
    draft.change(dependants=(*incident.dependants, Dependant(one.service)))
    about = {"service": one.service, "cause": one.way[-1], "titles": "; ".join(one.titles)}
    draft.happened(EventKind.DEPENDANT_JOINED, {**about, "way": WAY.join(one.way) if len(one.way) > 2 else None})
    message = Message("tell.dependant", {"ref": incident.ref, "title": incident.title, **about})
    draft.effects.extend(Tell(person, message) for person in _team_of(draft, one))


def dependency_broke(draft: Draft, broke: DependencyBroke) -> Decision:
    """Say in the incident that a service which its own depends on is broken, too, and which incident that is."""
    draft.happened(
        EventKind.DEPENDENCY_BROKE, {"service": broke.service, "cause": broke.ref}, tell=draft.incident.is_open
    )
    return draft.decide("alerts")


def _team_of(draft: Draft, one: Joined) -> tuple[str, ...]:
    policy, team = draft.org.policy(one.policy), draft.org.team(one.team)
    called = people_of_step(policy.steps[0], draft.org, draft.now) if policy is not None and policy.steps else ()
    return called or (team.members if team is not None else ())
