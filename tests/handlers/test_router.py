"""The one path of a line: who may write it, which incident it means, and what is answered."""

import pytest

from bot.domain.access import Access, Role
from bot.domain.timeline import EventKind
from bot.ports.chat import RoomRef
from tests.builders import MINUTE, a_person, an_organisation
from tests.handlers.talking import Talk, a_line


async def test_a_line_is_carried_out_and_answered(talk: Talk) -> None:
    answer = await talk.says("omar", "/inc declare GPU nodes down --sev 2")

    assert (answer.ok, answer.text, answer.incident) == (True, "INC-1 is open (SEV2): GPU nodes down", "INC-1")
    assert answer.card is not None
    assert (await talk.incident()).opened_by == "p-omar"


async def test_a_person_whom_the_chat_has_identified_needs_no_account(talk: Talk) -> None:
    answer = await talk.router.take(a_line("stranger", "declare Smoke", actor="p-lina"))

    assert answer.ok
    assert (await talk.incident()).opened_by == "p-lina"


async def test_an_unknown_account_is_told_how_to_be_known_and_nothing_else(talk: Talk) -> None:
    told = await talk.refused("mallory", "declare Nothing")
    looked = await talk.refused("mallory", "list")

    assert told == looked
    assert "slack: UMALLORY" in told
    assert [entry.actor for entry in await talk.audit()] == ["account:slack:T1:UMALLORY"] * 2


async def test_an_unknown_account_may_ask_for_help(talk: Talk) -> None:
    told = await talk.done("mallory", "help")

    assert told.startswith(await talk.refused("mallory", "list"))
    assert "ack – Say that you have it" in told


async def test_an_actor_who_does_not_exist_is_refused(talk: Talk) -> None:
    answer = await talk.router.take(a_line("omar", "list", actor="p-gone"))

    assert (answer.ok, answer.text) == (False, "Nobody has the id “p-gone”. The people stand in tocsin.yaml.")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("akc INC-1", "“akc” is no command. Did you mean “ack”? “help” lists them all."),
        ("xyzzy", "“xyzzy” is no command. “help” lists them all."),
        ("...", None),
        ("", None),
    ],
)
async def test_a_verb_that_does_not_exist_is_answered_with_the_nearest(talk: Talk, line: str, told: str | None) -> None:
    if told is None:
        assert (await talk.done("omar", line)).startswith("What you can write:")
    else:
        assert await talk.refused("omar", line) == told


async def test_a_line_that_is_too_long_is_refused_whole(talk: Talk) -> None:
    await talk.done("omar", "declare x")

    told = await talk.refused("omar", f"note INC-1 {'x' * 4000}")

    assert told.startswith("That is longer than 4000 characters, so nothing was done.")
    assert await talk.done("omar", f"note INC-1 {'x' * 3900}") == "Noted in INC-1."


async def test_what_could_disguise_a_sentence_is_dropped(talk: Talk) -> None:
    await talk.done("omar", "declare GPU\u202e nodes\0 down")

    assert (await talk.incident()).title == "GPU nodes down"


async def test_the_room_says_which_incident_is_meant(talk: Talk) -> None:
    await talk.done("omar", "declare First")
    await talk.done("omar", "declare Second")
    room = await talk.in_room(2)

    assert await talk.done("lina", "ack", room=room) == "You have INC-2. Nobody else is called."
    assert await talk.done("lina", "ack inc1", room=room) == "You have INC-1. Nobody else is called."


async def test_a_sentence_in_a_room_may_speak_of_another_incident(talk: Talk) -> None:
    await talk.done("omar", "declare First")
    await talk.done("omar", "declare Second")
    room = await talk.in_room(2)

    assert await talk.done("omar", "resolve duplicate of INC-1", room=room) == "INC-2 is resolved."
    assert (await talk.incident(1)).is_open


async def test_outside_a_room_the_open_incidents_are_offered(talk: Talk) -> None:
    await talk.done("omar", "declare First --sev 2")
    await talk.done("omar", "declare Second --sev 3")

    answer = await talk.says("lina", "note the fans are loud")

    assert not answer.ok
    assert answer.text.splitlines() == [
        "Which incident? Name it behind the command, such as “note INC-42”, or write in its room. These are open:",
        "INC-2 · SEV3 · triage · Second",
        "INC-1 · SEV2 · triage · First",
    ]
    assert answer.card is not None
    button = answer.card.actions[0]
    assert (button.label, button.command) == ("INC-2 · Second", "note INC-2 the fans are loud")
    assert await talk.done("lina", button.command) == "Noted in INC-2."


async def test_where_nothing_is_open_nothing_is_offered(talk: Talk) -> None:
    answer = await talk.says("omar", "ack")

    assert answer.text.startswith("Which incident? None that you may see is open.")
    assert answer.card is None


@pytest.mark.parametrize("ref", ["INC-9", "#9", "9", "INC-999999999999999999"])
async def test_an_incident_that_does_not_exist_is_told_so(talk: Talk, ref: str) -> None:
    assert "There is no incident INC-9" in await talk.refused("omar", f"ack {ref}")


async def test_a_private_incident_does_not_exist_for_outsiders(talk: Talk) -> None:
    await talk.done("omar", "declare Break-in --private --quiet")
    room = await talk.in_room()

    unknown = await talk.refused("lina", "status INC-1")
    assert unknown == (await talk.refused("lina", "status INC-9")).replace("INC-9", "INC-1")
    assert await talk.done("lina", "list") == "No incident is open."
    assert (await talk.says("lina", "ack", room=room)).text.startswith("Which incident? None that you may see")
    assert "Break-in" in await talk.done("omar", "list")
    assert "Break-in" in await talk.done("amira", "status", room=room)


async def test_who_may_not_is_told_what_it_takes_and_it_is_audited(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")

    answer = await talk.says("noor", "ack INC-1", token="key-7")

    assert not answer.ok
    assert answer.text == (
        "“ack” needs the access responder; yours is viewer. Ask someone who has it, or an administrator to raise yours."
    )
    denied = (await talk.audit())[-1]
    assert (denied.actor, denied.token, denied.action, denied.subject) == (
        "person:p-noor",
        "key-7",
        "Denied ack",
        "INC-1",
    )
    assert denied.after == {"held": "viewer", "needed": "responder", "what": "ack"}


async def test_other_refusals_are_not_audited(talk: Talk) -> None:
    before = await talk.audit()

    await talk.refused("omar", "sev 9")
    await talk.refused("omar", "ack INC-9")

    assert await talk.audit() == before


async def test_managing_an_incident_is_for_managers_and_for_those_who_stand_for_it(talk: Talk) -> None:
    org = an_organisation()
    talk.configured(an_organisation(people=(*org.people, a_person("mia", Access.MANAGER))))
    for title in ("First", "Second", "Third", "Fourth"):
        await talk.done("amira", f"declare {title} --quiet")
    await talk.done("omar", "ack INC-1")
    await talk.done("amira", "assign deputy noor INC-2")

    assert "needs the access manager" in await talk.refused("lina", "cancel INC-1")
    assert await talk.done("omar", "cancel INC-1") == "INC-1 is cancelled."
    assert await talk.done("noor", "cancel INC-2") == "INC-2 is cancelled."
    assert await talk.done("mia", "cancel INC-3") == "INC-3 is cancelled."
    assert await talk.done("amira", "cancel INC-4") == "INC-4 is cancelled."


async def test_a_commander_without_access_may_lead_their_incident_only(talk: Talk) -> None:
    await talk.done("amira", "declare First --quiet")
    await talk.done("amira", "declare Second --quiet")
    await talk.done("amira", "assign @noor INC-1")

    assert (Role.COMMANDER, "p-noor") in (await talk.incident(1)).roles
    assert await talk.done("noor", "resolve INC-1") == "INC-1 is resolved."
    assert "needs the access responder" in await talk.refused("noor", "resolve INC-2")


async def test_a_button_of_an_old_card_that_still_makes_sense_is_carried_out(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    drawn = (await talk.incident()).version
    await talk.done("omar", "note INC-1 something happened")

    assert (await talk.says("lina", "ack INC-1", version=drawn)).ok


async def test_a_button_of_an_old_card_that_makes_no_sense_any_more_is_told_what_changed(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    drawn = (await talk.incident()).version
    await talk.done("omar", "resolve INC-1 It was the toaster")

    stale = await talk.says("lina", "resolve INC-1", version=drawn)
    fresh = await talk.says("lina", "resolve INC-1", version=(await talk.incident()).version)

    assert stale.text == (
        "INC-1 is resolved already. Since this button was drawn: omar resolved it: It was the toaster."
    )
    assert fresh.text == "INC-1 is resolved already."
    assert stale.ok
    assert fresh.ok


async def test_a_mistake_in_an_answered_form_is_shown_at_its_question(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")

    answer = await talk.says("omar", 'update INC-1 --text "It burns" --next "soonish"')

    assert not answer.ok
    assert answer.errors == (("next", "“soonish” is no duration. Write one such as 30m, 2h or 1h30m."),)
    assert EventKind.UPDATE not in [stored.event.kind for stored in await talk.timeline()]


async def test_a_line_that_is_written_wrongly_is_answered_with_how_it_is_written(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")

    assert await talk.refused("omar", "sev INC-1 9") == (
        "“9” is no severity. Use 1 to 5: SEV1 is the worst, SEV5 the mildest.\n"
        "It is written: sev [INC-42] <1-5> [reason]"
    )
    assert "It is written" not in await talk.refused("omar", "close INC-1")


async def test_talk_in_a_room_is_no_command(talk: Talk) -> None:
    await talk.done("omar", "declare Smoke --quiet")
    before = await talk.timeline()

    heard = await talk.router.overheard(a_line("omar", "resolve INC-1", room=RoomRef("slack", "T1", "C1")))

    assert heard is None
    assert await talk.timeline() == before


async def test_times_are_told_on_the_clock_of_who_asks(talk: Talk) -> None:
    org = an_organisation()
    talk.configured(an_organisation(people=(*org.people, a_person("bo", timezone="Europe/Berlin"))))
    await talk.done("omar", "declare Smoke --quiet")
    talk.clock.forward(MINUTE)

    assert "03:31 UTC+4" in await talk.done("omar", "update INC-1 hot --next 30m")
    assert "00:31 CET" in await talk.done("bo", "update INC-1 hotter --next 30m")
