"""What Telegram wants of the environment, of tocsin.yaml, of the guards and of the log."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Final

from pydantic import Field, PlainValidator, SecretStr

from bot.config.addresses import Unfit, read_api_url
from bot.config.declared import AccountField, Declaration, IsGiven, Setting
from bot.config.problem import Problem, shown
from bot.config.section import Section
from bot.config.values import Form, Wrong, one_word
from bot.config.variables import Variable


def _token(text: str) -> SecretStr:
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", text):
        remedy = "copy the whole token from @BotFather, the number before the colon too"
        raise Unfit("it does not look like a bot's token", remedy)
    return SecretStr(text)


def _secret(text: str) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
        remedy = "use 1 to 256 of the characters A-Z, a-z, 0-9, _ and -"
        raise Unfit("Telegram would refuse it", remedy)
    return SecretStr(text)


BOT_TOKEN: Final[Setting[SecretStr | None]] = Setting(
    Variable(
        name="TOCSIN_TELEGRAM_BOT_TOKEN",
        meaning="Turns Telegram on: the token that @BotFather gave you.",
        default="unset: no Telegram",
        form="Digits, a colon, and letters: `123456:ABC...`.",
        is_secret=True,
    ),
    _token,
    None,
)
API_URL: Final[Setting[str]] = Setting(
    Variable(
        name="TOCSIN_TELEGRAM_API_URL",
        meaning="A Bot API server of your own.",
        default="`https://api.telegram.org`",
        form="A URL, without the bot's token.",
    ),
    partial(read_api_url, example="https://api.telegram.org"),
    "https://api.telegram.org",
)
WEBHOOK_SECRET: Final[Setting[SecretStr | None]] = Setting(
    Variable(
        name="TOCSIN_TELEGRAM_WEBHOOK_SECRET",
        meaning="Lets Telegram call `/telegram/webhook`, and proves that it is Telegram who does.",
        default="unset: Tocsin asks Telegram for news (polling)",
        form="1 to 256 of the characters A-Z, a-z, 0-9, `_` and `-`.",
        is_secret=True,
    ),
    _secret,
    None,
)


def _faults(is_given: IsGiven) -> Sequence[Problem]:
    """Return what is wrong between the variables: the webhook's secret without the token."""
    if not is_given(WEBHOOK_SECRET.variable) or is_given(BOT_TOKEN.variable):
        return ()
    what = f"it is set without {BOT_TOKEN.variable.name}"
    return [Problem(WEBHOOK_SECRET.variable.name, what, "set both to use Telegram, or neither")]


def _user(given: Any) -> int:
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


def _per_minute(given: Any) -> int:
    word = one_word(given, "20")
    if not re.fullmatch(r"[0-9]{1,4}", word) or not 1 <= int(word) <= 1800:
        raise Wrong(f"{shown(word)} is not a whole number from 1 to 1800", "write for example 20")
    return int(word)


_User = Annotated[int, PlainValidator(_user), Form("a user ID: `1111`")]
_Forum = Annotated[int, PlainValidator(_forum), Form("a group's ID: `-1001234567890`")]
_PerMinute = Annotated[int, PlainValidator(_per_minute), Form("a whole number, 1 to 1800")]


class TelegramSection(Section):
    """Telegram. Its token stands in the environment."""

    forum: _Forum | None = Field(
        None, description="The group with topics in which every incident gets a topic; the bot is its administrator."
    )
    per_minute: _PerMinute = Field(20, description="How many messages a minute Telegram takes into that group.")


DECLARATION: Final = Declaration(
    name="telegram",
    title="Telegram",
    settings=(BOT_TOKEN, API_URL, WEBHOOK_SECRET),
    faults=_faults,
    section=TelegramSection,
    account=AccountField(_User, "The person's user ID in Telegram."),
    doors=("/telegram",),
    # In addresses of the Bot API the token follows the word "bot"; a token is told by that alone.
    secrets=(re.compile(r"(?<=bot)[0-9]{3,}:[\w-]{10,}"),),
    libraries=("telegram",),
    page="telegram.md",
)
