"""What may be wrong with Slack's set-up, and the remedy of each: `tocsin doctor` says them, docs/slack.md lists them."""

from dataclasses import dataclass
from typing import Any, Final

from bot.config.finding import Finding, doubtful, ill

SUBJECT: Final = "slack"


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that may be wrong. Both sentences may name fields."""

    what: str
    remedy: str
    is_warning: bool = False

    def found(self, **fields: Any) -> Finding:
        """Return it as a finding."""
        say = doubtful if self.is_warning else ill
        return say(SUBJECT, self.what.format(**fields), self.remedy.format(**fields))


AWAY: Final = Ailment("it can't be asked ({reason})", "see that this machine may connect to {url}")
ASTRAY: Final = Ailment(
    "{url} is not the address of Slack's API ({reason})",
    "unset TOCSIN_SLACK_API_URL, or correct it: it ends like https://slack.com/api",
)
BOT_REFUSED: Final = Ailment(
    "Slack does not take the bot's token ({code})",
    "install the app, and copy the “Bot User OAuth Token” from “OAuth & Permissions” into TOCSIN_SLACK_BOT_TOKEN",
)
LACKS_SCOPES: Final = Ailment(
    "the bot lacks scopes: {scopes}",
    "put the output of 'tocsin manifest' in place of the app's manifest, and install the app again",
)
APP_REFUSED: Final = Ailment(
    "Slack does not take the app's token ({code})",
    "make an app-level token with the scope connections:write under “Basic Information”, and turn Socket Mode on",
)
UNSIGNED: Final = Ailment(
    "there is no signing secret, so nothing is let in that people do",
    "set TOCSIN_SLACK_SIGNING_SECRET, or use Socket Mode with TOCSIN_SLACK_APP_TOKEN",
)
UNLIKE_A_SECRET: Final = Ailment(
    "TOCSIN_SLACK_SIGNING_SECRET is not 32 hexadecimal digits, so it is hardly Slack's, and every request would get 401",
    "copy the “Signing Secret” anew from “Basic Information” of your Slack app, without quotes",
    is_warning=True,
)
UNREACHABLE: Final = Ailment(
    "Slack can't send to {url}",
    "set TOCSIN_PUBLIC_URL to an https address that leads here, or use Socket Mode with TOCSIN_SLACK_APP_TOKEN",
    is_warning=True,
)
SKEWED: Final = Ailment(
    "this machine's clock and Slack's are {off} apart, and from five minutes on every request is refused",
    "let this machine follow a time server (NTP)",
)
NOT_THERE: Final = Ailment(
    "the bot is in no channel called {name}, so it can't announce there",
    "make the channel if there is none, and write “/invite @tocsin” in it",
)
SHUT: Final = Ailment(
    "the channel {name} for announcements is archived",
    "unarchive it, or name another one under chat: slack: announce in tocsin.yaml",
)
ANNOUNCES_NOWHERE: Final = Ailment(
    "incidents are announced nowhere in Slack",
    "name a channel under chat: slack: announce in tocsin.yaml",
    is_warning=True,
)
CHANNELS_UNREAD: Final = Ailment(
    "Slack did not say which channels the bot is in ({reason})",
    "see to the other findings first, then run 'tocsin doctor' again",
)

AILMENTS: Final = (
    AWAY,
    ASTRAY,
    BOT_REFUSED,
    LACKS_SCOPES,
    APP_REFUSED,
    UNSIGNED,
    UNLIKE_A_SECRET,
    UNREACHABLE,
    SKEWED,
    NOT_THERE,
    SHUT,
    ANNOUNCES_NOWHERE,
    CHANNELS_UNREAD,
)
"""Every one of them."""
