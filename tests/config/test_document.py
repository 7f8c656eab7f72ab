"""The page about the configuration says what the code does."""

from bot.config.declared import every_variable
from bot.config.document import document
from bot.config.settings import Settings
from bot.generated import CONFIGURATION as PAGE
from tests.config.files import CHATS, EXAMPLE

VARIABLES = every_variable(CHATS)


def test_the_page_is_as_the_code_would_write_it_now() -> None:
    stale = "a setting changed: python -m bot.generated"
    assert PAGE.read_text(encoding="utf-8") == document(CHATS), stale


def test_every_variable_is_on_the_page() -> None:
    page = document(CHATS)
    assert [variable.name for variable in VARIABLES if f"### `{variable.name}`" not in page] == []


def test_the_defaults_on_the_page_are_those_of_the_settings() -> None:
    defaults = {variable.name: variable.default for variable in VARIABLES}
    settings = Settings()
    assert defaults["TOCSIN_DATABASE_URL"] == f"`{settings.database_url}`"
    assert defaults["TOCSIN_LISTEN"] == f"`{settings.listen}`"
    for setting in (setting for chat in CHATS for setting in chat.settings if setting.unset is not None):
        assert setting.variable.default.strip("`").rstrip("/") == setting.unset
    assert defaults["TOCSIN_LEASE_SECONDS"] == f"`{settings.lease.total_seconds():.0f}`"


def test_the_example_shows_every_section() -> None:
    example = EXAMPLE.read_text(encoding="utf-8")
    page = document(CHATS)
    sections = [line.split("`")[1] for line in page.splitlines() if line.startswith("### `") and "TOCSIN" not in line]
    assert [section for section in sections if f"{section.partition('[')[0].partition('.')[0]}:" not in example] == []
