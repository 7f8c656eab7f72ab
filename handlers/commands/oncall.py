"""`oncall`: who is on call, now or at another time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.access import Access
from bot.domain.escalation import people_of, people_of_step
from bot.domain.organisation import Policy, Target, TargetKind
from bot.domain.phrases import Misread, parse_when
from bot.domain.refusal import Refusal, Value
from bot.domain.rotation import next_handoff
from bot.domain.routing import policy_for
from bot.domain.text import nearest
from bot.wording.speech import Speech
from handlers.ask import About, Ask, Command, Reply
from handlers.lines import fitting
from handlers.reading import zone_of


async def run(ask: Ask) -> Reply:
    """Tell who is on call in every schedule and for every service, or in one of them, now or at a time to come."""
    name, at = _asked(ask)
    speech = ask.desk.speech(ask.person)
    now = at is None
    at = at or ask.now
    lines = _everywhere(ask, speech, at) if name is None else _in(name, ask, speech, at)
    if not lines:
        return Reply(text=speech.words("oncall.nothing"))
    head = speech.words("oncall.now") if now else speech.words("oncall.at", moment_at=at.isoformat())
    return Reply(text="\n".join(fitting([head, *lines])))


def _asked(ask: Ask) -> tuple[str | None, datetime | None]:
    """Return which schedule, service or policy is meant, and which time; None: all of them, now."""
    words = list(ask.words)
    name: str | None = None
    if words and _known(words[0], ask):
        name = words.pop(0)
    text = ask.options.get("at") or " ".join(words[1:] if words[:1] == ["at"] and len(words) > 1 else words)
    if not text:
        return name, None
    try:
        return name, parse_when(text, ask.now, zone_of(ask.person, ask.org))
    except Misread as misread:
        if name is None and words and misread.key == "phrase.when":
            raise Refusal("oncall.unknown", given=words[0], like=nearest(words[0], _names(ask))) from None
        raise


def _names(ask: Ask) -> list[str]:
    org = ask.org
    return [each.name for group in (org.schedules, org.services, org.policies, org.teams) for each in group]


def _known(word: str, ask: Ask) -> bool:
    return _plain(word) in {name.casefold() for name in _names(ask)}


def _plain(word: str) -> str:
    return word.removeprefix("schedule:").removeprefix("team:").casefold()


def _everywhere(ask: Ask, speech: Speech, at: datetime) -> list[str]:
    org = ask.org
    lines = [_schedule(schedule.name, ask, speech, at) for schedule in org.schedules]
    if org.services:
        lines.append(speech.words("oncall.services"))
    for service in org.services:
        policy = org.policy(policy_for(org, service))
        if policy is None:
            lines.append(speech.words("oncall.no_policy", name=service.name))
            continue
        people = next((found for step in policy.steps if (found := people_of_step(step, org, at))), ())
        about: dict[str, Value] = {"name": service.name, "policy": policy.name}
        key = "oncall.service" if people else "oncall.service_nobody"
        lines.append(speech.words(key, **about, people=",".join(people)))
    return lines


def _in(name: str, ask: Ask, speech: Speech, at: datetime) -> list[str]:
    org, wanted = ask.org, _plain(name)
    lines = [_schedule(each.name, ask, speech, at) for each in org.schedules if each.name.casefold() == wanted]
    for team in org.teams:
        if team.name.casefold() == wanted:
            people = people_of(Target(TargetKind.TEAM, team.name), org, at)
            lines.append(speech.words("oncall.until", name=team.name, people=",".join(people)))
    policies = [policy for policy in org.policies if policy.name.casefold() == wanted]
    for service in org.services:
        if service.name.casefold() == wanted:
            policy = org.policy(policy_for(org, service))
            lines += [] if policy else [speech.words("oncall.no_policy", name=service.name)]
            policies += [policy] if policy and policy not in policies else []
    for policy in policies:
        lines += _steps(policy, ask, speech, at)
    return lines


def _schedule(name: str, ask: Ask, speech: Speech, at: datetime) -> str:
    schedule = ask.org.schedule(name)
    assert schedule is not None
    people = people_of(Target(TargetKind.SCHEDULE, name), ask.org, at)
    until = next_handoff(schedule, at)
    until_at = until.isoformat() if until is not None else None
    if not people:
        return speech.words("oncall.nobody", name=name, until_at=until_at)
    return speech.words("oncall.until", name=name, people=",".join(people), until_at=until_at)


def _steps(policy: Policy, ask: Ask, speech: Speech, at: datetime) -> Sequence[str]:
    """Return the steps of a policy, each with whom it would call at `at`, and when it comes after the first."""
    lines: list[str] = []
    waited = timedelta()
    for place, step in enumerate(policy.steps, 1):
        waited += step.after
        people = people_of_step(step, ask.org, at)
        wait = speech.duration(waited) if waited else None
        key = "oncall.step" if people else "oncall.step_nobody"
        lines.append(speech.words(key, policy=policy.name, place=place, wait=wait, people=",".join(people)))
    return lines


COMMAND = Command(
    name="oncall",
    aliases=("on-call",),
    usage="[schedule|service|policy|team] [at <time>]",
    summary="command.oncall",
    access=Access.VIEWER,
    about=About.NOTHING,
    run=run,
    options=("at",),
    examples=("oncall", "oncall ml-primary at tomorrow 09:00"),
    only_reads=True,
)
