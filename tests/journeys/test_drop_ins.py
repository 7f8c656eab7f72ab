"""A real Alertmanager that believes it talks to PagerDuty and to Opsgenie, and clients that ask as theirs do."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from bot.app import running
from bot.config.settings import Settings
from bot.parts import Tocsin
from tests.counterparts.alertmanager import StartAlertmanager
from tests.counterparts.program import free_port, until
from tests.counterparts.tocsin import ORGANISATION, REPOSITORY

KEY = "the-key-of-the-drop-in-source"
SOURCES = """
sources:
  - {name: pager, kind: pagerduty, keys: ["env:DROP_IN_KEY", "env:OLDER_KEY"]}
  - {name: genie, kind: opsgenie, keys: ["env:DROP_IN_KEY"]}
"""
DOWN = {"labels": {"alertname": "GatewayDown", "severity": "critical", "service": "inference-gateway"}}
PAYLOAD = {
    "summary": "Gateway is down",
    "source": "gw-3",
    "severity": "critical",
    "component": "inference-gateway",
}
PD: dict[str, Any] = {
    "routing_key": KEY,
    "event_action": "trigger",
    "dedup_key": "gw",
    "payload": PAYLOAD,
}
GENIE = {"Authorization": f"GenieKey {KEY}"}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/dropins.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def tocsin(database: str, tmp_path: Path) -> AsyncIterator[Tocsin]:
    """Give the whole bot with a source of each kind."""
    config = tmp_path / "tocsin.yaml"
    config.write_text(ORGANISATION + SOURCES)
    env = {
        "TOCSIN_CONFIG": str(config),
        "TOCSIN_DATABASE_URL": database,
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
        "DROP_IN_KEY": KEY,
        "OLDER_KEY": "the-key-that-was-used-before",
    }
    async with running(Settings.from_environment(env), env=env) as started:
        yield started


class Caller:
    """Calls Tocsin as a program outside does."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def call(self, method: str, path: str, body: Any = None, headers: Any = None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.url}{path}", data=data, headers=headers) as response,
        ):
            return response.status, await response.json(content_type=None)

    async def get(self, path: str) -> Any:
        status, answer = await self.call("GET", f"/api/v1{path}")
        assert status == 200, answer
        return answer

    async def has(self, kind: str) -> bool:
        """Say whether something of this kind stands in the first incident's timeline."""
        if not (await self.get("/incidents?status=all"))["items"]:
            return False
        return any(event["kind"] == kind for event in (await self.get("/incidents/INC-1"))["timeline"])

    async def kinds(self) -> list[str]:
        return [event["kind"] for event in (await self.get("/incidents/INC-1"))["timeline"]]

    async def is_drained(self) -> bool:
        return not (await self.get("/deliveries?state=pending"))["items"]


@pytest.fixture
def outside(tocsin: Tocsin) -> Caller:
    return Caller(tocsin.url)


def to_receiver(receiver: dict[str, Any]) -> str:
    route = {"receiver": "there", "group_by": ["alertname"], "group_wait": "100ms", "group_interval": "500ms"}
    return json.dumps({"route": route, "receivers": [{"name": "there", **receiver}]})


def of_our_page(kind: str, outside: "Caller") -> dict[str, Any]:
    """Return the receiver that the page of a source tells people to paste, at this Tocsin and with its key."""
    page = (REPOSITORY / "docs/sources" / f"{kind}.md").read_text()
    [pasted] = re.findall(r"```yaml\n(# alertmanager.yml\n.*?)```", page, re.DOTALL)
    here = pasted.replace("https://tocsin.example", outside.url).replace("the-key-of-this-source", KEY)
    receiver: dict[str, Any] = yaml.safe_load(here)["receivers"][0]
    return {name: value for name, value in receiver.items() if name != "name"}


def ended() -> dict[str, Any]:
    return {**DOWN, "endsAt": datetime.now(UTC).isoformat()}


async def fires_and_resolves(outside: Caller, alertmanager: StartAlertmanager, receiver: dict[str, Any]) -> None:
    running_there = await alertmanager(to_receiver(receiver))
    await running_there.post_alerts(DOWN)
    await until(lambda: outside.has("opened_by_alert"))
    await running_there.post_alerts(ended())
    await until(lambda: outside.has("all_quiet"))


@pytest.mark.counterpart
async def test_alertmanager_fires_and_resolves_by_its_pagerduty_receiver(
    outside: Caller, alertmanager: StartAlertmanager
) -> None:
    await fires_and_resolves(outside, alertmanager, of_our_page("pagerduty", outside))
    [alert] = (await outside.get("/alerts?state=all"))["items"]
    assert (alert["source"], alert["state"], alert["severity"]) == ("pager", "resolved", "SEV2")
    assert alert["service"] == "inference-gateway"
    assert alert["labels"]["alertname"] == "GatewayDown", "a rule goes by its name, whoever sends it"
    assert not {"num_firing", "num_resolved"} & alert["labels"].keys()


@pytest.mark.counterpart
async def test_alertmanager_fires_and_resolves_by_its_opsgenie_receiver(
    outside: Caller, alertmanager: StartAlertmanager
) -> None:
    receiver = {
        "api_key": KEY,
        "api_url": f"{outside.url}/",
        "priority": "P1",
        "tags": "ml,gateway",
        "update_alerts": True,
    }
    await fires_and_resolves(outside, alertmanager, {"opsgenie_configs": [receiver]})
    [alert] = (await outside.get("/alerts?state=all"))["items"]
    assert (alert["source"], alert["state"], alert["severity"]) == ("genie", "resolved", "SEV1")
    assert alert["service"] == "inference-gateway"
    assert alert["labels"]["tags"] == "ml,gateway"
    requests = (await outside.get("/deliveries?state=done"))["items"]
    assert len(requests) >= 4, "it creates, gives a message and a description, and closes"


@pytest.mark.counterpart
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_critical_alert_stays_one_by_an_opsgenie_receiver_that_says_no_priority(
    outside: Caller, alertmanager: StartAlertmanager
) -> None:
    await fires_and_resolves(outside, alertmanager, of_our_page("opsgenie", outside))
    [alert] = (await outside.get("/alerts?state=all"))["items"]
    assert (alert["severity"], alert["labels"]["severity"]) == ("SEV2", "critical")


async def test_an_acknowledgement_from_outside_ends_the_calling_in_the_order_of_receipt(outside: Caller) -> None:
    steps = ({**PD, "event_action": "acknowledge"}, PD, {**PD, "event_action": "acknowledge"})
    for step in steps:
        assert await outside.call("POST", "/v2/enqueue", step) == (
            202,
            {"status": "success", "message": "Event processed", "dedup_key": "gw"},
        )
    await until(lambda: outside.has("acknowledged"))
    incident = await outside.get("/incidents/INC-1")
    assert incident["status"] == "investigating"
    acknowledged = [event for event in incident["timeline"] if event["kind"] == "acknowledged"]
    assert [event["actor"] for event in acknowledged] == ["tocsin:source:pager"]

    await outside.call("POST", "/v2/enqueue", {**PD, "event_action": "acknowledge"})
    await outside.call("POST", "/v2/enqueue", {**PD, "event_action": "resolve"})
    await until(lambda: outside.has("all_quiet"))
    assert (await outside.kinds()).count("acknowledged") == 1


async def test_a_change_stands_in_the_open_incident_of_its_service_and_is_found_by_itself(outside: Caller) -> None:
    await outside.call("POST", "/v2/enqueue", PD)
    await until(lambda: outside.has("opened_by_alert"))
    details = {"service": "inference-gateway"}
    change = {"routing_key": KEY, "payload": {"summary": "Release 42", "source": "ci", "custom_details": details}}
    answer = await outside.call("POST", "/v2/change/enqueue", change)
    assert answer == (202, {"status": "success", "message": "Change event processed"})
    await until(lambda: outside.has("service_changed"))
    [found] = (await outside.get("/changes?service=inference-gateway"))["items"]
    assert (found["summary"], found["source"], found["service"]) == ("Release 42", "pager", "inference-gateway")
    assert (await outside.get("/changes?service=other"))["items"] == []


async def test_opsgenies_clients_follow_an_alert_from_its_creation_to_its_end(outside: Caller) -> None:
    given = {"message": "Gateway is down", "priority": "P2", "details": {"service": "inference-gateway"}}
    status, taken = await outside.call("POST", "/v2/alerts", given, GENIE)
    assert (status, taken["result"]) == (202, "Request will be processed")
    await until(outside.is_drained)
    status, outcome = await outside.call("GET", f"/v2/alerts/requests/{taken['requestId']}", None, GENIE)
    assert status == 200
    data = outcome["data"]
    assert (data["isSuccess"], data["action"], data["status"]) == (True, "Create", "Created alert")

    alert = f"/v2/alerts/{data['alertId']}"
    assert (await outside.call("POST", f"{alert}/acknowledge", {"user": "amira"}, GENIE))[0] == 202
    assert (await outside.call("POST", f"{alert}/notes", {"user": "amira", "note": "It is the disk"}, GENIE))[0] == 202
    await until(outside.is_drained)
    _, shown = await outside.call("GET", alert, None, GENIE)
    assert (shown["data"]["status"], shown["data"]["acknowledged"]) == ("open", True)
    assert (shown["data"]["message"], shown["data"]["priority"]) == ("Gateway is down", "P2")

    by_alias = f"/v2/alerts/{data['alias']}"
    closing = {"note": "Disk exchanged", "user": "omar"}
    assert (await outside.call("POST", f"{by_alias}/close?identifierType=alias", closing, GENIE))[0] == 202
    await until(lambda: outside.has("all_quiet"))
    _, shown = await outside.call("GET", f"{by_alias}?identifierType=alias", None, GENIE)
    assert shown["data"]["status"] == "closed"
    timeline = (await outside.get("/incidents/INC-1"))["timeline"]
    assert [event["fields"]["text"] for event in timeline if event["kind"] == "note"] == [
        "amira: It is the disk",
        "omar: Disk exchanged",
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_wrong_key_is_refused_as_the_vendor_refuses_it_and_the_older_key_still_opens(outside: Caller) -> None:
    status, answer = await outside.call("POST", "/v2/enqueue", {**PD, "routing_key": "wrong"})
    assert (status, answer["status"]) == (400, "invalid event")
    status, answer = await outside.call("POST", "/v2/alerts", {"message": "x"}, {"Authorization": "GenieKey wrong"})
    assert status == 401
    assert {"message", "took", "requestId"} <= answer.keys()
    assert (await outside.call("GET", "/v2/alerts/x", None, {}))[0] == 401
    assert (await outside.get("/deliveries?state=all"))["items"] == []
    assert (await outside.call("POST", "/v2/enqueue", {**PD, "routing_key": "the-key-that-was-used-before"}))[0] == 202


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_source_sees_nothing_of_what_another_source_told(outside: Caller) -> None:
    await outside.call("POST", "/v2/enqueue", PD)
    await until(lambda: outside.has("opened_by_alert"))
    status, _ = await outside.call("GET", "/v2/alerts/gw?identifierType=alias", None, GENIE)
    assert status == 404


HOSTILE = [b"", b"[]", b"null", b"\xff\xfe", b"[" * 50_000, b'{"a":' * 600, b'{"message": "\\ud800"}', b"NaN", b"{}"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_whatever_is_sent_the_answer_is_never_a_500_and_the_queue_goes_on(outside: Caller) -> None:
    odd: list[Any] = [None, 7, [], {}, "\ud800", "x" * 2_000, True, 1e308, [{"a": []}]]
    bodies = [
        *HOSTILE,
        *({**PD, name: value} for name in PD if name != "routing_key" for value in odd),
        *({**PD, "payload": {**PAYLOAD, name: value}} for name in ("severity", "summary", "class") for value in odd),
        *({**PD, "payload": {**PAYLOAD, "custom_details": value}} for value in odd),
        *(
            {"message": "m", name: value}
            for name in ("alias", "tags", "details", "responders", "note")
            for value in odd
        ),
    ]
    paths = ("/v2/enqueue", "/v2/change/enqueue", "/v2/alerts", "/v2/alerts/%00/close", "/v2/alerts/x/notes")
    statuses = set()
    for body in bodies:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        for path in paths:
            statuses.add((await outside.call("POST", f"{path}?identifierType=alias", data, GENIE))[0])
    for path in ("/v2/alerts/%00", "/v2/alerts/%ff?identifierType=alias", "/v2/alerts/requests/%00"):
        statuses.add((await outside.call("GET", path, None, GENIE))[0])
    assert statuses <= {202, 400, 404, 413, 422}
    async with asyncio.timeout(60):
        await until(outside.is_drained)
    assert (await outside.get("/deliveries?state=quarantined"))["items"] == []


async def test_what_each_source_sent_is_counted(outside: Caller) -> None:
    await outside.call("POST", "/v2/enqueue", {**PD, "event_action": "poke"})
    await outside.call("POST", "/v2/enqueue", PD)
    await outside.call("POST", "/webhooks/generic", b"no JSON")
    await until(outside.is_drained)

    async def listed_sources() -> dict[str, Any]:
        return {source["name"]: source for source in (await outside.get("/sources"))["items"]}

    async def is_written() -> bool:
        return bool((await listed_sources())["pager"]["refused"])

    await until(is_written)
    listed = await listed_sources()
    pager, generic = listed["pager"], listed["generic"]
    assert (pager["deliveries"], pager["errors"], pager["in_file"]) == (1, 0, True)
    assert (pager["refused"], pager["last_refusal"][:4]) == (1, "400:")
    assert pager["addresses"] == [f"POST {outside.url}/v2/enqueue", f"POST {outside.url}/v2/change/enqueue"]
    assert (generic["errors"], generic["in_file"]) == (1, False)
    assert generic["last_error"]
    assert "heartbeat" not in listed
