"""Is Telegram set up right? Asks Telegram itself, for `tocsin doctor`; every finding that is not well has its remedy."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from telegram import Bot, ChatMemberAdministrator, ChatMemberOwner, User
from telegram.error import BadRequest

from bot.config import variables as var
from bot.config.file import File
from bot.config.finding import Finding, count, doubtful, ill, well
from bot.config.settings import Settings
from bot.domain.text import clip
from bot.log import hide
from integrations.chat.telegram.calls import Undone, ask
from integrations.chat.telegram.opening import client
from integrations.chat.telegram.reading import ALLOWED_UPDATES
from integrations.chat.telegram.webhook import PATH

_TOKEN: Final = "telegram token"  # noqa: S105 - the subject of a finding
_GROUP: Final = "telegram group"
_RIGHTS: Final = "telegram rights"
_PRIVACY: Final = "telegram privacy mode"
_NEWS: Final = "telegram news"
_PEOPLE: Final = "telegram people"
_MOST_PENDING: Final = 100
_RECENT: Final = timedelta(hours=1)
_NEEDED: Final = {
    "can_manage_topics": "Manage Topics",
    "can_pin_messages": "Pin Messages",
    "can_delete_messages": "Delete Messages",
    "can_invite_users": "Add Members",
}
"""The rights that the bot needs, as the Bot API and as the apps call them."""


async def examine(settings: Settings, file: File) -> Sequence[Finding]:
    """Return how it is with the bot, its group, its rights, its news and the people."""
    async with client(settings) as bot:
        try:
            me = await ask(bot.get_me)
        except (BadRequest, Undone) as error:
            remedy = f"see that {settings.telegram_api_url} can be reached and {var.TELEGRAM_BOT_TOKEN.name} is the token from @BotFather"
            return [ill(_TOKEN, _told(error).partition(";")[0], remedy)]
        found = [well(_TOKEN, f"it is the token of @{me.username}")]
        found += await _group(bot, me, file)
        found.append(await _news(bot, settings))
        found.append(_people(file))
        return found


async def _group(bot: Bot, me: User, file: File) -> list[Finding]:
    forum = file.chat.telegram.forum
    if forum is None:
        what = "no group is named, so no incident gets a topic and nothing is announced"
        return [ill(_GROUP, what, "write the group's number into tocsin.yaml: chat: {telegram: {forum: -100...}}")]
    try:
        chat = await ask(lambda: bot.get_chat(forum))
        member = await ask(lambda: bot.get_chat_member(forum, me.id))
    except (BadRequest, Undone) as error:
        remedy = (
            f"add @{me.username} to the group, and see that chat.telegram.forum is its number (it begins with -100)"
        )
        return [ill(_GROUP, f"the bot can't see {forum}: {_told(error)}", remedy)]
    if not chat.is_forum:
        what = f"“{clip(chat.title or str(forum), 60)}” has no topics"
        found = [ill(_GROUP, what, "turn Topics on in the group's settings")]
    else:
        found = [well(_GROUP, f"“{clip(chat.title or str(forum), 60)}” has topics")]
    is_admin = isinstance(member, ChatMemberAdministrator | ChatMemberOwner)
    found.append(_rights(member))
    if me.can_read_all_group_messages or is_admin:
        found.append(well(_PRIVACY, "the bot reads what is said in the group"))
    else:
        what = "it is on and the bot is no administrator, so it hears commands only"
        remedy = "make the bot an administrator, or turn privacy mode off: /setprivacy in @BotFather, then add it anew"
        found.append(ill(_PRIVACY, what, remedy))
    return found


def _rights(member: object) -> Finding:
    if isinstance(member, ChatMemberOwner):
        return well(_RIGHTS, "the bot has every right")
    if not isinstance(member, ChatMemberAdministrator):
        remedy = f"make it one, with the rights {', '.join(_NEEDED.values())}"
        return ill(_RIGHTS, "the bot is no administrator of the group", remedy)
    missing = [called for name, called in _NEEDED.items() if not getattr(member, name)]
    if missing:
        what = f"the bot lacks {count(len(missing), 'right')}: {', '.join(missing)}"
        return ill(_RIGHTS, what, "give it to the bot among the group's administrators")
    return well(_RIGHTS, "the bot has the rights that it needs")


async def _news(bot: Bot, settings: Settings) -> Finding:
    try:
        info = await ask(bot.get_webhook_info)
    except (BadRequest, Undone) as error:
        return ill(_NEWS, _told(error), "try again; nothing can be said of the webhook now")
    if settings.telegram_webhook_secret is None:
        if info.url:
            what = "a webhook is set, so Telegram refuses to be asked for news"
            remedy = f"start Tocsin, which removes it, or set {var.TELEGRAM_WEBHOOK_SECRET.name} to use a webhook"
            return doubtful(_NEWS, what, remedy)
        return well(_NEWS, "Tocsin asks Telegram for news")
    wanted = f"{settings.public_url}{PATH}"
    if not wanted.startswith("https://"):
        remedy = f"set {var.PUBLIC_URL.name} to an https:// address, or unset {var.TELEGRAM_WEBHOOK_SECRET.name} to ask for news"
        return ill(_NEWS, "Telegram calls https:// addresses only", remedy)
    if info.url != wanted:
        what = "the webhook is not set" if not info.url else "the webhook leads elsewhere"
        return doubtful(
            _NEWS, f"{what}; {wanted} is meant", "start Tocsin, which sets it; let no other program use the bot"
        )
    if info.last_error_date is not None and datetime.now(UTC) - info.last_error_date < _RECENT:
        said = clip(hide(info.last_error_message or "no reason given"), 120)
        what = f"Telegram could not deliver lately: {said}"
        return doubtful(_NEWS, what, f"see that {wanted} can be reached from the internet with a valid certificate")
    if info.pending_update_count > _MOST_PENDING:
        what = f"{info.pending_update_count} updates wait"
        return doubtful(_NEWS, what, "see that Tocsin runs and can be reached")
    if set(info.allowed_updates or ()) != set(ALLOWED_UPDATES):
        return doubtful(_NEWS, "the webhook was set for other kinds of news", "start Tocsin, which sets it anew")
    return well(_NEWS, "the webhook is set")


def _people(file: File) -> Finding:
    missing = [person.name for person in file.people if person.telegram is None]
    if file.people and len(missing) == len(file.people):
        what = "nobody has a Telegram account in tocsin.yaml"
    elif missing:
        what = f"{clip(', '.join(missing), 200)} without a Telegram account in tocsin.yaml"
    else:
        return well(_PEOPLE, "everyone has an account")
    return doubtful(
        _PEOPLE, what, "write their user IDs, or let them use 'link telegram' (accounts linked so don't show here)"
    )


def _told(error: BadRequest | Undone) -> str:
    said = error.message if isinstance(error, BadRequest) else str(error)
    return clip(hide(said), 200) or "it did not answer"
