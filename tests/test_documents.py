"""What the documents name is there: files, verbs, variables, commands, addresses, metrics, and settings that load."""

import argparse
import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from bot.app import running
from bot.config.declared import every_variable
from bot.config.report import check_text
from bot.config.settings import Settings
from bot.metrics import Metrics
from bot.parts import Tocsin
from bot.verbs import VERBS
from handlers.registry import registry
from integrations.chat.discovery import declared
from integrations.chat.slack.ailments import AILMENTS
from integrations.chat.slack.needs import EVENTS, NEEDS
from integrations.chat.telegram.ailments import AILMENTS as TELEGRAM_AILMENTS
from integrations.sources.discovery import discover
from integrations.sources.installed import options_of
from tests.counterparts.program import free_port

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in DOCUMENTS}
WITH_ADDRESSES = ("README.md", "docs/operations.md", "docs/monitoring.md", "docs/rooms.md", "docs/api.md")

# Folders of a machine, which code in a document may name as well as an address.
FOLDERS = frozenset({"backups", "dev", "etc", "opt", "probe", "safe", "tmp", "var"})
# What a document may name though nothing answers there: addresses begin so.
BEGINNINGS = frozenset({"/api/v1", "/heartbeats", "/v2", "/webhooks"})
EXAMPLE = ROOT / "tocsin.example.yaml"


@pytest.fixture(params=sorted(NAMES))
def document(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Give each document's name and text."""
    return request.param, NAMES[request.param]


def blocks(text: str, *languages: str) -> Iterator[str]:
    """Return the fenced code of these languages; of all, if none is named."""
    for language, code in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if not languages or language in languages:
            yield code


def code_of(text: str) -> str:
    """Return all that stands in code, one piece a line."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks(text), *re.findall(r"`([^`\n]+)`", prose)])


def headings(path: Path) -> set[str]:
    """Return the anchors of a document, as forges make them of its headings."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_link_leads_to_a_file_and_a_heading_that_are_there(document: tuple[str, str]) -> None:
    name, text = document
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'<img src="([^"]+)"', text)
    broken = []
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (ROOT / name).parent / place if place else ROOT / name
        if not target.exists() or (anchor and anchor not in headings(target)):
            broken.append(link)
    assert broken == []


def test_the_index_lists_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link).resolve() for link in re.findall(r"\]\(([^)#\s]+)\)", NAMES["docs/README.md"])}
    assert {path for path in DOCUMENTS if path != index} <= linked


def test_nothing_that_grows_is_counted(document: tuple[str, str]) -> None:
    tens = "(?:twenty|thirty|forty)(?:-[a-z]+)?"
    number = rf"(?:\d+|{tens}|[a-z]+teen|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    counted = re.compile(
        rf"\b{number} (?:commands|questions|verbs|variables|metrics|sources|chats|documents)\b", re.IGNORECASE
    )
    assert counted.findall(document[1]) == []


def test_every_verb_of_the_command_line_is_there_and_takes_what_is_shown(document: tuple[str, str]) -> None:
    code = code_of(document[1])
    verbs = {verb.name: verb for verb in VERBS}
    # As the name of a user or an image, `tocsin` may stand before the program.
    named = set(re.findall(r"(?:^|(?<=[\s/]))tocsin (?=([a-z]+)\b)", code, re.MULTILINE)) - {"tocsin"}
    assert named <= set(verbs)
    for verb, given in re.findall(r"^tocsin ([a-z]+)(.*)$", code, re.MULTILINE):
        parser = argparse.ArgumentParser(exit_on_error=False)
        verbs[verb].arguments(parser)
        if given:
            parser.parse_args(shlex.split(given, comments=True))


def test_every_verb_and_every_command_is_told_to_who_comes_new() -> None:
    verbs = {verb.name for verb in VERBS}
    assert verbs <= set(re.findall(r"`(?:tocsin )?([a-z]+)`", NAMES["CHANGELOG.md"]))
    commands = {command.name for command in registry().commands}
    named = {registry().find(word) for word in re.findall(r"`/([a-z]+)\b", NAMES["README.md"])}
    assert commands <= {command.name for command in named if command is not None}


def test_every_picture_is_shown_somewhere() -> None:
    pictures = {path.name for path in (ROOT / "docs" / "pictures").glob("*.png")}
    assert {name for name in pictures if not any(f"pictures/{name}" in text for text in NAMES.values())} == set()


def test_every_task_of_make_is_there(document: tuple[str, str]) -> None:
    tasks = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", code_of(document[1]), re.MULTILINE)) <= tasks


def test_every_variable_is_one_that_tocsin_reads(document: tuple[str, str]) -> None:
    known = {variable.name for variable in every_variable(declared())}
    assert set(re.findall(r"\bTOCSIN_[A-Z_]*[A-Z]\b", document[1])) <= known


def test_every_metric_is_exposed(document: tuple[str, str]) -> None:
    exposed = set(re.findall(r"^# TYPE (\w+)", Metrics().text().decode(), re.MULTILINE))
    named = set(re.findall(r"\btocsin_(?!acting|session)[a-z]\w*_(?:total|seconds|waiting|dead)\b", document[1]))
    assert named <= exposed


def test_every_yaml_can_be_read(document: tuple[str, str]) -> None:
    for code in blocks(document[1], "yaml"):
        assert isinstance(yaml.safe_load(code), dict)


def test_what_is_shown_of_tocsin_yaml_loads_without_a_complaint(document: tuple[str, str], tmp_path: Path) -> None:
    whole = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    for code in blocks(document[1], "yaml"):
        if not code.startswith("# tocsin.yaml\n"):
            continue
        rest = {name: section for name, section in whole.items() if name not in yaml.safe_load(code)}
        path = tmp_path / "tocsin.yaml"
        path.write_text(code + yaml.safe_dump(rest), encoding="utf-8")
        env = dict.fromkeys(re.findall(r"env:(\w+)", path.read_text(encoding="utf-8")), "a-key-that-is-long-enough")
        exit_code, said = check_text(path, env, chats=declared(), kinds=options_of(discover()))
        assert (exit_code, said.splitlines()[0].partition(":")[0]) == (0, "This file can be used"), said


@pytest.mark.parametrize("name", ["README.md", "docs/sources/alertmanager.md"])
def test_what_is_shown_of_alertmanager_sends_to_a_webhook_of_tocsin(name: str) -> None:
    shown = [yaml.safe_load(code) for code in blocks(NAMES[name], "yaml") if code.startswith("# alertmanager.yml\n")]
    assert shown
    for config in shown:
        receivers = {receiver["name"]: receiver for receiver in config["receivers"]}
        [webhook] = receivers[config["route"]["receiver"]]["webhook_configs"]
        assert re.fullmatch(r"https?://[\w.:]+/webhooks/\w+", webhook["url"])
        assert webhook["send_resolved"] is True


def test_the_page_about_slack_has_each_ailment_with_its_remedy_and_each_call_with_its_scopes() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in NAMES["docs/slack.md"].splitlines()]
    ailments = [[ailment.what, ailment.remedy] for ailment in AILMENTS]
    calls = [
        [f"`{call}`", need.purpose, ", ".join(f"`{scope}`" for scope in need.scopes) or "–"]
        for call, need in NEEDS.items()
    ]
    assert [row for row in rows if row in ailments] == ailments
    assert [row for row in rows if row in calls] == calls
    assert len([row for row in rows if row[0].startswith("`") and "." in row[0] and len(row) == 3]) == len(calls)
    for event, scopes in EVENTS.items():
        assert f"`{event}` ({', '.join(f'`{scope}`' for scope in scopes)})" in NAMES["docs/slack.md"]


def test_the_page_about_telegram_has_each_ailment_with_its_remedy() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in NAMES["docs/telegram.md"].splitlines()]
    ailments = [[f"`{one.subject}`: {one.what}", one.remedy] for one in TELEGRAM_AILMENTS]
    assert [row for row in rows if row[0].startswith("`telegram ")] == ailments


@pytest.fixture
async def tocsin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tocsin]:
    """Give a Tocsin as `make run` starts it: without a configuration, on loopback."""
    monkeypatch.chdir(tmp_path)
    env = {
        "TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/tocsin.sqlite3",
        "TOCSIN_LISTEN": f"127.0.0.1:{free_port()}",
    }
    async with running(Settings.from_environment(env), env=env) as started:
        yield started


def addresses(text: str) -> set[str]:
    """Return every path on Tocsin that a document names in code."""
    code = code_of(text)
    spans = re.findall(r"^(?:GET |POST )?(/[^\s?]*)$", code, re.MULTILINE)
    urls = re.findall(r"https?://(?:127\.0\.0\.1:8080|tocsin\.example)(/[^\s\"'?]*)", code)
    verbs = {verb for command in registry().commands for verb in (command.name, *command.aliases)} | {"inc"}
    paths = {path.rstrip("/") or "/" for path in (*spans, *urls)}
    return {path for path in paths if path.split("/")[1] not in verbs | FOLDERS}


async def test_every_address_is_served(tocsin: Tocsin) -> None:
    named = {(name, path) for name in WITH_ADDRESSES for path in addresses(NAMES[name]) if path not in BEGINNINGS}
    assert {path for _, path in named} >= {"/healthz", "/readyz", "/metrics", "/webhooks/generic"}
    unserved = set()
    async with aiohttp.ClientSession(tocsin.url) as session:
        for name, path in sorted(named):
            # The page about the API writes its addresses without their beginning.
            whole = path if name != "docs/api.md" or path.startswith("/api/v1") else f"/api/v1{path}"
            # A method that nobody handles: 405 where there is something at that address, 404 where there is nothing.
            async with session.options(whole.replace("{id}", "id")) as response:
                if response.status != 405:
                    unserved.add((name, path))
    assert unserved == set()


async def test_the_first_alert_of_the_readme_opens_an_incident_and_calls_somebody(tocsin: Tocsin) -> None:
    [line] = [code for code in blocks(NAMES["README.md"], "sh") if "curl" in code]
    words = shlex.split(line.replace("\\\n", " "))
    [address] = [word for word in words if word.startswith("http://127.0.0.1:8080/")]
    body = json.loads(words[words.index("-d") + 1])
    async with aiohttp.ClientSession(tocsin.url) as session:
        async with session.post(address.removeprefix("http://127.0.0.1:8080"), json=body) as response:
            assert response.status == 202
        pages: list[dict[str, Any]] = []
        async with asyncio.timeout(60):
            while not pages:
                await asyncio.sleep(0.05)
                async with session.get("/api/v1/incidents/INC-1") as response:
                    pages = (await response.json()).get("pages", [])
    assert [page["person"] for page in pages] == ["me"]
