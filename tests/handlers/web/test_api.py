"""The API shows what is stored, names people, and is as it describes itself."""

from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.config.sources import SourceKeys
from bot.domain.access import Access, Role, Visibility
from bot.domain.alert import Alert, AlertState
from bot.domain.effects import Announce
from bot.domain.message import Message
from bot.domain.severity import Severity
from bot.metrics import Metrics
from bot.ports.chat import RoomRef
from bot.ports.records import LaneKind, NewEffect, PageRecord, PageState, RoomLink
from bot.ports.store import PersonEntry
from handlers.web.admission import Admission
from handlers.web.webhooks import add_webhooks
from integrations.sources.discovery import discover
from tests.builders import NOW, SECOND
from tests.handlers.talking import Talk
from tests.handlers.test_storming import Sky
from tests.handlers.web.calling import Api
from tests.handlers.web.door import no_fetch
from tests.handlers.web.serving import served


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


async def test_a_storm_s_incident_has_its_figures_and_its_alerts_their_reason(talk: Talk, api: Api) -> None:
    sky = Sky(talk)
    await sky.pours("a", "b", "c", "d")
    await sky.waits(SECOND)
    await sky.pours("down", severity="critical")
    storm = await api.get("/incidents/INC-3")
    assert storm["storm"] == {
        "groups": 2,
        "services": 0,
        "first_at": "2026-01-06T23:00:00Z",
        "last_at": "2026-01-06T23:00:01Z",
        "ended_at": None,
        "top": [
            {"label": "alertname", "values": [{"value": "c", "count": 1}, {"value": "d", "count": 1}]},
            {"label": "severity", "values": [{"value": "warning", "count": 2}]},
        ],
        "beside": ["INC-4 down"],
    }
    assert [alert["reason"] for alert in storm["alerts"]] == ["gathered in the storm INC-3"] * 2
    reasons = {alert["labels"]["alertname"]: alert["reason"] for alert in (await api.get("/alerts"))["items"]}
    gathered = "gathered in the storm INC-3"
    assert reasons == {"a": None, "b": None, "c": gathered, "d": gathered, "down": None}
    assert (await api.get("/incidents/INC-4"))["storm"] is None


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
    leaver = PersonEntry("tariq", Access.RESPONDER, "UTC", "en", None, ())
    async with talk.writing() as unit:
        ids = await unit.people.sync([leaver], NOW)
        await unit.people.sync([], NOW)
        await unit.incidents.save(replace(await talk.incident(), roles=((Role.SCRIBE, ids["tariq"]),)))
    assert (await api.get("/incidents/INC-1"))["roles"] == {"scribe": "tariq"}


async def test_a_postmortem_is_shown_with_its_answers_as_they_are_now(api: Api) -> None:
    await api.command("amira", "declare Gateway answers slowly --sev 2 --quiet")
    await api.command("omar", "resolve INC-1")
    assert (await api.get("/incidents/INC-1"))["postmortem"] == {"state": "draft", "answers": []}
    for line in ("answer INC-1 noor", "skip INC-1 it is all there", "postmortem INC-1 edit 1 lina"):
        assert (await api.command("omar", line))["ok"]
    assert (await api.command("omar", "postmortem INC-1 edit 16 Yes, and yes."))["ok"]

    shown = (await api.get("/incidents/INC-1"))["postmortem"]

    assert shown["state"] == "collecting"
    assert [(one["person"], one["text"]) for one in shown["answers"]] == [
        ("omar", "lina"),
        ("omar", "Skipped: it is all there."),
        ("anonymous", "Yes, and yes."),
    ]
    assert shown["answers"][0]["question"].startswith("We are here to learn")


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
        "flaps": 0,
        "reason": None,
        "held_by": None,
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


async def test_the_description_names_every_operation_and_its_failures(api: Api) -> None:
    assert api.description["openapi"] == "3.1.0"
    operations = {(method, path) for path, methods in api.description["paths"].items() for method in methods}
    assert operations == {
        ("get", "/incidents"),
        ("get", "/incidents/{ref}"),
        ("get", "/alerts"),
        ("get", "/changes"),
        ("get", "/sources"),
        ("get", "/heartbeats"),
        ("get", "/deliveries"),
        ("get", "/noise"),
        ("get", "/silences"),
        ("post", "/silences"),
        ("get", "/holders"),
        ("patch", "/silences/{ref}"),
        ("delete", "/silences/{ref}"),
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
        admission=Admission(talk.clock),
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
