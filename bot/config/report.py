"""What `tocsin check`, `tocsin doctor` and `tocsin reload` say of the configuration."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.clock import DatabaseClock
from bot.config.building import build
from bot.config.declared import Declaration, every_variable
from bot.config.doctor import AskChat, AskDatabase, AskKey, AskPending, examine
from bot.config.file import File
from bot.config.finding import count, exit_code, render
from bot.config.loading import Loaded, load_file
from bot.config.problem import Problem, errors
from bot.config.senders import Kinds
from bot.config.settings import Settings, unknown_variables
from bot.domain.escalation import people_of_step
from bot.domain.organisation import Organisation, Policy
from bot.domain.rotation import next_handoff, on_call

_ANY_SECRET: Final = "x" * 32


def check_text(
    path: Path | None,
    env: Mapping[str, str],
    *,
    chats: Sequence[Declaration] = (),
    kinds: Kinds | None = None,
    at: datetime | None = None,
) -> tuple[int, str]:
    """Return the exit code (1: Tocsin would not start) and what to print about a file and the environment.

    `path` None: the file that the environment names. `chats` are what the chats declare. `kinds` are the kinds of alert sources that Tocsin has; without
    them, those of the file are not checked. `at` is the moment for which to say who is on call, else now.
    """
    _, loaded, problems = inspect(path, env, chats, kinds)
    lines = [str(problem) for problem in problems]
    if errors(problems):
        lines.append(f"{count(len(errors(problems)), 'problem')}: Tocsin would not start like this.")
        return 1, "\n".join(lines)
    assert loaded.file is not None
    return 0, "\n".join([*lines, *_summary(loaded.file, loaded, at or DatabaseClock().now())])


def inspect(
    path: Path | None, env: Mapping[str, str], chats: Sequence[Declaration] = (), kinds: Kinds | None = None
) -> tuple[Settings, Loaded, tuple[Problem, ...]]:
    """Return the settings, the file, and all that is wrong with either."""
    settings, wrong = Settings.read(env, chats)
    if path is not None:
        settings = replace(settings, config_path=path, config_is_named=True)
    loaded = load_file(settings, env, kinds)
    # A variable that could not be read looks unset to the checks that come after.
    told = {problem.source for problem in wrong}
    rest = (problem for problem in loaded.problems if problem.source not in told)
    return settings, loaded, (*wrong, *unknown_variables(env, loaded.referred, chats), *rest)


def reload_text(env: Mapping[str, str], *, chats: Sequence[Declaration], kinds: Kinds) -> str:
    """Return what to print of a file that no running Tocsin would take; empty when one would.

    Only the file is judged: what is set here need not be what Tocsin was started with, and that can't be asked.
    """
    settings, _ = Settings.read(env, chats)
    referred = load_file(settings, {}, kinds).referred
    loaded = load_file(settings, dict.fromkeys(referred, _ANY_SECRET), kinds)
    variables = {variable.name for variable in every_variable(chats)}
    faults = [problem for problem in errors(loaded.problems) if problem.source not in variables]
    if not faults:
        return ""
    last = f"{count(len(faults), 'problem')}: what is in force stays in force."
    return "\n".join([*(str(fault) for fault in faults), last])


async def doctor_text(
    env: Mapping[str, str],
    *,
    database: AskDatabase,
    pending: AskPending,
    key: AskKey,
    chats: Sequence[Declaration] = (),
    ask: Sequence[AskChat] = (),
    path: Path | None = None,
    kinds: Kinds | None = None,
) -> tuple[int, str]:
    """Return the exit code (1: something needs a remedy) and what to print about this machine's Tocsin.

    `database` connects and returns the database's time; `pending` returns the migrations not applied yet. Both are
    given the database's URL. `key` tries the key of the secrets at rest, and `ask` asks each chat how it is with its
    set-up. All may raise what they like. `chats` are what the chats declare.
    """
    settings, loaded, problems = inspect(path, env, chats, kinds)
    findings = await examine(settings, loaded, problems, database=database, pending=pending, key=key, chats=ask)
    return exit_code(findings), render(findings)


def _summary(file: File, loaded: Loaded, at: datetime) -> list[str]:
    organisation = build(file, {person.name: person.name for person in file.people})
    parts = (
        count(len(organisation.people), "person").replace("persons", "people"),
        count(len(organisation.services), "service"),
        count(len(organisation.schedules), "schedule"),
        count(len(organisation.policies), "policy"),
        count(len(file.sources), "source"),
    )
    name = "There is no file, so the default organisation is used" if loaded.is_default else "This file can be used"
    return [
        f"{name}: {', '.join(parts)}.",
        f"On call at {_shown(at, organisation.timezone)}:",
        *_indented(_on_call(organisation, at)),
        "Paged first:",
        *_indented(_paged_first(organisation, at)),
    ]


def _on_call(organisation: Organisation, at: datetime) -> Iterable[str]:
    for schedule in organisation.schedules:
        people = ", ".join(on_call(schedule, at)) or "nobody"
        until = next_handoff(schedule, at)
        shown = f", until {_shown(until, schedule.timezone)}" if until is not None else ""
        yield f"{schedule.name}: {people}{shown}"


def _paged_first(organisation: Organisation, at: datetime) -> Iterable[str]:
    for policy in organisation.policies:
        yield f"{policy.name}: {_first(policy, organisation, at)}"


def _first(policy: Policy, organisation: Organisation, at: datetime) -> str:
    """Return whom the first step pages, and say so if it is not the first that was written."""
    for place, step in enumerate(policy.steps, 1):
        people = people_of_step(step, organisation, at)
        if people:
            return ", ".join(people) + (f" (by step {place}: nobody is there before)" if place > 1 else "")
    return "nobody, at this moment"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines] or ["  nobody"]


def _shown(at: datetime, timezone: str) -> str:
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M} {timezone}"
