"""The page about commands says what the commands are."""

from pathlib import Path

from handlers.document import document
from handlers.registry import registry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def test_the_page_about_commands_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), (
        "a command changed: python -m handlers.document > docs/commands.md"
    )


def test_the_page_has_every_command() -> None:
    assert [line[3:] for line in document().splitlines() if line.startswith("## ")] == [
        command.name for command in registry().commands
    ]
