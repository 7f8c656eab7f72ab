"""What is said of Telegram's settings stands on its page, with the way out."""

import re
from pathlib import Path

import pytest

from bot.config.report import inspect
from tests.config.files import CHATS, EXAMPLE

TOKEN = {"TOCSIN_TELEGRAM_BOT_TOKEN": "123456:ABC"}
FILE = """\
chat:
  telegram: {CHAT}
people:
  - {name: amira, access: admin, PERSON}
  - {name: omar, telegram: 2222}
policies: [{name: all, steps: [{page: ["person:amira"]}]}]
"""
ENVIRONMENTS = (
    {"TOCSIN_TELEGRAM_BOT_TOKEN": "ABC"},
    {**TOKEN, "TOCSIN_TELEGRAM_WEBHOOK_SECRET": "a b"},
    {"TOCSIN_TELEGRAM_WEBHOOK_SECRET": "a"},
    {**TOKEN, "TOCSIN_TELEGRAM_API_URL": "api.telegram.org"},
    {**TOKEN, "TOCSIN_TELEGRAM_API_URL": "https://me:pw@bots.example"},
    {**TOKEN, "TOCSIN_TELEGRAM_API_URL": "https://bots.example?a=b"},
)
FILES = (
    ("`forum`", "forum: incidents", "telegram: 1111"),
    ("`per_minute`", "per_minute: often", "telegram: 1111"),
    ("`telegram` of a person", "", "telegram: '@amira'"),
    ("`telegram` of a person", "", "telegram: 2222"),
    ("`chat.telegram`", "group: -1001", "telegram: 1111"),
)


def rows() -> list[list[str]]:
    """Return the rows of the page's table about settings."""
    page = (EXAMPLE.parent / "docs" / "telegram.md").read_text(encoding="utf-8")
    [section] = re.findall(r"## What is said of wrong settings\n(.*?)\n## ", page, re.DOTALL)
    table = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def said(path: Path, env: dict[str, str], chat: str = "", person: str = "telegram: 1111") -> list[tuple[str, str, str]]:
    """What is said of Telegram's own settings; that links would lead nowhere is said of every chat alike."""
    path.write_text(FILE.replace("CHAT", chat).replace("PERSON", person))
    _, _, problems = inspect(path, env, CHATS)
    return [
        (problem.source, problem.what, problem.remedy) for problem in problems if problem.source != "TOCSIN_PUBLIC_URL"
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.yaml"


def test_the_page_tells_what_is_said_of_each_wrong_setting_and_the_way_out(path: Path) -> None:
    told = [[f"`{source}`: {what}", remedy] for env in ENVIRONMENTS for source, what, remedy in said(path, env)]
    for where, chat, person in FILES:
        told += [[f"{where}: {what}", remedy] for _, what, remedy in said(path, TOKEN, chat, person)]

    assert rows() == told


def test_what_is_right_is_not_complained_of(path: Path) -> None:
    env = {**TOKEN, "TOCSIN_TELEGRAM_WEBHOOK_SECRET": "a_-1", "TOCSIN_TELEGRAM_API_URL": "http://127.0.0.1:8081/"}
    assert said(path, env, "forum: -1001234567890, per_minute: 30") == []
    assert said(path, {}, "forum: -1001234567890") == []
