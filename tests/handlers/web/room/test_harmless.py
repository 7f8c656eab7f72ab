"""Whatever people and machines write is shown as text and does nothing."""

from dataclasses import replace

import pytest

from bot.domain.cards import Button, Card, Field
from bot.domain.forms import Form, Option, Question, QuestionKind
from bot.ports.chat import Answer
from handlers.web.room.artist import initials, linked
from tests.builders import a_person
from tests.handlers.web.room.visiting import Page, Place

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"


def is_harmless(page: Page) -> bool:
    scripts = {tag.get("src", "").partition("?")[0] for tag in page.tags("script")}
    allowed = {"/static/send.js", "/static/line.js", "/static/live.js"}
    handlers = [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    styles = [name for _, attributes in page.elements for name in attributes if name == "style"]
    return scripts <= allowed and not handlers and not styles and not page.tags("img") and "49" not in page.words


async def test_in_messages_cards_names_and_titles(place: Place) -> None:
    org = place.organisations[-1]
    people = (replace(a_person("amira"), name=EVIL), *org.people[1:])
    place.organisations.append(replace(org, name=EVIL, people=people))
    room = await place.incident(title=EVIL)
    button = Button(EVIL, EVIL, confirm=EVIL)
    await place.say(room, Card(EVIL, EVIL, fields=(Field(EVIL, EVIL),), body=EVIL, actions=(button,)), pinned=True)
    await place.say(room, Card(EVIL, EVIL, actions=(button,)), loud=True)
    await place.rooms.set_topic(room, EVIL)
    place.inbox.answer = lambda line: Answer(ok=False, text=EVIL)
    async with place.visitor() as amira:
        await amira.press(await amira.get(f"/rooms/{room}"), "Send", text=EVIL)
        page = await amira.get(f"/rooms/{room}")
        assert EVIL in page.words
        assert is_harmless(page)
        for form in page.forms:
            if form.button == EVIL:
                assert is_harmless(await amira.post(form.action, form.fields))
                assert is_harmless(await amira.post(form.action, form.fields | {"sure": "yes"}))
        assert is_harmless(await amira.get("/"))


async def test_in_forms(place: Place) -> None:
    choice = Question("choice", EVIL, QuestionKind.CHOICE, options=(Option(EVIL, EVIL),), value=EVIL, hint=EVIL)
    questions = (
        choice,
        Question("text", EVIL, QuestionKind.PARAGRAPH, value=f"</textarea>{EVIL}"),
        Question("l", EVIL),
    )
    form = Form(EVIL, EVIL, questions, EVIL)
    place.inbox.answer = lambda line: Answer(
        ok=not line.text.startswith(EVIL), text=EVIL, form=form, errors=(("choice", EVIL),)
    )
    async with place.visitor() as amira:
        page = await amira.press(await amira.get("/"), "Send", text="go")
        assert is_harmless(page)
        again = await amira.press(page, EVIL, **{"answer-choice": EVIL, "answer-text": EVIL, "answer-l": EVIL})
    assert again.status == 422
    assert is_harmless(again)


async def test_in_the_stream(place: Place) -> None:
    room = await place.incident()
    await place.say(room, EVIL)
    await place.say(room, f"a\r\n\r\nevent: call\ndata: {EVIL}")
    async with place.visitor() as amira:
        response = await amira.session.get(f"{place.url}/rooms/{room}/events?after=0.0")
        lines = []
        async for raw in response.content:
            lines.append(raw.decode())
            if raw.startswith(b"event: mark"):
                break
        response.close()
    assert not [line for line in lines if line.startswith("event: call")]
    assert "<script>" not in "".join(lines)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("see https://a.example/x?y=1&z=2.", 'href="https://a.example/x?y=1&amp;z=2"'),
        ('https://a.example/"onmouseover="alert(1)', 'href="https://a.example/" rel'),
        ("<https://a.example>", "&lt;<a href"),
        ("(https://a.example/b)", 'href="https://a.example/b"'),
        ("like INC-42.", '<a href="/incidents/INC-42">INC-42</a>.'),
        ("https://a.example/INC-42", 'href="https://a.example/INC-42"'),
    ],
)
def test_only_the_address_becomes_a_link(text: str, html: str) -> None:
    assert html in linked(text)


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "https://", "ftp://a.example", "plain", "XINC-42", "INC-"]
)
def test_what_is_no_web_address_becomes_no_link(text: str) -> None:
    assert "<a" not in linked(text)


def test_a_text_with_links_still_says_every_character() -> None:
    assert linked("a <b> https://a.example, c").striptags() == "a <b> https://a.example, c"


@pytest.mark.parametrize(
    ("name", "letters"), [("amira", "AM"), ("dina.karim", "DK"), ("x", "X"), ("!!", "?"), ("علي", "عل")]
)
def test_a_face_has_letters(name: str, letters: str) -> None:
    assert initials(name) == letters
