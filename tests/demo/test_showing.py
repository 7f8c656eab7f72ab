"""`tocsin demo` as a newcomer meets it: a real process, its doors, its room in a browser, and its end."""

import contextlib
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.wording.sentences.demo import SENTENCES
from tests.counterparts.program import Program, becomes_ready, free_port, until
from tests.counterparts.tocsin import REPOSITORY, Tocsin

WITHIN_MS = 60_000
HINTS = ("Hint: press Acknowledge", "Hint: it is yours now", "Hint: all alerts are over")


@dataclass(slots=True)
class Demo(Tocsin):
    """The demo, in a folder of the newcomer's, with a folder for temporary files of its own."""

    temporary: Path = field(default_factory=Path)

    async def start(self) -> None:
        self.temporary = self.folder.parent / "temporary"
        self.temporary.mkdir()
        env = {"PYTHONPATH": str(REPOSITORY), "TMPDIR": str(self.temporary), **self.env}
        log = self.folder.parent / "demo.log"
        self.program = Program([sys.executable, "-m", "bot", "demo"], self.folder, log, env=env)
        self.program.start()

        async def has_said_where() -> bool:
            assert self.program is not None
            assert self.program.is_running, self.program.says()
            return "Open http" in self.says

        await until(has_said_where)
        found = re.search(r"Open (http://127\.0\.0\.1:\d+) ", self.says)
        assert found is not None
        self.url = found[1]
        assert await becomes_ready(self.program, f"{self.url}/readyz"), self.says

    @property
    def says(self) -> str:
        """What stands in the newcomer's terminal."""
        assert self.program is not None
        return self.program.says()

    async def called(self) -> list[str]:
        """Who has been called by now, in order."""
        for incident in (await self.get("/incidents?status=all"))["items"]:
            pages = (await self.get(f"/incidents/{incident['ref']}"))["pages"]
            sent = [page for page in pages if page["sent_at"] is not None]
            return [page["person"] for page in sorted(sent, key=lambda page: str(page["sent_at"]))]
        return []

    async def becomes(self, holds: Callable[[list[str]], bool]) -> None:
        """Wait until a claim holds of who was called."""

        async def held() -> bool:
            return holds(await self.called())

        await until(held)

    def ends(self, how: signal.Signals) -> int | None:
        """End it; returns its exit code."""
        assert self.program is not None
        return self.program.stop(how)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    folder = tmp_path / "newcomer"
    folder.mkdir()
    made = Demo(folder)
    yield made
    made.stop(signal.SIGKILL)


async def test_an_incident_opens_calls_a_colleague_and_then_the_newcomer(demo: Demo) -> None:
    await demo.start()

    await demo.becomes(lambda called: called == ["mira", "robin"])

    incident = await demo.get("/incidents/INC-1")
    assert (incident["service"], incident["severity"]) == ("inference-gateway", "SEV2")
    assert [page["step"] for page in incident["pages"]] == [1, 2]


async def test_a_mild_alert_opens_no_incident_and_a_second_one_of_the_group_joins(demo: Demo) -> None:
    await demo.start()

    async def all_are_there() -> bool:
        return len((await demo.get("/alerts?state=all"))["items"]) == 3

    await until(all_are_there)

    alerts = (await demo.get("/alerts?state=all"))["items"]
    assert {(alert["labels"]["service"], alert["incident"]) for alert in alerts} == {
        ("inference-gateway", "INC-1"),
        ("feature-store", None),
    }
    assert (await demo.get("/deliveries?state=quarantined"))["items"] == []


async def test_a_newcomer_is_led_from_the_first_page_to_the_end_and_told_each_hint_once(
    demo: Demo, chromium: Page
) -> None:
    await demo.start()
    messages = chromium.locator("#messages")

    await chromium.goto(demo.url)
    await chromium.get_by_role("link", name="INC-1").first.click()
    await expect(messages).to_contain_text(HINTS[0], timeout=WITHIN_MS)
    await chromium.get_by_role("button", name="Acknowledge").first.click()
    await expect(messages).to_contain_text("robin has it: nobody else is called.", timeout=WITHIN_MS)
    await expect(messages).to_contain_text(HINTS[1], timeout=WITHIN_MS)
    await expect(messages).to_contain_text(HINTS[2], timeout=WITHIN_MS)
    assert (await demo.command("robin", "resolve INC-1 we took it back"))["ok"]
    incident = await demo.get("/incidents/INC-1")
    last = "Hint: it is over" if incident["postmortem"] is None else "Hint: now the postmortem"
    await expect(messages).to_contain_text(last, timeout=WITHIN_MS)

    room = await messages.inner_text()
    for hint in (*HINTS, last):
        assert room.count(hint) == 1
        assert demo.says.count(hint) == 1


async def test_every_line_that_a_hint_proposes_can_be_written_as_it_stands(demo: Demo) -> None:
    await demo.start()
    await demo.becomes(lambda called: "robin" in called)
    hints = [str(sentence) for key, sentence in SENTENCES.items() if key.startswith("demo.hint.")]
    lines = [line for hint in hints for line in re.findall(r"“/([^”]+)”", hint)]
    assert len(lines) > 5

    answers = [
        await demo.command("robin", line.replace("{ref}", "INC-1"), room="INC-1") for line in ("ack INC-1", *lines)
    ]

    assert [answer["reply"] for answer in answers if not answer["ok"]] == []


async def test_who_answers_before_being_called_is_not_told_to_answer(demo: Demo) -> None:
    await demo.start()
    await demo.becomes(lambda called: "mira" in called)
    await demo.command("robin", "ack INC-1")

    async def is_hinted() -> bool:
        return HINTS[1] in demo.says

    await until(is_hinted)

    assert "robin" in await demo.called() or HINTS[0] not in demo.says


async def test_resolving_at_once_is_not_undone_by_the_reports_that_follow(demo: Demo) -> None:
    await demo.start()
    await demo.becomes(lambda called: "robin" in called)
    await demo.command("robin", "resolve INC-1 we took it back")

    async def all_are_over() -> bool:
        alerts = await demo.get("/alerts?state=resolved")
        return len(alerts["items"]) == 2

    await until(all_are_over)

    assert (await demo.get("/incidents/INC-1"))["status"] == "resolved"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_when_it_ends_nothing_is_left_of_it(demo: Demo, how: signal.Signals) -> None:
    await demo.start()
    assert list(demo.temporary.glob("tocsin-demo-*"))

    code = demo.ends(how)

    assert code == 0
    assert list(demo.temporary.iterdir()) == []
    assert list(demo.folder.iterdir()) == []


async def test_a_port_that_is_taken_is_told_of_and_another_one_is_used(demo: Demo) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # someone else has it: as good
            other.bind(("127.0.0.1", 8080))
            other.listen()
        await demo.start()

        assert not demo.url.endswith(":8080")
        assert "Port 8080 is in use" in demo.says


async def test_it_is_on_the_port_that_is_asked_for_and_for_this_machine_only(demo: Demo) -> None:
    port = free_port()
    demo.env = {"TOCSIN_LISTEN": f"0.0.0.0:{port}"}
    await demo.start()

    assert demo.url == f"http://127.0.0.1:{port}"
    assert "is in use" not in demo.says


async def test_the_newcomers_own_configuration_database_and_tokens_are_left_alone(demo: Demo) -> None:
    (demo.folder / "tocsin.yaml").write_text("this is: [not one of ours")
    demo.env = {
        "TOCSIN_CONFIG": "elsewhere.yaml",
        "TOCSIN_DATABASE_URL": f"sqlite:///{demo.folder}/mine.sqlite3",
        "TOCSIN_SLACK_BOT_TOKEN": "xoxb-not-a-token",
        "TOCSIN_TELEGRAM_BOT_TOKEN": "malformed",
    }

    await demo.start()
    await demo.becomes(lambda called: "mira" in called)

    async def has_a_room() -> bool:
        return bool((await demo.get("/incidents/INC-1"))["rooms"])

    await until(has_a_room)
    incident = await demo.get("/incidents/INC-1")
    assert [room["chat"] for room in incident["rooms"]] == ["room"]
    assert demo.ends(signal.SIGINT) == 0
    assert [path.name for path in demo.folder.iterdir()] == ["tocsin.yaml"]
    assert (demo.folder / "tocsin.yaml").read_text() == "this is: [not one of ours"
