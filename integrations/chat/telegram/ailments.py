"""What may be wrong with Telegram's set-up, and the remedy of each: `tocsin doctor` says them, docs/telegram.md lists them."""

from dataclasses import dataclass
from typing import Any, Final

from bot.config.finding import Finding, doubtful, ill

TOKEN: Final = "telegram token"  # noqa: S105 - the subject of a finding
GROUP: Final = "telegram group"
RIGHTS: Final = "telegram rights"
PRIVACY: Final = "telegram privacy mode"
NEWS: Final = "telegram news"
PEOPLE: Final = "telegram people"


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that may be wrong with a subject. Both sentences may name fields."""

    subject: str
    what: str
    remedy: str
    is_warning: bool = False

    def found(self, **fields: Any) -> Finding:
        """Return it as a finding."""
        say = doubtful if self.is_warning else ill
        return say(self.subject, self.what.format(**fields), self.remedy.format(**fields))


REFUSED: Final = Ailment(
    TOKEN, "{reason}", "see that {url} can be reached and TOCSIN_TELEGRAM_BOT_TOKEN is the token from @BotFather"
)
NO_GROUP: Final = Ailment(
    GROUP,
    "no group is named, so no incident gets a topic and nothing is announced",
    "write the group's number, such as -1001234567890, into tocsin.yaml, at chat: telegram: forum",
)
UNSEEN: Final = Ailment(
    GROUP,
    "the bot can't see {forum}: {reason}",
    "add @{bot} to the group, and see that chat.telegram.forum is its number (it begins with -100)",
)
NO_TOPICS: Final = Ailment(GROUP, "“{title}” has no topics", "turn Topics on in the group's settings")
HARD_OF_HEARING: Final = Ailment(
    PRIVACY,
    "it is on and the bot is no administrator, so it hears commands only",
    "make the bot an administrator, or turn privacy mode off: /setprivacy in @BotFather, then add it anew",
)
NO_ADMINISTRATOR: Final = Ailment(
    RIGHTS, "the bot is no administrator of the group", "make it one, with the rights {rights}"
)
LACKS_RIGHTS: Final = Ailment(RIGHTS, "the bot lacks {rights}", "give it to the bot among the group's administrators")
UNKNOWN_NEWS: Final = Ailment(NEWS, "{reason}", "try again; nothing can be said of the webhook now")
HAS_WEBHOOK: Final = Ailment(
    NEWS,
    "a webhook is set, so Telegram refuses to be asked for news",
    "start Tocsin, which removes it, or set TOCSIN_TELEGRAM_WEBHOOK_SECRET to use a webhook",
    is_warning=True,
)
NO_HTTPS: Final = Ailment(
    NEWS,
    "Telegram calls https:// addresses only",
    "set TOCSIN_PUBLIC_URL to an https:// address, or unset TOCSIN_TELEGRAM_WEBHOOK_SECRET to ask for news",
)
NO_WEBHOOK: Final = Ailment(
    NEWS,
    "the webhook is not set; {wanted} is meant",
    "start Tocsin, which sets it; let no other program use the bot",
    is_warning=True,
)
OTHER_WEBHOOK: Final = Ailment(
    NEWS,
    "the webhook leads elsewhere; {wanted} is meant",
    "start Tocsin, which sets it; let no other program use the bot",
    is_warning=True,
)
UNDELIVERED: Final = Ailment(
    NEWS,
    "Telegram could not deliver lately: {reason}",
    "see that {wanted} can be reached from the internet with a valid certificate",
    is_warning=True,
)
WAITING: Final = Ailment(NEWS, "{count} updates wait", "see that Tocsin runs and can be reached", is_warning=True)
OTHER_KINDS: Final = Ailment(
    NEWS, "the webhook was set for other kinds of news", "start Tocsin, which sets it anew", is_warning=True
)
_LINK: Final = "write their user IDs, or let them use 'link telegram' (accounts linked so don't show here)"
NOBODY: Final = Ailment(PEOPLE, "nobody has a Telegram account in tocsin.yaml", _LINK, is_warning=True)
SOME_LACK: Final = Ailment(PEOPLE, "{people} without a Telegram account in tocsin.yaml", _LINK, is_warning=True)

AILMENTS: Final = (
    REFUSED,
    NO_GROUP,
    UNSEEN,
    NO_TOPICS,
    HARD_OF_HEARING,
    NO_ADMINISTRATOR,
    LACKS_RIGHTS,
    UNKNOWN_NEWS,
    HAS_WEBHOOK,
    NO_HTTPS,
    NO_WEBHOOK,
    OTHER_WEBHOOK,
    UNDELIVERED,
    WAITING,
    OTHER_KINDS,
    NOBODY,
    SOME_LACK,
)
