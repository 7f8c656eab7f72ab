"""Files for tests: one that is right, and ways to write it down and load it."""

from collections.abc import Mapping
from pathlib import Path

from bot.config.file import File
from bot.config.loading import Loaded, load_file
from bot.config.settings import Settings
from bot.config.shape import file_with
from integrations.chat.discovery import declared

CHATS = declared()
"""What the chats declare that Tocsin has."""

SHAPE: type[File] = file_with(CHATS)
"""What a file looks like with them."""

EXAMPLE = Path(__file__).parents[2] / "tocsin.example.yaml"

RIGHT = """\
organisation: {name: Acme AI, timezone: Asia/Dubai}
people:
  - {name: amira, email: amira@acme.example, slack: U01AAA, telegram: 1111, access: admin, login: "env:AMIRA_PASSWORD"}
  - {name: omar, slack: U02BBB, timezone: Europe/London}
teams:
  - {name: ml-platform, members: [amira, omar], lead: omar}
services:
  - {name: gateway, team: ml-platform, policy: ml-oncall, runbook: https://runbooks.example/gateway}
  - {name: features, depends_on: [gateway]}
schedules:
  - name: ml-primary
    layers:
      - {name: weekly, people: [amira, omar], every: 7d, handoff: 2026-01-05T09:00}
      - {name: monthly, people: [omar], every: 1 month, handoff: 2026-01-01}
policies:
  - name: ml-oncall
    repeat: 2
    steps:
      - {page: [schedule:ml-primary]}
      - {after: 5m, page: [person:omar, team:ml-platform]}
  - {name: quiet, steps: [{page: [person:amira]}]}
routes:
  - {match: 'team="ml", severity=~"critical|error"', service: gateway}
  - {policy: quiet}
sources:
  - {name: prom, kind: alertmanager, keys: ["env:PROM_KEY", "env:OLD_PROM_KEY"]}
"""

KINDS: Mapping[str, frozenset[str]] = {
    "alertmanager": frozenset(),
    "cloudwatch": frozenset({"topics"}),
    "datadog": frozenset(),
    "generic": frozenset({"mapping"}),
    "github": frozenset({"signing"}),
    "grafana": frozenset({"signing"}),
}
"""Kinds of sources, each with the keys that it has a use for."""

ENVIRONMENT = {
    "AMIRA_PASSWORD": "correct-horse-battery",
    "PROM_KEY": "prometheus-key-of-today",
    "OLD_PROM_KEY": "prometheus-key-of-yesterday",
}


def load(path: Path, text: str, env: Mapping[str, str] = ENVIRONMENT) -> Loaded:
    """Write a text to a path and load it; kinds of sources are checked."""
    path.write_text(text, encoding="utf-8")
    settings = Settings.from_environment({"TOCSIN_CONFIG": str(path), **env}, CHATS)
    return load_file(settings, env, KINDS)


def file_saying(**chats: Mapping[str, object]) -> File:
    """Return a file that says something of chats, and nothing else."""
    written = {chat: {key: str(value) for key, value in said.items()} for chat, said in chats.items()}
    return SHAPE.model_validate({"chat": written})


def told(path: Path, text: str, env: Mapping[str, str] = ENVIRONMENT) -> list[str]:
    """Return the problems of a text, from the line on: `12:5: unknown key ...`."""
    prefix = f"{path}:"
    return [str(problem).removeprefix(prefix).lstrip() for problem in load(path, text, env).problems]
