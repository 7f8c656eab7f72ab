"""Each fault of Slack's settings stands in its page in the words that Tocsin prints, with the way out."""

from collections.abc import Mapping
from typing import Final

import pytest

from bot.config.reading import read_text
from bot.config.settings import Settings
from bot.config.shape import file_with
from tests.config.files import CHATS
from tests.counterparts.tocsin import REPOSITORY

BOT: Final = {"TOCSIN_SLACK_BOT_TOKEN": "xoxb-1-abc"}
APP: Final = {"TOCSIN_SLACK_APP_TOKEN": "xapp-1-abc"}
SECRET: Final = {"TOCSIN_SLACK_SIGNING_SECRET": "0123456789abcdef"}
ENVIRONMENTS: Final[tuple[Mapping[str, str], ...]] = (
    BOT,
    APP,
    SECRET,
    {**SECRET, "TOCSIN_SLACK_BOT_TOKEN": "xapp-1-abc"},
    {**SECRET, "TOCSIN_SLACK_BOT_TOKEN": "0123456789abcdef"},
    {**BOT, "TOCSIN_SLACK_APP_TOKEN": "xoxb-1-abc"},
    {**BOT, "TOCSIN_SLACK_SIGNING_SECRET": "xoxb-1-abc"},
    {**BOT, **SECRET, "TOCSIN_SLACK_API_URL": "slack.com/api"},
)
FILES: Final = (
    "people: [{name: amira, slack: '@amira'}]",
    "chat: {slack: {command: /Inc}}",
    "chat: {slack: {announce: Incidents}}",
)


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, ...]]:
    """Give every row of the page's tables."""
    lines = (REPOSITORY / "docs" / "slack.md").read_text(encoding="utf-8").splitlines()
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("|")]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_what_is_wrong_with_the_environment_stands_in_the_page(
    env: Mapping[str, str], rows: list[tuple[str, ...]]
) -> None:
    _, [problem] = Settings.read(env, CHATS)

    assert (f"`{problem.source}`: {problem.what}", problem.remedy) in rows


@pytest.mark.parametrize("text", FILES)
def test_what_is_wrong_with_the_file_stands_in_the_page(text: str, rows: list[tuple[str, ...]]) -> None:
    [problem] = read_text(text, "tocsin.yaml", file_with(CHATS)).problems

    assert (f"`{problem.source}`: {problem.what}", problem.remedy) in rows
