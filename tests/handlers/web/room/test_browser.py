"""The pages in a real browser, driven as people do: with a keyboard, on a phone, beside others, without a script."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.domain.access import SYSTEM
from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.domain.incident import Incident
from bot.domain.severity import Severity
from bot.ports.chat import Answer
from bot.ports.store import DEFAULT_TENANT
from handlers.cards import incident_card
from handlers.router import Router
from tests.handlers.web.room.visiting import Place, visiting

pytestmark = pytest.mark.counterpart

CARD = Card(
    "SEV2 · INC-42 · Gateway answers slowly",
    "Gateway answers slowly – triage",
    tone=Tone.ALARM,
    fields=(
        Field("Status", "triage"),
        Field("Commander", "nobody yet"),
        Field("Opened", "Wed 7 Jan 2026, 03:00 UTC+4"),
    ),
    actions=(
        Button("Acknowledge", "ack INC-42", Weight.PRIMARY, version=1),
        Button("Severity", "sev INC-42", version=1),
        Button("Resolve", "resolve INC-42 Restarted it", Weight.DANGER, confirm="Resolve INC-42?", version=1),
    ),
)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@asynccontextmanager
async def somebody(browser: Browser, place: Place, name: str, **options: Any) -> AsyncIterator[Page]:
    """A person's browser. Whatever it complains about, such as a breach of the content policy, fails the test."""
    context = await browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce", **options)
    await context.add_cookies([{"name": "tocsin_acting", "value": f"p-{name}", "url": place.url}])
    page = await context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert not complaints


@pytest_asyncio.fixture
async def real(folder: Path) -> AsyncIterator[Place]:
    """The pages with the real router behind them."""
    routers: list[Router] = []

    def router(desk: Any) -> Router:
        routers.append(Router(desk))
        return routers[0]

    async with visiting(folder, inbox=router) as place:
        yield place
        await routers[0].drain()


async def stored(place: Place) -> Incident:
    async with place.store.read(DEFAULT_TENANT) as unit:
        incident = await unit.incidents.by_number(42, SYSTEM)
    assert incident is not None
    return incident


async def test_a_command_is_completed_by_keyboard_and_answered_to_its_author_alone(
    real: Place, browser: Browser
) -> None:
    room = await real.incident()
    async with somebody(browser, real, "omar") as omar, somebody(browser, real, "lina") as lina:
        await omar.goto(f"{real.url}/rooms/{room}")
        await lina.goto(f"{real.url}/rooms/{room}")
        line = omar.locator("#text")
        await line.press_sequentially("/ac")
        await expect(omar.locator("#offers li").first).to_contain_text("/ack")
        await line.press("ArrowDown")
        await expect(omar.locator("#offers li").first).to_have_attribute("aria-selected", "true")
        await line.press("Enter")
        await expect(line).to_have_value("/ack ")
        await line.press("Enter")
        await expect(omar.locator("#answer")).to_contain_text("You have INC-42.")
        await expect(line).to_have_value("")
        await omar.locator("#answer").get_by_text("Close").click()
        await expect(omar.locator("#answer")).to_be_empty()
        await expect(line).to_be_focused()
        await expect(lina.locator("#answer")).to_be_empty()
    assert (await stored(real)).acknowledged_by == "p-omar"


async def test_people_services_and_incidents_are_completed_where_they_fit(real: Place, browser: Browser) -> None:
    room = await real.incident()
    async with somebody(browser, real, "omar") as omar:
        await omar.goto(f"{real.url}/rooms/{room}")
        line, offers = omar.locator("#text"), omar.locator("#offers li")
        for typed, offered in (
            ("@am", "@amira"),
            ("/page @li", "@lina"),
            ("/list infer", "inference-gateway"),
            ("see #4", "INC-42"),
        ):
            await line.fill("")
            await line.press_sequentially(typed)
            await expect(offers.first).to_contain_text(offered)
        await offers.first.click()
        await expect(line).to_have_value("see INC-42 ")
        await line.fill("no command, no name")
        await expect(offers).to_have_count(0)


async def test_a_button_acts_and_a_form_is_filled_in(real: Place, browser: Browser) -> None:
    room = await real.incident()
    await real.say(room, CARD, pinned=True)
    async with somebody(browser, real, "omar") as omar:
        await omar.goto(f"{real.url}/rooms/{room}")
        await omar.locator("#pinned").get_by_role("button", name="Severity").click()
        form = omar.locator("#answer form")
        await expect(form.locator("select").first).to_be_focused()
        await form.locator("select").first.select_option("SEV1")
        await form.get_by_role("button").first.click()
        await expect(omar.locator("#answer")).to_contain_text("INC-42 is SEV1 now")
    assert (await stored(real)).severity is Severity.SEV1


async def test_a_refused_line_stays_to_be_corrected_until_it_is_said_another_way(real: Place, browser: Browser) -> None:
    room = await real.incident()
    await real.say(room, CARD, pinned=True)
    async with somebody(browser, real, "omar") as omar:
        await omar.goto(f"{real.url}/rooms/{room}")
        line = omar.locator("#text")
        await line.fill("/sev 9")
        await line.press("Enter")
        await expect(omar.locator("#answer")).to_contain_text("Only you see this")
        await omar.locator("#pinned").get_by_role("button", name="Severity").click()
        form = omar.locator("#answer form")
        await form.locator("select").first.select_option("SEV1")
        await expect(line).to_have_value("/sev 9")
        await form.get_by_role("button").first.click()
        await expect(omar.locator("#answer")).to_contain_text("INC-42 is SEV1 now")
        await expect(line).to_have_value("")
        await line.fill("what I was about to say")
        await omar.locator("#pinned").get_by_role("button", name="Acknowledge").click()
        await expect(omar.locator("#answer")).to_contain_text("You have INC-42.")
        await expect(line).to_have_value("what I was about to say")


async def test_a_message_appears_at_once_on_everybodys_page(real: Place, browser: Browser) -> None:
    room = await real.incident()
    async with somebody(browser, real, "amira") as amira, somebody(browser, real, "omar") as omar:
        await amira.goto(f"{real.url}/rooms/{room}")
        await omar.goto(f"{real.url}/rooms/{room}")
        await omar.locator("#text").fill("The queue grows <b>fast</b>")
        await omar.locator("#text").press("Enter")
        for page in (amira, omar):
            message = page.locator("#messages li")
            await expect(message).to_have_count(1)
            await expect(message).to_contain_text("The queue grows <b>fast</b>")
            await expect(message).to_contain_text("omar")
        await real.say(room, CARD, pinned=True)
        await expect(amira.locator("#pinned")).to_contain_text("nobody yet")
        button = amira.locator("#pinned").get_by_role("button", name="Severity")
        await button.focus()
        changed = replace(CARD, fields=(Field("Commander", "omar"),))
        card = next(message.id for message in await real.rooms.messages(room) if message.is_pinned)
        await real.edit(room, card, changed)
        await expect(amira.locator("#pinned")).to_contain_text("omar")
        await expect(button).to_be_focused()


async def test_a_double_click_runs_once(place: Place, browser: Browser) -> None:
    room = await place.incident()
    await place.say(room, CARD, pinned=True)
    async with somebody(browser, place, "omar") as omar:
        await omar.goto(f"{place.url}/rooms/{room}")
        await omar.get_by_role("button", name="Acknowledge").dblclick()
        await expect(omar.locator("#answer")).to_contain_text("did ack INC-42")
    assert [line.text for line in place.inbox.carried_out] == ["ack INC-42"]


async def test_what_cannot_be_undone_is_asked_in_a_dialog(place: Place, browser: Browser) -> None:
    room = await place.incident()
    await place.say(room, CARD, pinned=True)
    async with somebody(browser, place, "omar") as omar:
        await omar.goto(f"{place.url}/rooms/{room}")
        resolve = omar.get_by_role("button", name="Resolve")
        await resolve.click()
        dialog = omar.get_by_role("dialog")
        await expect(dialog).to_contain_text("Resolve INC-42?")
        await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        await omar.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        assert place.inbox.carried_out == []
        await resolve.click()
        await dialog.get_by_role("button", name="Yes, do it").click()
        await expect(omar.locator("#answer")).to_contain_text("did resolve INC-42")
    assert len(place.inbox.carried_out) == 1


async def test_a_call_shows_on_whatever_page_its_person_has_open(place: Place, browser: Browser) -> None:
    room = await place.incident()
    async with somebody(browser, place, "omar") as omar, somebody(browser, place, "lina") as lina:
        await omar.goto(f"{place.url}/rooms/{room}")
        await lina.goto(f"{place.url}/")
        await place.call("p-omar", Card("Called", "You are needed in INC-42", actions=(CARD.actions[0],)), "i-42")
        call = omar.get_by_role("alert").get_by_role("region", name="You are called")
        await expect(call).to_contain_text("You are needed in INC-42")
        await expect(omar).to_have_title(re.compile("^🔔"))
        await expect(omar.locator("#rooms")).to_contain_text("1 call")
        await call.get_by_role("button", name="Acknowledge").click()
        await expect(call).to_have_count(0)
        await expect(lina.get_by_role("alert")).to_be_empty()
    assert [line.text for line in place.inbox.carried_out] == ["ack INC-42"]


async def test_with_the_keyboard_alone(place: Place, browser: Browser) -> None:
    await place.incident()
    async with somebody(browser, place, "omar") as omar:
        await omar.goto(f"{place.url}/")
        await omar.keyboard.press("Tab")
        await expect(omar.get_by_role("link", name="Skip to the content")).to_be_focused()
        await omar.keyboard.press("Enter")
        await omar.keyboard.press("Tab")
        await expect(omar.get_by_role("button", name="Declare an incident")).to_be_focused()
        await omar.keyboard.press("?")
        await expect(omar.get_by_role("dialog")).to_contain_text("/ack")
        await omar.keyboard.press("Escape")
        await expect(omar.get_by_role("dialog")).to_be_hidden()
        await expect(omar.get_by_role("button", name="Declare an incident")).to_be_focused()


async def test_everything_fits_and_can_be_read_on_every_width_by_day_and_night(place: Place, browser: Browser) -> None:
    room = await place.incident(title="Gateway " + "x" * 120)
    await place.incident(43, severity=Severity.SEV3, title="Feature store lags", group_key="g")
    await place.say(room, CARD, pinned=True)
    await place.say(room, replace(CARD, title="y" * 150, fields=(Field("Runbook", f"https://a.example/{'z' * 200}"),)))
    await place.say(room, "w" * 400, loud=True)
    await place.call("p-omar", "You are called")
    place.inbox.answer = lambda line: Answer(ok=False, text="No. " + "v" * 300)
    async with somebody(browser, place, "omar") as omar:
        for path in (f"/rooms/{room}", "/", "/help"):
            await omar.goto(f"{place.url}{path}")
            if path != "/help":
                await omar.locator("#text").fill("/list")
                await omar.locator("#text").press("Enter")
                await omar.locator(".told").wait_for()
            for width in (360, 820, 1280):
                await omar.set_viewport_size({"width": width, "height": 740})
                assert await omar.evaluate("document.documentElement.scrollWidth") <= width
            for scheme in SCHEMES:
                await omar.emulate_media(color_scheme=scheme)
                assert await omar.evaluate(CONTRAST) == []
        await omar.evaluate("document.querySelector('h1').style.color = '#333'")
        assert await omar.evaluate(CONTRAST) != []


@pytest.mark.parametrize(("width", "height"), [(375, 700), (1200, 900)])
async def test_where_the_card_is_above_the_talk_it_is_folded_but_its_buttons_are_at_hand(
    real: Place, browser: Browser, width: int, height: int
) -> None:
    room = await real.incident()
    card = incident_card(await stored(real), real.desk.organisation(), real.desk.speech(None))
    await real.say(room, card, pinned=True)
    async with somebody(browser, real, "omar", viewport={"width": width, "height": height}) as omar:
        await omar.goto(f"{real.url}/rooms/{room}")
        pinned = omar.locator("#pinned")
        await expect(pinned.get_by_role("button", name="Acknowledge")).to_be_in_viewport(ratio=1)
        await expect(omar.locator("#text")).to_be_in_viewport(ratio=1)
        await expect(pinned.get_by_text("nobody yet").first).to_be_hidden()
        await pinned.get_by_text("State of the incident").click()
        await expect(pinned.get_by_text("nobody yet").first).to_be_visible()
        await pinned.get_by_role("button", name="Acknowledge").click()
        await expect(omar.locator("#answer")).to_contain_text("You have INC-42.")
    assert (await stored(real)).acknowledged_by == "p-omar"


async def test_without_a_script_the_whole_way_is_there(real: Place, browser: Browser) -> None:
    room = await real.incident()
    await real.say(room, CARD, pinned=True)
    async with somebody(browser, real, "omar", java_script_enabled=False) as omar:
        await omar.goto(f"{real.url}/")
        await omar.get_by_role("link", name="Gateway answers slowly").click()
        await omar.locator("#text").fill("Looking.")
        await omar.get_by_role("button", name="Send").click()
        await expect(omar.locator("#messages")).to_contain_text("Looking.")
        await omar.get_by_role("button", name="Acknowledge").click()
        await expect(omar.locator("#answer")).to_contain_text("You have INC-42.")
        await omar.get_by_role("button", name="Resolve").click()
        await expect(omar.get_by_role("main")).to_contain_text("Resolve INC-42?")
        await omar.get_by_role("link", name="Cancel").click()
        await omar.get_by_role("link", name="Commands").click()
        await expect(omar.get_by_role("main")).to_contain_text("/ack")
    assert (await stored(real)).acknowledged_by == "p-omar"


async def test_a_closed_tab_that_comes_back_shows_what_happened_meanwhile(place: Place, browser: Browser) -> None:
    room = await place.incident()
    async with somebody(browser, place, "omar") as omar:
        await omar.goto(f"{place.url}/rooms/{room}")
        await omar.goto("about:blank")
        await place.say(room, "Meanwhile.")
        await omar.go_back()
        await expect(omar.locator("#messages")).to_contain_text("Meanwhile.")
