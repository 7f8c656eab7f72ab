"""A line that comes by the API runs as it would from a chat: once, with its actor's access, answered in their words."""

from typing import Any

import pytest
from aiohttp import ClientSession

from bot.ports.store import DEFAULT_TENANT
from tests.builders import NOW, a_person, an_organisation
from tests.handlers.talking import Talk
from tests.handlers.web.calling import Api


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


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sev INC-1 1", "INC-1 is SEV1 already."),
        ("lead INC-1", "omar is commander of INC-1 already."),
        ("mitigate INC-1", "INC-1 is mitigated already."),
        ("resolve INC-1", "INC-1 is resolved already."),
        ("cancel INC-1", "INC-1 is cancelled already."),
    ],
)
async def test_what_is_so_already_is_done_and_changes_nothing(api: Api, talk: Talk, line: str, told: str) -> None:
    await api.command("omar", "declare Gateway answers slowly --sev 2")
    assert (await api.command("omar", line))["ok"]
    before = (await talk.incident(), await talk.timeline(), await talk.audit())

    assert await api.command("omar", line) == {"ok": True, "reply": told, "incident": "INC-1"}
    assert (await talk.incident(), await talk.timeline(), await talk.audit()) == before


@pytest.mark.parametrize(
    ("actor", "line"),
    [("omar", "close INC-1"), ("omar", "sev INC-1 9"), ("omar", "note INC-1"), ("noor", "resolve INC-1")],
)
async def test_a_refusal_names_the_incident_that_it_is_about(api: Api, actor: str, line: str) -> None:
    await api.command("amira", "declare Gateway answers slowly")
    answer = await api.command(actor, line)
    assert (answer["ok"], answer["incident"]) == (False, "INC-1")


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


async def test_a_room_that_is_not_there_is_refused_and_the_line_is_not_run(api: Api, talk: Talk) -> None:
    line = {"actor": "amira", "text": "declare Gateway answers slowly"}
    problem = await api.post("/commands", {**line, "room": "nope"}, 422)
    assert problem["errors"] == [{"where": "body.room", "what": "no built-in room has the id 'nope'"}]
    assert (await api.get("/incidents?status=all"))["items"] == []

    lobby = await talk.store.rooms(DEFAULT_TENANT).lobby(NOW)
    assert (await api.command("amira", line["text"], room=lobby))["ok"]


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
        {"actor": "amira", "text": "list", "room": "\0"},
    ],
)
async def test_a_malformed_command_is_refused(api: Api, body: Any) -> None:
    problem = await api.post("/commands", body, 422)
    assert problem["errors"]


async def test_a_malformed_key_is_refused(api: Api) -> None:
    await api.post("/commands", {"actor": "amira", "text": "list"}, 422, key="x" * 201)


async def test_a_body_that_is_no_json_is_refused(api_client: ClientSession) -> None:
    for data, kind, status in ((b"{", "application/json", 422), (b"\xff", "application/json", 422)):
        async with api_client.post("/api/v1/commands", data=data, headers={"Content-Type": kind}) as response:
            assert response.status == status
    async with api_client.post("/api/v1/commands", data={"actor": "amira", "text": "list"}) as response:
        assert response.status == 415


async def test_names_of_people_with_odd_names_are_theirs(api: Api, talk: Talk) -> None:
    talk.configured(an_organisation(people=(a_person("Zoë O'Neil"),)))
    answer = await api.command("zoë o'neil", "declare Gateway answers slowly")
    assert answer["ok"], answer
