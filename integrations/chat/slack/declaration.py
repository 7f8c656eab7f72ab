"""What Slack wants of the environment, of tocsin.yaml, of the guards and of the log."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, Final

from pydantic import Field, PlainValidator, SecretStr

from bot.config.addresses import Unfit, read_api_url
from bot.config.declared import AccountField, Declaration, IsGiven, Setting
from bot.config.problem import Problem, shown
from bot.config.section import Section
from bot.config.settings import read_key
from bot.config.values import Form, Wrong, one_word
from bot.config.variables import Variable

_KINDS: Final = ("xoxb-", "xoxp-", "xapp-", "xoxe-", "xoxe.")


def _token(start: str, who: str) -> Callable[[str], SecretStr]:
    def read(text: str) -> SecretStr:
        if text.startswith(start):
            return read_key(text)
        kind = next((kind for kind in _KINDS if text.startswith(kind)), None)
        what = f"it starts with {kind!r}" if kind else f"it does not start with {start!r}"
        raise Unfit(what, f"{who} the token that starts with {start!r}")

    return read


def _signing_secret(text: str) -> SecretStr:
    if text.startswith(("xox", "xapp-")):
        remedy = "take the signing secret from “Basic Information” of your Slack app"
        raise Unfit("it holds a token, not the signing secret", remedy)
    return read_key(text)


BOT_TOKEN: Final[Setting[SecretStr | None]] = Setting(
    Variable(
        name="TOCSIN_SLACK_BOT_TOKEN",
        meaning="Turns Slack on: the token of the bot, from “OAuth & Permissions” of your Slack app.",
        default="unset: no Slack",
        form="Starts with `xoxb-`. Slack also needs the signing secret (HTTP) or the app token (Socket Mode).",
        is_secret=True,
    ),
    _token("xoxb-", "the bot's token is"),
    None,
)
SIGNING_SECRET: Final[Setting[SecretStr | None]] = Setting(
    Variable(
        name="TOCSIN_SLACK_SIGNING_SECRET",
        meaning="Proves that requests to `/slack/events` come from Slack; from “Basic Information” of your Slack app.",
        default="unset",
        form="32 hexadecimal digits, as Slack shows them.",
        is_secret=True,
    ),
    _signing_secret,
    None,
)
APP_TOKEN: Final[Setting[SecretStr | None]] = Setting(
    Variable(
        name="TOCSIN_SLACK_APP_TOKEN",
        meaning="Turns Socket Mode on: Tocsin connects to Slack, and Slack needs no way in.",
        default="unset: Slack reaches Tocsin over HTTP",
        form="Starts with `xapp-`.",
        is_secret=True,
    ),
    _token("xapp-", "Socket Mode needs"),
    None,
)
API_URL: Final[Setting[str]] = Setting(
    Variable(
        name="TOCSIN_SLACK_API_URL",
        meaning="Slack's API, where it is not the usual one: GovSlack, or a server for tests.",
        default="`https://slack.com/api/`",
        form="A URL.",
    ),
    partial(read_api_url, example="https://slack.com/api/"),
    "https://slack.com/api",
)


def _faults(is_given: IsGiven) -> Sequence[Problem]:
    """Return what is wrong between the variables: a token without a way in, or a way in without the token."""
    ways_in = [setting.variable for setting in (APP_TOKEN, SIGNING_SECRET) if is_given(setting.variable)]
    bot_token = BOT_TOKEN.variable
    if not is_given(bot_token):
        what = f"it is set without {bot_token.name}"
        return [Problem(way.name, what, "set both to use Slack, or neither") for way in ways_in]
    if ways_in:
        return ()
    what = "it is set, but there is no way in for what people write in Slack"
    remedy = f"set {APP_TOKEN.variable.name} (Socket Mode) or {SIGNING_SECRET.variable.name} (HTTP)"
    return [Problem(bot_token.name, what, remedy)]


def _user(given: Any) -> str:
    word = one_word(given, "U01AAA")
    if not re.fullmatch(r"[UW][A-Z0-9]+", word):
        remedy = "copy the member ID from the person's profile in Slack (⋮, “Copy member ID”): it looks like U01AAA"
        raise Wrong("this is not a member ID of Slack", remedy)
    return word


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


_User = Annotated[str, PlainValidator(_user), Form("a member ID: `U01AAA`")]
_SlashCommand = Annotated[str, PlainValidator(_command), Form("a slash and a word: `/inc`")]
_AnnounceRoom = Annotated[str, PlainValidator(_announce), Form("a channel's name or ID")]


class SlackSection(Section):
    """Slack. Its tokens stand in the environment."""

    command: _SlashCommand = Field("/inc", description="The slash command by which Tocsin is called.")
    announce: _AnnounceRoom | None = Field(None, description="The channel in which incidents are announced.")


DECLARATION: Final = Declaration(
    name="slack",
    title="Slack",
    settings=(BOT_TOKEN, SIGNING_SECRET, APP_TOKEN, API_URL),
    faults=_faults,
    section=SlackSection,
    account=AccountField(_User, "The person's member ID in Slack."),
    doors=("/slack",),
    secrets=(re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+"),),
    libraries=("slack_bolt", "slack_sdk"),
    page="slack.md",
)
