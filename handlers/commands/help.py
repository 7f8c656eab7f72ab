"""`help`: what one can write."""

from bot.domain.access import Access
from bot.domain.refusal import Refusal
from bot.wording.speech import Speech
from handlers.ask import About, Ask, Command, Reply
from handlers.registry import Registry, registry, usage


async def run(ask: Ask) -> Reply:
    """Explain every command in a line, or one of them fully; works for accounts that Tocsin does not know, too."""
    speech = ask.desk.speech(ask.person)
    commands = registry()
    text = _one(ask.words[0], commands, speech) if ask.words else _all(commands, speech)
    if ask.org.person(ask.person.id) is None:
        text = f"{speech.stranger(ask.account.chat, ask.account.user)}\n{text}"
    return Reply(text=text)


def _all(commands: Registry, speech: Speech) -> str:
    lines = [
        speech.words("help.line", usage=command.name, summary=speech.words(command.summary))
        for command in commands.commands
    ]
    return "\n".join([speech.words("help.head"), *lines, speech.words("help.tail")])


def _one(word: str, commands: Registry, speech: Speech) -> str:
    command = commands.find(word)
    if command is None:
        raise Refusal("verb.unknown", given=word, like=commands.like(word))
    lines = [usage(command), speech.words(command.summary)]
    if command.aliases:
        lines.append(speech.words("help.aliases", aliases=", ".join(command.aliases)))
    lines.append(speech.words("help.access", access=speech.word(command.access.name.lower())))
    lines += [speech.words("help.example", example=example) for example in command.examples]
    return "\n".join(lines)


COMMAND = Command(
    name="help",
    usage="[command]",
    summary="command.help",
    access=Access.VIEWER,
    about=About.NOTHING,
    run=run,
    examples=("help", "help sev"),
    only_reads=True,
)
