"""The page about commands, written from the commands themselves: `python -m handlers.document > docs/commands.md`."""

import sys

from bot.domain.organisation import Organisation
from bot.wording.speech import Speech
from handlers.ask import About, Command
from handlers.registry import registry, usage

_HEAD = """\
# Commands

<!-- Written by `python -m handlers.document > docs/commands.md`; change the commands, not this page. -->

The same words work in every chat: as a slash command or a mention, in the built-in room, over the API. A button is
a command, too, and a form becomes one.

- An incident is `INC-42`, `inc42` or `#42`, at any place of the line, and `42` behind a verb that takes no number of its
  own. In an incident's room its name can be left out, and a sentence may speak of another incident without meaning it.
- Words with spaces stand in quotes. Options are `--name value`, `--name=value` and `--flag`.
- Times: `in 2h`, `17:30`, `tomorrow 09:00`, `monday`, `2026-12-01 14:00`, all on your own clock. Durations: `30m`, `1h30m`.
- **Access** is what a command needs: viewer, responder, manager or admin. Within an incident its commander and deputy
  count as managers, and so does a responder who declared or acknowledged it.

| command | what it is for |
|---|---|
"""


def document() -> str:
    """Return the page, one section a command, in the order of their names."""
    speech = Speech(Organisation(name="", timezone="UTC", people=()))
    commands = registry().commands
    rows = [f"| [`{command.name}`](#{command.name}) | {speech.words(command.summary)} |" for command in commands]
    sections = [_section(command, speech) for command in commands]
    return _HEAD + "\n".join(rows) + "\n\n" + "\n".join(sections)


def _section(command: Command, speech: Speech) -> str:
    lines = [f"## {command.name}", "", speech.words(command.summary), "", "```", usage(command), "```", ""]
    if command.aliases:
        lines.append(f"- Also: {', '.join(f'`{alias}`' for alias in command.aliases)}")
    lines.append(f"- Access: {command.access.name.lower()}")
    match command.about:
        case About.INCIDENT:
            lines.append("- About: an incident, named or the room's")
        case About.MAYBE:
            lines.append("- About: an incident if one is named or the room is one's, else all of them")
        case About.NOTHING:
            pass
    lines += [f"- Example: `{example}`" for example in command.examples]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
