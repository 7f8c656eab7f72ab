"""The commands are found where they stand, and a wrong one stops the start."""

from pathlib import Path
from types import ModuleType

import pytest

import handlers.commands
from bot.startup import StartupError
from bot.wording.catalogue import SENTENCES
from handlers.ask import Command
from handlers.grammar import Shape, read_arguments, read_line
from handlers.registry import discover, registry, usage
from tests.handlers import commands_doubled, commands_without

COMMANDS = registry().commands


def test_every_file_is_a_command() -> None:
    files = sorted(file.stem for file in Path(handlers.commands.__path__[0]).glob("[a-z]*.py"))
    assert [command.name for command in COMMANDS] == files


@pytest.mark.parametrize(
    ("package", "complaint"),
    [
        (commands_without, "commands_without.lonely has no COMMAND"),
        (commands_doubled, "commands_doubled.first and .*commands_doubled.second both claim the verb 'twice'"),
    ],
)
def test_a_wrong_file_of_commands_stops_the_start(package: ModuleType, complaint: str) -> None:
    with pytest.raises(StartupError, match=complaint):
        discover(package)


def test_a_command_is_found_by_name_and_alias_in_any_case() -> None:
    found = {word: registry().find(word) for word in ("ACK", "new", "Lead", "nothing")}

    assert {word: command.name if command else None for word, command in found.items()} == {
        "ACK": "ack",
        "new": "declare",
        "Lead": "assign",
        "nothing": None,
    }


@pytest.mark.parametrize(("typed", "meant"), [("akc", "ack"), ("resovle", "resolve"), ("xyzzy", None)])
def test_the_nearest_verb_is_known(typed: str, meant: str | None) -> None:
    assert registry().like(typed) == meant


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_says_what_it_is_for(command: Command) -> None:
    assert command.summary == f"command.{command.name}"
    assert command.summary in SENTENCES
    assert usage(command).startswith(command.name)


@pytest.mark.parametrize(
    ("command", "example"), [(command, example) for command in COMMANDS for example in command.examples]
)
def test_the_examples_of_a_command_can_be_read(command: Command, example: str) -> None:
    line = read_line(example)
    shape = Shape(command.options, command.flags, prose_after=command.prose_after, bare_ref=not command.takes_number)

    assert registry().find(line.verb) is command
    assert "--" not in read_arguments(line.tail, shape).rest
