"""What people send without a script: typed lines, pressed buttons, answered forms."""

import pytest

from bot.domain.cards import Button, Card
from bot.domain.forms import Form, Option, Question, QuestionKind
from bot.ports.chat import Answer, Incoming
from handlers.web.room.lines import LONGEST_MESSAGE, command_in
from tests.handlers.web.room.visiting import Place

CARD = Card("t", "f", actions=(Button("Acknowledge", "ack INC-42", version=7),))
FORM = Form(
    title="How bad is it?",
    command="sev INC-42",
    questions=(
        Question("severity", "Severity", QuestionKind.CHOICE, options=(Option("SEV1", "worst"), Option("SEV2", "bad"))),
        Question("reason", "Why", QuestionKind.PARAGRAPH, hint="Others read this."),
    ),
    submit="Change it",
)


async def test_a_message_is_posted_into_the_room_and_overheard(place: Place) -> None:
    room = await place.incident()
    async with place.visitor("omar") as omar:
        page = await omar.press(await omar.get(f"/rooms/{room}"), "Send", text="The queue grows.")
    assert page.url.endswith(f"/rooms/{room}")
    assert "The queue grows." in page.words
    (said,) = await place.rooms.messages(room)
    assert (said.author, said.content) == ("p-omar", {"text": "The queue grows."})
    (talk,) = place.inbox.heard
    assert talk.room is not None
    assert (talk.room.room, talk.account.user, talk.text) == (room, "p-omar", "The queue grows.")
    assert place.inbox.carried_out == []


@pytest.mark.parametrize("is_told", [True, False])
async def test_what_is_made_of_talk_is_told_to_its_author_unless_the_room_is_told_of_it(
    place: Place,
    is_told: bool,
) -> None:
    place.inbox.made_of_talk = Answer(ok=True, text="Taken for your answer.", is_told=is_told)
    room = await place.incident()
    async with place.visitor("omar") as omar:
        page = await omar.press(await omar.get(f"/rooms/{room}"), "Send", text="The queue grows.")
    assert ("Taken for your answer." in page.words) is not is_told


async def test_a_line_with_a_slash_is_a_command_and_only_its_author_sees_the_answer(place: Place) -> None:
    room = await place.incident()
    async with place.visitor("omar") as omar:
        page = await omar.press(await omar.get(f"/rooms/{room}"), "Send", text="/inc ack now")
    (line,) = place.inbox.carried_out
    assert (line.text, line.actor, line.account.user, line.token) == ("ack now", "p-omar", "p-omar", "loopback")
    assert line.room is not None
    assert line.room.room == room
    assert "Only you see this" in page.words
    assert "did ack now" in page.words
    assert await place.rooms.messages(room) == []


async def test_the_answer_survives_a_reload_but_is_nobody_elses(place: Place) -> None:
    room = await place.incident()
    async with place.visitor("omar") as omar, place.visitor("lina") as lina:
        page = await omar.press(await omar.get(f"/rooms/{room}"), "Send", text="/list")
        path = page.url.removeprefix(place.url)
        assert "did list" in (await omar.get(path)).words
        assert "did list" not in (await lina.get(path)).words
        assert "did list" not in (await omar.get(path.replace("answer=", "answer=x"))).words
    assert len(place.inbox.carried_out) == 1


async def test_an_address_that_we_did_not_sign_carries_nothing_out(place: Place) -> None:
    async with place.visitor() as amira:
        assert (await amira.get("/?answer=WyJwLWFtaXJhIiwiIiwiayIsInJlc29sdmUiLCIiLDJd.x")).status == 200
    assert place.inbox.carried_out == []


async def test_a_double_click_runs_once_and_both_get_the_answer(place: Place) -> None:
    room = await place.incident()
    await place.say(room, CARD)
    async with place.visitor() as amira:
        page = await amira.get(f"/rooms/{room}")
        first, second = await amira.press(page, "Acknowledge"), await amira.press(page, "Acknowledge")
    (line,) = place.inbox.carried_out
    assert (line.text, line.version) == ("ack INC-42", 7)
    assert "did ack INC-42" in first.words
    assert "did ack INC-42" in second.words


async def test_the_button_of_a_page_drawn_anew_can_be_pressed_again(place: Place) -> None:
    room = await place.incident()
    await place.say(room, CARD)
    async with place.visitor() as amira:
        for _ in range(2):
            await amira.press(await amira.get(f"/rooms/{room}"), "Acknowledge")
    assert len(place.inbox.carried_out) == 2


async def test_a_message_sent_twice_from_one_page_is_said_once(place: Place) -> None:
    room = await place.incident()
    async with place.visitor() as amira:
        page = await amira.get(f"/rooms/{room}")
        for _ in range(2):
            await amira.press(page, "Send", text="Once.")
        await amira.press(page, "Send", text="Another.")
    said = [message.content for message in await place.rooms.messages(room)]
    assert said == [{"text": "Once."}, {"text": "Another."}]


async def test_what_cannot_be_undone_is_asked_on_a_page_of_its_own(place: Place) -> None:
    room = await place.incident()
    button = Button("Resolve", "resolve INC-42", confirm="Resolve INC-42?", version=3)
    await place.say(room, Card("t", "f", actions=(button,)))
    async with place.visitor() as amira:
        asked = await amira.press(await amira.get(f"/rooms/{room}"), "Resolve")
        assert "Resolve INC-42?" in asked.words
        assert f"/rooms/{room}" in asked.links
        assert place.inbox.carried_out == []
        done = await amira.press(asked, "Yes, do it")
    (line,) = place.inbox.carried_out
    assert (line.text, line.version) == ("resolve INC-42", 3)
    assert "did resolve INC-42" in done.words


async def test_a_form_is_drawn_and_its_answers_become_the_command(place: Place) -> None:
    room = await place.incident()
    place.inbox.answer = lambda line: (
        Answer(ok=True, text="", form=FORM) if line.text == "sev" else Answer(ok=True, text=line.text)
    )
    async with place.visitor() as amira:
        page = await amira.press(await amira.get(f"/rooms/{room}"), "Send", text="/sev")
        assert "How bad is it?" in page.words
        assert "Others read this." in page.words
        fields = {"answer-severity": "SEV1", "answer-reason": 'It says\r\n"full"'}
        done = await amira.press(page, "Change it", **fields)
    assert place.inbox.carried_out[-1].text == 'sev INC-42 --severity "SEV1" --reason "It says\n\\"full\\""'
    assert "--reason" in done.words


async def test_a_wrong_form_comes_back_filled_with_what_is_wrong_at_each_question(place: Place) -> None:
    room = await place.incident()
    place.inbox.answer = lambda line: (
        Answer(ok=True, text="", form=FORM)
        if line.text == "sev"
        else Answer(ok=False, text="Say more.", errors=(("reason", "Say more."),))
    )
    async with place.visitor() as amira:
        page = await amira.press(await amira.get(f"/rooms/{room}"), "Send", text="/sev")
        again = await amira.press(page, "Change it", **{"answer-severity": "SEV2", "answer-reason": "because"})
    assert again.status == 422
    (box,) = [tag for tag in again.tags("textarea") if tag["name"] == "answer-reason"]
    assert box["aria-invalid"] == "true"
    assert "q-2-wrong" in box["aria-describedby"]
    assert "because</textarea>" in again.html
    assert '<option value="SEV2" selected>' in again.html
    assert "Say more." in again.words


@pytest.mark.parametrize("asked", ["", "{}", "[]", "nonsense", '{"form": 5}'])
async def test_a_form_that_was_tampered_with_does_nothing(place: Place, asked: str) -> None:
    async with place.visitor() as amira:
        page = await amira.post("/forms", {"asked": asked, "nonce": "n"})
    assert page.status == 400
    assert place.inbox.carried_out == []


async def test_in_a_closed_room_only_commands_work(place: Place) -> None:
    room = await place.incident()
    await place.rooms.set_archived(room, is_archived=True)
    async with place.visitor() as amira:
        page = await amira.get(f"/rooms/{room}")
        refused = await amira.press(page, "Send", text="hello?")
        assert refused.status == 422
        assert "only commands work" in refused.words
        await amira.press(page, "Send", text="/reopen")
    assert await place.rooms.messages(room) == []
    assert [line.text for line in place.inbox.carried_out] == ["reopen"]


async def test_outside_rooms_and_in_ones_own_everything_is_a_command(place: Place) -> None:
    async with place.visitor() as amira:
        await amira.press(await amira.get("/"), "Send", text="list")
        own = next(link for link in (await amira.get("/")).links if link.startswith("/rooms/"))
        await amira.press(await amira.get(own), "Send", text="oncall")
    assert [line.text for line in place.inbox.carried_out] == ["list", "oncall"]
    assert place.inbox.carried_out[0].room is None


async def test_a_message_too_long_is_refused_with_both_numbers_and_an_empty_one_is_nothing(place: Place) -> None:
    room = await place.incident()
    async with place.visitor() as amira:
        page = await amira.get(f"/rooms/{room}")
        refused = await amira.press(page, "Send", text="x" * (LONGEST_MESSAGE + 1))
        assert "20001 characters; a message takes 20000" in refused.words
        assert (await amira.press(page, "Send", text=" \n ")).status == 200
        huge = await amira.post("/lines", {"room": room, "text": "x" * 300_000})
        assert huge.status == 413
    assert await place.rooms.messages(room) == []


async def test_a_command_too_long_for_an_address_is_answered_on_the_spot(place: Place) -> None:
    place.inbox.answer = lambda line: Answer(ok=True, text=f"{len(line.text)} taken")
    async with place.visitor() as amira:
        page = await amira.press(await amira.get("/"), "Send", text=f"note {'x' * 3000}")
    assert "3005 taken" in page.words
    assert "/" in page.links


async def test_a_script_gets_the_box_and_a_new_key_instead_of_a_page(place: Place) -> None:
    room = await place.incident()

    async def send(text: str) -> dict[str, object]:
        fields = {"room": room, "text": text, "nonce": "n"}
        headers = {"Origin": place.url, "X-Requested-With": "tocsin"}
        async with amira.session.post(f"{place.url}/lines", data=fields, headers=headers) as response:
            answer: dict[str, object] = await response.json()
            return answer

    async with place.visitor() as amira:
        told, posted = await send("/list"), await send("hello")
    assert told["ok"] is True
    assert "did list" in str(told["html"])
    assert told["nonce"] not in {"n", posted["nonce"]}
    assert posted["html"] == ""


async def test_an_incident_is_offered_as_the_way_on_unless_one_is_there_already(place: Place) -> None:
    room = await place.incident()
    place.inbox.answer = lambda line: Answer(ok=True, text="Done.", incident="INC-42")
    async with place.visitor() as amira:
        assert "Go to INC-42" in (await amira.press(await amira.get("/"), "Send", text="ack INC-42")).words
        here = await amira.press(await amira.get(f"/rooms/{room}"), "Send", text="/ack")
    assert "Go to INC-42" not in here.words


def card_of(line: Incoming) -> Answer:
    return Answer(ok=True, text="Which one?", card=Card("Two are open", "Two", actions=(Button("INC-1", "ack INC-1"),)))


async def test_a_card_in_an_answer_has_buttons_that_work(place: Place) -> None:
    place.inbox.answer = card_of
    async with place.visitor() as amira:
        page = await amira.press(await amira.get("/"), "Send", text="ack")
        await amira.press(page, "INC-1")
    assert [line.text for line in place.inbox.carried_out] == ["ack", "ack INC-1"]


@pytest.mark.parametrize(
    ("text", "is_alone", "command"),
    [
        ("hello", False, None),
        ("hello", True, "hello"),
        ("/ack", False, "ack"),
        ("/inc ack INC-2", False, "ack INC-2"),
        ("/INC ack", False, "ack"),
        ("/incident ack", False, "ack"),
        ("@tocsin ack", False, "ack"),
        ("@Tocsin: ack", False, "ack"),
        ("@tocsinette is nice", False, None),
        ("/inc", False, ""),
        ("/", False, ""),
        ("/ ack", False, "ack"),
        ("/var/log is full", False, None),
        ("//ack", False, None),
        ("/note see /var/log", False, "note see /var/log"),
        ("a / b", False, None),
    ],
)
def test_what_counts_as_a_command(text: str, is_alone: bool, command: str | None) -> None:
    assert command_in(text, is_alone=is_alone) == command


async def test_two_slashes_write_one(place: Place) -> None:
    room = await place.incident()
    async with place.visitor() as amira:
        await amira.press(await amira.get(f"/rooms/{room}"), "Send", text="//ack is the command")
    (said,) = await place.rooms.messages(room)
    assert said.content == {"text": "/ack is the command"}
