"""From a rule that fires in a real Prometheus to a follow-up that is remembered, in a real browser."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from bot.app import running
from bot.clock import SteeredClock
from bot.config.settings import Settings
from bot.parts import Tocsin
from tests.counterparts.alertmanager import StartAlertmanager
from tests.counterparts.program import free_port, until
from tests.counterparts.prometheus import StartPrometheus
from tests.counterparts.tocsin import ORGANISATION
from tests.journeys.gauge import RULES, Gauge, scraped, to_tocsin

PICTURES = os.environ.get("TOCSIN_PICTURES")
"""A folder: pictures of what a person sees on the way are put there."""


@pytest.fixture
async def gauge() -> AsyncIterator[Gauge]:
    """Give a metric that Prometheus can scrape."""
    async with scraped() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/proof.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[tuple[Tocsin, SteeredClock]]:
    """Give the whole bot in this process, on each database, with a clock that the test may move."""
    config = tmp_path / "tocsin.yaml"
    config.write_text(ORGANISATION)
    env = {
        "TOCSIN_CONFIG": str(config),
        "TOCSIN_DATABASE_URL": database,
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
    }
    steered: list[SteeredClock] = []

    def steer(clock: Any) -> SteeredClock:
        steered.append(SteeredClock(clock))
        return steered[0]

    async with running(Settings.from_environment(env), steer=steer) as tocsin:
        yield tocsin, steered[0]


class Api:
    """Reads what an outsider can read."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def get(self, path: str) -> dict[str, Any]:
        """Fetch from the API."""
        async with aiohttp.ClientSession() as session, session.get(f"{self._url}/api/v1{path}") as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def incident(self) -> dict[str, Any]:
        """Fetch the only incident, whole."""
        return await self.get("/incidents/INC-1")


async def type_line(page: Page, line: str) -> None:
    """Type into the room's command line as a person would."""
    box = page.locator("#text")
    await box.fill(line)
    await box.press("Enter")


async def picture(page: Page, name: str) -> None:
    """Take a picture of what the person sees, when someone wants to look."""
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


async def test_a_rule_fires_and_the_team_resolves_it_in_the_browser(
    house: tuple[Tocsin, SteeredClock],
    gauge: Gauge,
    prometheus: StartPrometheus,
    alertmanager: StartAlertmanager,
    chromium: Page,
) -> None:
    tocsin, clock = house
    api = Api(tocsin.url)
    am = await alertmanager(to_tocsin(tocsin.url))
    await prometheus(rules=RULES, alertmanager=am, targets=[gauge.address])

    gauge.value = 250
    await until(lambda: _has_incident(api))
    incident = await api.incident()
    assert (incident["severity"], incident["service"]) == ("SEV4", "inference-gateway")
    await until(lambda: _paged(api, "amira"))

    clock.forward(timedelta(minutes=5, seconds=1))
    await until(lambda: _paged(api, "omar"))

    await chromium.goto(tocsin.url)
    await picture(chromium, "1-rooms")
    await chromium.get_by_role("link", name="INC-1").first.click()
    await picture(chromium, "2-room")
    await chromium.get_by_role("button", name="Acknowledge").first.click()
    await expect(chromium.get_by_text("acknowledged").first).to_be_visible()
    await until(lambda: _acknowledged(api))

    await type_line(chromium, "/inc sev 2 customers see timeouts")
    await until(lambda: _has_kind(api, "severity_changed"))
    await type_line(chromium, "/inc assign @amira")
    await until(lambda: _has_kind(api, "role_assigned"))
    await type_line(chromium, "/inc note rolled the gateway back to the last build")
    await until(lambda: _has_kind(api, "note"))
    await type_line(chromium, "/inc followup in 1h raise the queue alert threshold")
    await until(lambda: _has_kind(api, "followup_added"))
    await picture(chromium, "3-worked")

    gauge.value = 0
    await until(lambda: _has_kind(api, "all_quiet"))
    await type_line(chromium, "/inc resolve the old build serves again")
    await until(lambda: _has_status(api, "resolved"))
    await picture(chromium, "4-resolved")

    clock.forward(timedelta(hours=1))
    await until(lambda: _has_kind(api, "followup_reminded"))

    whole = await api.incident()
    assert whole["roles"] == {"commander": "amira"}
    assert whole["severity"] == "SEV2"
    assert [room["chat"] for room in whole["rooms"]] == ["room"]
    assert {page["person"] for page in whole["pages"]} == {"amira", "omar"}
    assert [followup["text"] for followup in whole["followups"]] == ["raise the queue alert threshold"]
    kinds = [event["kind"] for event in whole["timeline"]]
    expected = ["opened_by_alert", "paged", "paged", "acknowledged", "severity_changed", "role_assigned", "note"]
    expected += ["followup_added", "alerts_resolved", "all_quiet", "status_changed"]
    expected += ["postmortem_opened", "followup_reminded"]
    assert kinds == expected
    assert all(event["text"] for event in whole["timeline"])
    [alert] = (await api.get("/alerts?state=all"))["items"]
    assert (alert["state"], alert["incident"]) == ("resolved", "INC-1")


async def _has_incident(api: Api) -> bool:
    return bool((await api.get("/incidents?status=open"))["items"])


async def _paged(api: Api, person: str) -> bool:
    pages = (await api.incident())["pages"]
    return any(page["person"] == person and page["state"] == "sent" for page in pages)


async def _acknowledged(api: Api) -> bool:
    incident = await api.incident()
    return incident["acknowledged_at"] is not None and incident["status"] == "investigating"


async def _has_status(api: Api, status: str) -> bool:
    return bool((await api.incident())["status"] == status)


async def _has_kind(api: Api, kind: str) -> bool:
    await asyncio.sleep(0)
    return any(event["kind"] == kind for event in (await api.incident())["timeline"])
