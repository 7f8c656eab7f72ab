"""The types of what tocsin.yaml says of the chats: how each is written and what is refused, in words."""

import re
from typing import Annotated, Any

from pydantic import PlainValidator

from bot.config.problem import shown
from bot.config.values import Form, Wrong, one_word


def _slack_user(given: Any) -> str:
    word = one_word(given, "U01AAA")
    if not re.fullmatch(r"[UW][A-Z0-9]+", word):
        remedy = "copy the member ID from the person's profile in Slack (⋮, “Copy member ID”): it looks like U01AAA"
        raise Wrong("this is not a member ID of Slack", remedy)
    return word


def _telegram_user(given: Any) -> int:
    word = one_word(given, "1111")
    if not re.fullmatch(r"[0-9]{1,16}", word) or int(word) == 0:
        remedy = "write the number that the bot answers to /start, not the @name"
        raise Wrong(f"{shown(word)} is not a user ID of Telegram", remedy)
    return int(word)


def _forum(given: Any) -> int:
    word = one_word(given, "-1001234567890")
    if not re.fullmatch(r"-[0-9]{1,16}", word):
        raise Wrong("this is not the ID of a group", "write the group's number, which begins with -100")
    return int(word)


def _command(given: Any) -> str:
    word = one_word(given, "/inc")
    word = word if word.startswith("/") else f"/{word}"
    if not re.fullmatch(r"/[a-z0-9_\-]{1,31}", word):
        raise Wrong(f"{shown(word)} can't be a slash command", "write a slash and up to 31 lower-case letters: /inc")
    return word


def _announce(given: Any) -> str:
    word = one_word(given, "incidents").removeprefix("#")
    if not re.fullmatch(r"[a-z0-9_\-]{1,80}|[CG][A-Z0-9]{2,}", word):
        raise Wrong(f"{shown(word)} can't be the name of a channel", "write its name in lower case, or its ID")
    return word


SlackUser = Annotated[str, PlainValidator(_slack_user), Form("a member ID: `U01AAA`")]
TelegramUser = Annotated[int, PlainValidator(_telegram_user), Form("a user ID: `1111`")]
Forum = Annotated[int, PlainValidator(_forum), Form("a group's ID: `-1001234567890`")]
SlashCommand = Annotated[str, PlainValidator(_command), Form("a slash and a word: `/inc`")]
AnnounceRoom = Annotated[str, PlainValidator(_announce), Form("a channel's name or ID")]
