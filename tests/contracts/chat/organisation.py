"""Acme AI as a tocsin.yaml, its people with the accounts that a world gives them."""

import json
from typing import Any

from tests.contracts.chat.world import PEOPLE, World


def organisation(world: World, *, with_logins: bool = False) -> str:
    """The file. JSON is YAML, so no quoting can go wrong. Amira is on call, then Omar after five minutes."""
    people: list[dict[str, Any]] = []
    for name in PEOPLE:
        account = {world.name: world.accounts[name]} if name in world.accounts else {}
        access = "admin" if name == "amira" else "responder"
        people.append({"name": name, "email": f"{name}@acme.example", "access": access, **account})
    if with_logins:
        people[0]["login"] = "env:AMIRA_PASSWORD"
    return json.dumps(
        {
            "organisation": {"name": "Acme AI", "timezone": "Asia/Dubai"},
            "people": people,
            "teams": [{"name": "ml-platform", "members": list(PEOPLE), "lead": "amira"}],
            "services": [
                {
                    "name": "inference-gateway",
                    "team": "ml-platform",
                    "policy": "ml-oncall",
                    "runbook": "https://runbooks.example/gateway",
                }
            ],
            "schedules": [
                {
                    "name": "ml-primary",
                    "layers": [{"name": "always", "people": ["amira"], "every": "7d", "handoff": "2026-01-05T09:00"}],
                }
            ],
            "policies": [
                {
                    "name": "ml-oncall",
                    "steps": [{"page": ["schedule:ml-primary"]}, {"after": "5m", "page": ["person:omar"]}],
                }
            ],
            "routes": [{"policy": "ml-oncall"}],
            "chat": {world.name: dict(world.section)} if world.section else {},
        }
    )
