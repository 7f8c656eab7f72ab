"""Escalation: whom a policy calls, when the next step is due, and when there is nobody left to call."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from bot.domain.decision import Draft
from bot.domain.effects import Invite, Page
from bot.domain.incident import Escalation, EscalationState
from bot.domain.message import Message
from bot.domain.organisation import Organisation, Policy, Step, Target, TargetKind
from bot.domain.refusal import Value
from bot.domain.rotation import on_call
from bot.domain.routing import policy_for
from bot.domain.timeline import EventKind

LEAST_PATIENCE = timedelta(minutes=5)
"""How long the last step of a round is waited for at least, before the next round or before giving up."""

BY_HAND = 0
"""The step of a page that a person asked for: it belongs to none of the policy's, which count from 1."""


def people_of(target: Target, org: Organisation, at: datetime) -> tuple[str, ...]:
    """Return the ids of the people whom a target stands for at an instant; empty when there is nobody.

    People who have left the organisation are passed over. A team is its members, the lead first.
    """
    match target.kind:
        case TargetKind.PERSON:
            found: tuple[str, ...] = (target.name,)
        case TargetKind.SCHEDULE:
            schedule = org.schedule(target.name)
            found = on_call(schedule, at) if schedule is not None else ()
        case TargetKind.TEAM:
            team = org.team(target.name)
            found = (*((team.lead,) if team.lead else ()), *team.members) if team is not None else ()
        case _:
            assert_never(target.kind)
    return tuple(dict.fromkeys(person for person in found if org.person(person) is not None))


def people_of_step(step: Step, org: Organisation, at: datetime) -> tuple[str, ...]:
    """Return everyone whom a step calls at an instant, nobody twice."""
    return tuple(dict.fromkeys(person for target in step.page for person in people_of(target, org, at)))


def total_steps(policy: Policy) -> int:
    """Return how many steps the policy has, its repeats counted."""
    return len(policy.steps) * (1 + policy.repeat)


def wait_before(policy: Policy, sent: int) -> timedelta:
    """Return how long after the step before, the step with index `sent` is due (`sent` steps are behind it).

    A new round, and giving up, wait at least as long as the last step did, and never less than five minutes: whoever
    was called last must have the time to answer.
    """
    patience = max(policy.steps[-1].after, LEAST_PATIENCE)
    if sent >= total_steps(policy):
        return patience
    step = policy.steps[sent % len(policy.steps)]
    starts_round = sent > 0 and sent % len(policy.steps) == 0
    return max(step.after, patience) if starts_round else step.after


def start(draft: Draft, reason: Message) -> None:
    """Begin another episode: the acknowledgement lapses and the first step is due after its delay, or at once.

    Where there is no policy to go by, everyone hears that nobody was called: the room itself is still empty.
    """
    current = draft.incident.escalation
    draft.change(acknowledged_at=None, acknowledged_by=None)
    policy = _policy_now(draft)
    if policy is None:
        draft.change(escalation=replace(current, state=EscalationState.NONE, due_at=None))
        _say_nobody(draft, {"step": None, "policy": current.policy}, everywhere=True)
        return
    escalation = Escalation(
        state=EscalationState.RUNNING,
        policy=policy.name,
        due_at=draft.now + policy.steps[0].after,
        episode=current.episode + 1,
    )
    draft.change(escalation=escalation)
    advance(draft, reason)


def advance(draft: Draft, reason: Message) -> None:
    """Take every step that is due now.

    A step that calls nobody is said aloud and the next one of the round follows at once; another round, and giving
    up, wait all the same, since somebody may be on call by then. A step that is late because Tocsin was down goes out
    now, and the one after it waits its full delay from now: people are called late, never all together. When the
    configuration has the policy no more, the calling begins anew by the one that holds now.
    """
    while _is_due(draft):
        policy = draft.org.policy(draft.incident.escalation.policy)
        if policy is None or not policy.steps:
            start(draft, reason)
        elif draft.incident.escalation.sent >= total_steps(policy):
            _give_up(draft)
        else:
            _take_step(draft, policy, reason)


def _take_step(draft: Draft, policy: Policy, reason: Message) -> None:
    sent = draft.incident.escalation.sent
    people = people_of_step(policy.steps[sent % len(policy.steps)], draft.org, draft.now)
    waits = bool(people) or (sent + 1) % len(policy.steps) == 0
    due_at = draft.now + (wait_before(policy, sent + 1) if waits else timedelta())
    draft.change(escalation=replace(draft.incident.escalation, sent=sent + 1, due_at=due_at))
    rounds_before, index = divmod(sent, len(policy.steps))
    # As people count: the third of a policy with two steps is the first of its second round.
    told: dict[str, Value] = {"step": index + 1, **({"round": rounds_before + 1} if rounds_before else {})}
    if people:
        page(draft, people, sent + 1, reason, told)
        return
    is_empty = not any(people_of_step(step, draft.org, draft.now) for step in policy.steps)
    _say_nobody(draft, {**told, "policy": policy.name}, everywhere=index == 0 and is_empty)


def page(
    draft: Draft, people: tuple[str, ...], step: int, reason: Message, told: Mapping[str, Value] | None = None
) -> None:
    """Call these people now and bring them into the room; of a step that is `BY_HAND` it is told who asked.

    `step` counts all that were taken; `told` is what the timeline says of it.
    """
    episode = draft.incident.escalation.episode
    draft.change(participants=tuple(dict.fromkeys((*draft.incident.participants, *people))))
    draft.effects.extend(Page(person, step, episode, reason) for person in people)
    draft.effects.append(Invite(people))
    about = told or {"step": step, "person": draft.actor.person}
    draft.happened(EventKind.PAGED, {"people": ",".join(people), **about})


def stop(draft: Draft, state: EscalationState) -> None:
    """End the calling: no further step is due."""
    draft.change(escalation=replace(draft.incident.escalation, state=state, due_at=None))


def hasten(draft: Draft, reason: Message) -> None:
    """Take the next step of a running escalation at once, within its round.

    Another round, and giving up, are never brought forward: when a chat is down, every page fails in a moment, and
    hurrying through all rounds would leave nobody to call when it is back.
    """
    current = draft.incident.escalation
    policy = draft.org.policy(current.policy)
    if policy is not None and policy.steps and current.sent % len(policy.steps):
        draft.change(escalation=due_now(current, draft.now))
        advance(draft, reason)


def _is_due(draft: Draft) -> bool:
    escalation = draft.incident.escalation
    running = escalation.state is EscalationState.RUNNING
    return running and escalation.due_at is not None and escalation.due_at <= draft.now


def _give_up(draft: Draft) -> None:
    stop(draft, EscalationState.EXHAUSTED)
    steps = draft.incident.escalation.sent
    draft.happened(EventKind.ESCALATION_EXHAUSTED, {"steps": steps}, loud=True, actions=("ack",))
    draft.announce(EventKind.ESCALATION_EXHAUSTED, {"steps": steps})


def due_now(current: Escalation, now: datetime) -> Escalation:
    """Return a running escalation whose next step is due at once."""
    return replace(current, due_at=now)


def _policy_now(draft: Draft) -> Policy | None:
    """Return the policy that the incident was given or, when it is no more, the one of its service today."""
    org, incident = draft.org, draft.incident
    names = (incident.escalation.policy, policy_for(org, org.service(incident.service)))
    policies = (org.policy(name) for name in names)
    return next((policy for policy in policies if policy is not None and policy.steps), None)


def _say_nobody(draft: Draft, about: Mapping[str, Value], *, everywhere: bool) -> None:
    draft.happened(EventKind.NOBODY_TO_PAGE, about, loud=True)
    if everywhere:
        draft.announce(EventKind.NOBODY_TO_PAGE, about)
