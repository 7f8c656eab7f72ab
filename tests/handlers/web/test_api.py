"""The API shows what is stored, names people, takes commands as a chat would, and is as it describes itself."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.config.sources import SourceKeys
from bot.domain.access import Role, Visibility
from bot.domain.alert import Alert, AlertState
from bot.domain.effects import Announce
from bot.domain.message import Message
from bot.domain.severity import Severity
from bot.metrics import Metrics
from bot.ports.chat import RoomRef
from bot.ports.records import LaneKind, NewEffect, PageRecord, PageState, RoomLink
from handlers.web.api.mounting import add_api
from handlers.web.webhooks import add_webhooks
from integrations.sources.discovery import discover
from tests.builders import NOW, a_person, an_organisation
from tests.handlers.talking import Talk
from tests.handlers.web.schemas import faults
from tests.handlers.web.serving import served
from tests.handlers.web.test_webhooks import no_fetch

TOKEN = "the-api-token"


class Api:
    """The API over HTTP; every answer is held against the API's own description."""

    def __init__(self, client: ClientSession, description: Any) -> None:
        self._client = client
        self.description = description

    async def get(self, path: str, status: int = 200) -> Any:
        async with self._client.get(f"/api/v1{path}") as response:
            return await self._checked(response, "get", path, status)

    async def post(self, path: str, body: Any = None, status: int = 200, *, key: str | None = None) -> Any:
        names = {} if key is None else {"Idempotency-Key": key}
        async with self._client.post(f"/api/v1{path}", json=body, headers=names) as response:
            return await self._checked(response, "post", path, status)

    async def command(self, actor: str, text: str, room: str | None = None, key: str | None = None) -> Any:
        return await self.post("/commands", {"actor": actor, "room": room, "text": text}, key=key)

    async def _checked(self, response: Any, method: str, path: str, status: int) -> Any:
        document = await response.json(content_type=None)
        assert response.status == status, document
        described = self._operation(method, path)["responses"][str(status)]["content"][response.content_type]["schema"]
        assert faults(document, described, self.description) == []
        return document

    def _operation(self, method: str, path: str) -> Any:
        steps = path.partition("?")[0].split("/")
        for pattern, operations in self.description["paths"].items():
            wanted = pattern.split("/")
            if len(wanted) == len(steps) and all(
                a == b or a.startswith("{") for a, b in zip(wanted, steps, strict=True)
            ):
                return operations[method]
        raise AssertionError(f"{path} is not described")


@pytest.fixture
async def client(talk: Talk) -> AsyncIterator[ClientSession]:
    app = web.Application()
    add_api(app, desk=talk.desk, inbox=talk.router, token=TOKEN)
    async with served(app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


@pytest.fixture
async def api(client: ClientSession) -> Api:
    async with client.get("/api/v1/openapi.json") as response:
        return Api(client, await response.json())


async def test_an_incident_is_listed_as_it_was_declared(api: Api) -> None:
    answer = await api.command("amira", "declare Gateway answers slowly --sev 2 --service inference-gateway")
    assert answer["ok"], answer
    assert answer["incident"] == "INC-1"
    (listed,) = (await api.get("/incidents?status=open"))["items"]
    assert listed == {
        "ref": "INC-1",
        "title": "Gateway answers slowly",
        "severity": "SEV2",
        "status": listed["status"],
        "kind": "real",
        "visibility": "open",
        "service": "inference-gateway",
        "alert_count": 0,
        "rooms": [],
        "opened_at": "2026-01-06T23:00:00Z",
        "acknowledged_at": listed["acknowledged_at"],
        "resolved_at": None,
        "version": listed["version"],
    }


async def test_lists_show_open_closed_or_all(api: Api) -> None:
    await api.command("amira", "declare One")
    await api.command("amira", "declare Two")
    await api.command("amira", "resolve INC-1")
    refs = {
        status: [item["ref"] for item in (await api.get(f"/incidents{status}"))["items"]]
        for status in ("", "?status=open", "?status=closed", "?status=all")
    }
    assert refs == {
        "": ["INC-2", "INC-1"],
        "?status=open": ["INC-2"],
        "?status=closed": ["INC-1"],
        "?status=all": ["INC-2", "INC-1"],
    }


async def test_a_long_list_comes_in_parts(api: Api) -> None:
    for number in range(5):
        await api.command("amira", f"declare Number {number}")
    seen, cursor = [], ""
    while True:
        part = await api.get(f"/incidents?limit=2{cursor}")
        seen += [item["ref"] for item in part["items"]]
        assert len(part["items"]) <= 2
        if part["next"] is None:
            break
        cursor = f"&cursor={part['next']}"
    assert seen == ["INC-5", "INC-4", "INC-3", "INC-2", "INC-1"]


@pytest.mark.parametrize(
    "path",
    [
        "/incidents?limit=0",
        "/incidents?limit=501",
        "/incidents?limit=many",
        "/incidents?status=opened",
        "/incidents?state=open",
        "/incidents?cursor=bm9uc2Vuc2U",
        "/incidents?cursor=%00",
        "/alerts?state=loud",
        "/deliveries?state=lost",
        "/effects?state=undead",
    ],
)
async def test_a_wrong_parameter_is_named(api: Api, path: str) -> None:
    problem = await api.get(path, 422)
    assert problem["errors"][0]["where"] == f"query.{path.partition('?')[2].partition('=')[0]}"


async def test_an_incident_is_shown_with_all_that_belongs_to_it(api: Api, talk: Talk) -> None:
    await api.command("amira", "declare Gateway answers slowly --quiet")
    await api.command("omar", "ack INC-1")
    await api.command("omar", "assign INC-1 commander @amira")
    await api.command("omar", "note INC-1 The pool is full")
    await api.command("omar", "followup INC-1 in 2h Raise the pool's limit")
    incident = await talk.incident()
    async with talk.writing() as unit:
        await unit.rooms.link(RoomLink(incident.id, RoomRef("slack", "T1", "C1"), "inc-1-gateway"))
        await unit.pages.add(
            [PageRecord("page-1", incident.id, "p-amira", "slack", 1, 1, PageState.QUEUED, requested_at=NOW)]
        )
        await unit.alerts.add([an_alert(incident.id)])
    shown = await api.get("/incidents/INC-1")
    assert shown["roles"]["commander"] == "amira"
    assert shown["rooms"] == [{"chat": "slack", "id": "C1", "name": "inc-1-gateway"}]
    assert [page["person"] for page in shown["pages"]] == ["amira"]
    assert [alert["incident"] for alert in shown["alerts"]] == ["INC-1"]
    assert [(one["text"], one["owner"], one["created_by"]) for one in shown["followups"]] == [
        ("Raise the pool's limit", "omar", "omar")
    ]
    assert shown["postmortem"] is None
    note = next(event for event in shown["timeline"] if event["kind"] == "note")
    assert note["actor"] == "omar"
    assert "The pool is full" in note["text"]
    assert "p-amira" not in str(shown)
    assert "p-omar" not in str(shown)


async def test_those_who_have_left_keep_their_names(api: Api, talk: Talk) -> None:
    await api.command("amira", "declare Gateway answers slowly")
    incident = await talk.incident()
    async with talk.writing() as unit:
        ids = await unit.people.sync([], NOW)
        assert not ids
        await unit.incidents.save(replace(incident, roles=((Role.SCRIBE, "p-erased"),)))
    assert (await api.get("/incidents/INC-1"))["roles"] == {"scribe": "p-erased"}


async def test_private_incidents_are_shown_since_the_token_is_an_administrators(api: Api, talk: Talk) -> None:
    await api.command("amira", "declare Stolen key")
    async with talk.writing() as unit:
        await unit.incidents.save(replace(await talk.incident(), visibility=Visibility.PRIVATE))
    assert (await api.get("/incidents"))["items"][0]["visibility"] == "private"
    assert (await api.get("/incidents/INC-1"))["ref"] == "INC-1"


@pytest.mark.parametrize("ref", ["INC-7", "INC-0", "INC-", "nonsense", "INC-99999999999999999999", "%00"])
async def test_an_unknown_incident_is_not_found(api: Api, ref: str) -> None:
    await api.get(f"/incidents/{ref}", 404)


def an_alert(incident: str | None, **changes: Any) -> Alert:
    alert = Alert(
        id="a-1",
        source="prom",
        fingerprint="d9005d4360d2f95d",
        state=AlertState.FIRING,
        severity=Severity.SEV2,
        title="DemoDown: db-2 is broken",
        labels={"alertname": "DemoDown", "host": "db-2"},
        first_at=NOW,
        last_at=NOW,
        service="inference-gateway",
        incident=incident,
    )
    return replace(alert, **changes)


async def test_alerts_are_listed_by_state(api: Api, talk: Talk) -> None:
    await api.command("amira", "declare Gateway answers slowly")
    incident = await talk.incident()
    async with talk.writing() as unit:
        await unit.alerts.add(
            [an_alert(incident.id), an_alert(None, id="a-2", fingerprint="f2", state=AlertState.SUPPRESSED)]
        )
    (firing,) = (await api.get("/alerts?state=firing"))["items"]
    assert firing == {
        "fingerprint": "d9005d4360d2f95d",
        "source": "prom",
        "service": "inference-gateway",
        "state": "firing",
        "severity": "SEV2",
        "labels": {"alertname": "DemoDown", "host": "db-2"},
        "incident": "INC-1",
        "first_at": "2026-01-06T23:00:00Z",
        "last_at": "2026-01-06T23:00:00Z",
        "count": 1,
    }
    assert [alert["incident"] for alert in (await api.get("/alerts?state=suppressed"))["items"]] == [None]
    assert len((await api.get("/alerts"))["items"]) == 2
    assert (await api.get("/alerts?state=resolved"))["items"] == []


async def test_what_was_given_up_is_listed_and_tried_again(api: Api, talk: Talk) -> None:
    announced = NewEffect("k", LaneKind.ANNOUNCE, "slack", "slack", Announce(Message("notice.test")), None)
    async with talk.writing() as unit:
        await unit.outbox.add([announced], NOW)
    (effect,) = await talk.effects()
    async with talk.writing() as unit:
        await unit.outbox.dead(effect, NOW, "no such channel")
    (dead,) = (await api.get("/effects"))["items"]
    assert (dead["kind"], dead["chat"], dead["state"], dead["error"]) == (
        "Announce",
        "slack",
        "dead",
        "no such channel",
    )
    assert await api.post(f"/effects/{dead['id']}/retry") == {"ok": True}
    assert [effect["state"] for effect in (await api.get("/effects?state=pending"))["items"]] == ["pending"]
    await api.post(f"/effects/{dead['id']}/retry", status=404)
    assert [(entry.action, entry.token) for entry in await talk.audit()] == [("EffectRetried", "api")]


async def test_a_command_runs_with_the_access_of_its_actor(api: Api, talk: Talk) -> None:
    await api.command("amira", "declare Gateway answers slowly")
    denied = await api.command("noor", "resolve INC-1")
    assert denied["ok"] is False
    assert "viewer" in denied["reply"]
    assert {entry.token for entry in await talk.audit()} == {"api"}


async def test_a_mistake_is_answered_with_the_words_a_chat_would_use(api: Api) -> None:
    answer = await api.command("amira", "ack INC-99")
    assert answer["ok"] is False
    assert "INC-99" in answer["reply"]
    assert answer["incident"] is None


async def test_an_unknown_actor_is_a_persons_mistake(api: Api) -> None:
    answer = await api.command("amirah", "list")
    assert answer["ok"] is False
    assert "amira" in answer["reply"]


async def test_a_line_sent_again_under_its_key_is_not_run_again(api: Api) -> None:
    first = await api.command("amira", "declare Gateway answers slowly", key="deploy-7")
    again = await api.command("amira", "declare Gateway answers slowly", key="deploy-7")
    assert again == first
    assert len((await api.get("/incidents"))["items"]) == 1


async def test_a_line_may_be_written_in_an_incidents_room(api: Api, talk: Talk) -> None:
    await api.command("amira", "declare Gateway answers slowly")
    await talk.in_room()
    answer = await api.command("omar", "ack", room="INC-1")
    assert (answer["ok"], answer["incident"]) == (True, "INC-1")
    unknown = await api.command("omar", "ack", room="INC-7")
    assert unknown["ok"] is False
    assert "INC-7" in unknown["reply"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        "list",
        {"actor": "amira"},
        {"text": "list"},
        {"actor": "amira", "text": ""},
        {"actor": 7, "text": "list"},
        {"actor": "amira", "text": "list", "rooms": "x"},
        {"actor": "amira", "text": "list", "room": ""},
    ],
)
async def test_a_malformed_command_is_refused(api: Api, body: Any) -> None:
    problem = await api.post("/commands", body, 422)
    assert problem["errors"]


async def test_a_malformed_key_is_refused(api: Api) -> None:
    await api.post("/commands", {"actor": "amira", "text": "list"}, 422, key="x" * 201)


async def test_a_body_that_is_no_json_is_refused(client: ClientSession) -> None:
    for data, kind, status in ((b"{", "application/json", 422), (b"\xff", "application/json", 422)):
        async with client.post("/api/v1/commands", data=data, headers={"Content-Type": kind}) as response:
            assert response.status == status
    async with client.post("/api/v1/commands", data={"actor": "amira", "text": "list"}) as response:
        assert response.status == 415


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
async def test_without_the_token_nothing_is_shown(client: ClientSession, header: str) -> None:
    for path in ("/incidents", "/openapi.json", "/nothing"):
        async with client.get(f"/api/v1{path}", headers={"Authorization": header}) as response:
            assert response.status == 401
            assert response.content_type == "application/problem+json"
            assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_unknown_address_is_a_problem_document(client: ClientSession) -> None:
    async with client.get("/api/v1/nothing") as response:
        assert response.status == 404
        assert (await response.json(content_type=None))["title"] == "Not Found"
    async with client.delete("/api/v1/incidents") as response:
        assert response.status == 405
        assert "GET" in response.headers["Allow"]


async def test_on_loopback_the_api_may_be_open(talk: Talk) -> None:
    app = web.Application()
    add_api(app, desk=talk.desk, inbox=talk.router, token=None)
    async with served(app) as client, client.get("/api/v1/incidents") as response:
        assert response.status == 200


async def test_names_of_people_with_odd_names_are_theirs(api: Api, talk: Talk) -> None:
    talk.configured(an_organisation(people=(a_person("Zoë O'Neil"),)))
    answer = await api.command("zoë o'neil", "declare Gateway answers slowly")
    assert answer["ok"], answer


async def test_the_description_names_every_operation_and_its_failures(api: Api) -> None:
    assert api.description["openapi"] == "3.1.0"
    operations = {(method, path) for path, methods in api.description["paths"].items() for method in methods}
    assert operations == {
        ("get", "/incidents"),
        ("get", "/incidents/{ref}"),
        ("get", "/alerts"),
        ("get", "/deliveries"),
        ("get", "/effects"),
        ("post", "/effects/{id}/retry"),
        ("post", "/commands"),
    }
    limit = api.description["paths"]["/incidents"]["get"]["parameters"][0]
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}


async def test_what_a_webhook_took_is_listed_as_a_delivery(api: Api, talk: Talk) -> None:
    app = web.Application()
    keys = SourceKeys([], [], None, is_open=True)
    add_webhooks(
        app,
        keyring=lambda: keys,
        sources=discover(),
        inbox=talk.store.inbox,
        clock=talk.clock,
        fetch=no_fetch,
        metrics=Metrics(),
    )
    async with served(app) as sender:
        async with sender.post("/webhooks/generic", data=b"not json") as response:
            assert response.status == 202
        async with sender.post("/webhooks/generic", data=b'{"title": "Disk is full"}') as response:
            taken = (await response.json())["id"]
    listed = (await api.get("/deliveries?state=pending"))["items"]
    assert listed[0] == {
        "id": taken,
        "source": "generic",
        "state": "pending",
        "received_at": "2026-01-06T23:00:00Z",
        "error": None,
    }
    assert len(listed) == 2
    assert (await api.get("/deliveries?state=quarantined"))["items"] == []
