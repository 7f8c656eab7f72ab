"""What people see who open a page without a script."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.access import Role, Visibility
from bot.domain.cards import Button, Card, Field, Tone
from bot.domain.incident import Status
from bot.domain.severity import Severity
from bot.ports import chat as ask
from bot.ports.content import Attachment, to_json
from bot.ports.store import DEFAULT_TENANT, Urgency
from handlers.web.room.said import picture_type
from tests.builders import NOW, a_person, an_incident
from tests.handlers.web.room.visiting import Place

CARD = Card(
    "SEV2 · INC-42 · Gateway answers slowly",
    "Gateway answers slowly – triage",
    tone=Tone.ALARM,
    fields=(Field("Commander", "nobody yet"), Field("Runbook", "https://runbooks.example/gateway")),
    actions=(Button("Acknowledge", "ack INC-42", version=7),),
)


async def test_where_nothing_is_open_the_list_says_so_and_offers_to_declare(place: Place) -> None:
    async with place.visitor() as amira:
        page = await amira.get("/")
    assert page.status == 200
    assert "No incident is open." in page.words
    assert page.form(button="Declare an incident").fields["command"] == "declare"


async def test_the_list_has_open_incidents_worst_first_and_ended_ones_folded(place: Place) -> None:
    await place.incident(1, title="Mild one", severity=Severity.SEV4)
    await place.incident(2, title="Worst one", severity=Severity.SEV1, roles=((Role.COMMANDER, "p-omar"),))
    await place.incident(3, title="Over", status=Status.RESOLVED)
    async with place.visitor() as amira:
        page = await amira.get("/")
    assert page.words.index("Worst one") < page.words.index("Mild one") < page.words.index("Over")
    assert "led by omar" in page.words
    assert page.html.index("<details") < page.html.index("Over")


async def test_a_room_shows_its_incident_its_topic_and_what_was_said(place: Place) -> None:
    room = await place.incident()
    await place.say(room, "The queue grows.")
    async with place.visitor() as amira:
        page = await amira.get(f"/rooms/{room}")
    for words in ("SEV2", "INC-42", "Gateway answers slowly", "triage", "The queue grows.", "topic of inc-42"):
        assert words in page.words


async def test_times_are_the_readers_own(place: Place) -> None:
    place.organisations.append(
        replace(
            place.organisations[-1],
            people=(a_person("amira"), a_person("omar", timezone="Europe/Berlin")),
        )
    )
    room = await place.incident()
    await place.say(room, "The queue grows.")
    async with place.visitor("amira") as amira, place.visitor("omar") as omar:
        assert "03:00" in (await amira.get(f"/rooms/{room}")).words
        assert "00:00" in (await omar.get(f"/rooms/{room}")).words
        place.clock.forward(timedelta(days=2))
        assert "Wed 7 Jan 2026, 03:00 UTC+4" in (await amira.get(f"/rooms/{room}")).words
    assert NOW.hour == 23


async def test_the_pinned_card_stands_apart_with_its_fields_and_buttons(place: Place) -> None:
    room = await place.incident()
    await place.say(room, CARD, pinned=True)
    async with place.visitor() as amira:
        page = await amira.get(f"/rooms/{room}")
    pinned = page.html.split('<aside id="pinned"')[1].split("</aside>")[0]
    assert "nobody yet" in pinned
    assert '<a href="https://runbooks.example/gateway"' in pinned
    assert page.form(button="Acknowledge").fields["command"] == "ack INC-42"
    assert page.form(button="Acknowledge").fields["version"] == "7"
    assert "Gateway answers slowly – triage" in page.html.split('<ol id="messages"')[1]


async def test_a_loud_message_says_so_in_words(place: Place) -> None:
    room = await place.incident()
    await place.say(room, "Everyone was called.", loud=True)
    async with place.visitor() as amira:
        assert "Loud Everyone was called." in (await amira.get(f"/rooms/{room}")).words


async def test_who_has_left_is_named_so(place: Place) -> None:
    room = await place.incident()
    await place.rooms.post(room, "k", to_json("Bye"), NOW, author="p-gone")
    async with place.visitor() as amira:
        assert "someone who has left" in (await amira.get(f"/rooms/{room}")).words


async def test_a_call_waits_in_the_persons_own_room(place: Place) -> None:
    await place.incident()
    await place.call("p-omar", "You are called to INC-42", "i-42")
    async with place.visitor("omar") as omar, place.visitor("amira") as amira:
        before = await omar.get("/")
        assert "1 call" in before.words
        own = next(link for link in before.links if link.startswith("/rooms/"))
        assert "You are called to INC-42" in (await omar.get(own)).words
        assert (await amira.get(own)).status == 404


async def test_a_call_is_counted_until_it_is_answered(place: Place) -> None:
    await place.incident()
    await place.call("p-omar", "You are called to INC-42", "i-42")
    async with place.visitor("omar") as omar, place.visitor("amira") as amira:
        assert "1 call" in (await omar.get("/")).words
        assert "1 call" not in (await amira.get("/")).words
        async with place.store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
            await unit.pages.acknowledge("i-42")
        assert "1 call" not in (await omar.get("/")).words


async def test_a_call_to_what_is_over_by_now_is_not_counted(place: Place) -> None:
    await place.incident(status=Status.RESOLVED)
    await place.call("p-omar", "You are called to INC-42", "i-42")
    async with place.visitor("omar") as omar:
        assert "1 call" not in (await omar.get("/")).words


async def test_a_private_room_is_there_for_its_members_and_admins_only(place: Place) -> None:
    room = await place.incident(
        visibility=Visibility.PRIVATE, title="Leaked key", members=("p-omar",), participants=("p-omar",)
    )
    await place.say(room, "Rotate it now.")
    async with place.visitor("omar") as omar, place.visitor("amira") as admin, place.visitor("lina") as lina:
        assert "Rotate it now." in (await omar.get(f"/rooms/{room}")).words
        assert "Rotate it now." in (await admin.get(f"/rooms/{room}")).words
        assert (await lina.get(f"/rooms/{room}")).status == 404
        assert (await lina.get(f"/rooms/{room}/events")).status == 404
        assert (await lina.get("/incidents/INC-42")).status == 404
        assert "Leaked key" not in (await lina.get("/")).words
        assert (await lina.post("/lines", {"room": room, "text": "hi", "nonce": "n"})).status == 404
    assert len(await place.rooms.messages(room)) == 1


async def test_the_address_of_an_incident_leads_to_its_room(place: Place) -> None:
    room = await place.incident()
    async with place.visitor() as amira:
        assert (await amira.get("/incidents/inc-42")).url.endswith(f"/rooms/{room}")


async def test_the_page_of_an_incident_whose_room_is_not_open_yet_waits_for_it(place: Place) -> None:
    async with place.store.write(DEFAULT_TENANT, Urgency.COMMAND) as unit:
        await unit.incidents.add(an_incident(version=0))
    async with place.visitor() as amira:
        page = await amira.get("/incidents/INC-42")
        assert "INC-42 is being opened" in page.words
        assert {"http-equiv": "refresh", "content": "1"} in page.tags("meta")
        assert "its room is being opened" in (await amira.get("/")).words


async def test_help_lists_every_command_with_its_use(place: Place) -> None:
    async with place.visitor() as amira:
        page = await amira.get("/help")
    assert "/ack" in page.words
    assert "nobody else is called" in page.words


@pytest.mark.parametrize("path", ["/rooms/nowhere", "/incidents/INC-7", "/incidents/x", "/rooms/nowhere/files/m"])
async def test_what_is_not_there_says_where_to_go_on(place: Place, path: str) -> None:
    async with place.visitor() as amira:
        page = await amira.get(path)
    assert page.status == 404
    assert "There is nothing here" in page.words
    assert "/" in page.links


async def test_a_picture_is_shown_with_its_description_and_anything_else_only_saved(place: Place) -> None:
    room = await place.incident()
    ref = ask.RoomRef("room", "", room)
    await place.chat.perform(ask.Upload(ref, "load.png", b"\x89PNG\r\n\x1a\nrest", "Load doubles at 3"), key="u1")
    await place.chat.perform(ask.Upload(ref, "page.html", b"<script>alert(1)</script>"), key="u2")
    async with place.visitor() as amira:
        page = await amira.get(f"/rooms/{room}")
        (picture,) = page.tags("img")
        assert picture["alt"] == "Load doubles at 3"
        shown = await amira.session.get(f"{place.url}{picture['src']}")
        assert shown.headers["Content-Type"] == "image/png"
        saved_at = next(link for link in page.links if "/files/" in link)
        saved = await amira.session.get(f"{place.url}{saved_at}")
    assert saved.headers["Content-Type"] == "application/octet-stream"
    assert saved.headers["Content-Disposition"] == "attachment; filename*=UTF-8''page.html"
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    assert await saved.read() == b"<script>alert(1)</script>"


async def test_a_message_of_a_newer_release_does_not_break_the_room(place: Place) -> None:
    room = await place.incident()
    await place.rooms.post(room, "k", {"hologram": 1}, NOW)
    await place.say(room, "Still here.")
    async with place.visitor() as amira:
        words = (await amira.get(f"/rooms/{room}")).words
    assert "written by a newer Tocsin" in words
    assert "Still here." in words


async def test_only_the_latest_is_shown_until_more_is_asked_for(place: Place) -> None:
    room = await place.incident()
    for number in range(201):
        await place.rooms.post(room, f"k{number}", to_json(f"message {number}."), NOW)
    async with place.visitor() as amira:
        page = await amira.get(f"/rooms/{room}")
        assert "message 0." not in page.words
        assert "message 200." in page.words
        assert "message 0." in (await amira.get(f"/rooms/{room}?earlier=1")).words


async def test_acting_as_somebody_else_is_a_choice_that_lasts(place: Place) -> None:
    async with place.visitor("") as somebody:
        page = await somebody.get("/")
        chosen = page.form(button="Change")
        await somebody.post(chosen.action, {"person": "p-omar", "next": "/help"})
        again = await somebody.get("/")
    assert '<option value="p-amira" selected>' in page.html
    assert '<option value="p-omar" selected>' in again.html


async def test_an_organisation_without_people_is_told_to_name_some(place: Place) -> None:
    place.organisations.append(replace(place.organisations[-1], people=()))
    async with place.visitor("") as somebody:
        page = await somebody.get("/")
    assert page.status == 503
    assert "Name people in the configuration" in page.words


def test_a_file_knows_its_picture_by_its_first_bytes() -> None:
    assert picture_type(Attachment("a.png", b"\x89PNG\r\n\x1a\n").body) == "image/png"
    assert picture_type(b"<svg onload=alert(1)>") is None
