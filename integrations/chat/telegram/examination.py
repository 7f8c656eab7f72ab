"""Is Telegram set up right? Asks Telegram itself, for `tocsin doctor`; every finding that is not well has its remedy."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from telegram import Bot, ChatMemberAdministrator, ChatMemberOwner, User
from telegram.error import BadRequest

from bot.config.file import File
from bot.config.finding import Finding, count, well
from bot.config.settings import Settings
from bot.domain.text import clip
from bot.log import hide
from integrations.chat.telegram import ailments
from integrations.chat.telegram.ailments import GROUP, NEWS, PEOPLE, PRIVACY, RIGHTS, TOKEN
from integrations.chat.telegram.calls import Undone, ask
from integrations.chat.telegram.declaration import API_URL, WEBHOOK_SECRET, TelegramSection
from integrations.chat.telegram.opening import client
from integrations.chat.telegram.post import CHAT
from integrations.chat.telegram.reading import ALLOWED_UPDATES
from integrations.chat.telegram.webhook import PATH

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
            return [ailments.REFUSED.found(reason=_told(error).partition(";")[0], url=settings.chats.of(API_URL))]
        found = [well(TOKEN, f"it is the token of @{me.username}")]
        found += await _group(bot, me, file)
        found.append(await _news(bot, settings))
        found.append(_people(file))
        return found


async def _group(bot: Bot, me: User, file: File) -> list[Finding]:
    forum = file.chat.of(TelegramSection).forum
    if forum is None:
        return [ailments.NO_GROUP.found()]
    try:
        chat = await ask(lambda: bot.get_chat(forum))
        member = await ask(lambda: bot.get_chat_member(forum, me.id))
    except (BadRequest, Undone) as error:
        return [ailments.UNSEEN.found(forum=forum, reason=_told(error), bot=me.username)]
    title = clip(chat.title or str(forum), 60)
    found = [well(GROUP, f"“{title}” has topics") if chat.is_forum else ailments.NO_TOPICS.found(title=title)]
    is_admin = isinstance(member, ChatMemberAdministrator | ChatMemberOwner)
    found.append(_rights(member))
    if me.can_read_all_group_messages or is_admin:
        found.append(well(PRIVACY, "the bot reads what is said in the group"))
    else:
        found.append(ailments.HARD_OF_HEARING.found())
    return found


def _rights(member: object) -> Finding:
    if isinstance(member, ChatMemberOwner):
        return well(RIGHTS, "the bot has every right")
    if not isinstance(member, ChatMemberAdministrator):
        return ailments.NO_ADMINISTRATOR.found(rights=", ".join(_NEEDED.values()))
    missing = [called for name, called in _NEEDED.items() if not getattr(member, name)]
    if missing:
        return ailments.LACKS_RIGHTS.found(rights=f"{count(len(missing), 'right')}: {', '.join(missing)}")
    return well(RIGHTS, "the bot has the rights that it needs")


async def _news(bot: Bot, settings: Settings) -> Finding:
    try:
        info = await ask(bot.get_webhook_info)
    except (BadRequest, Undone) as error:
        return ailments.UNKNOWN_NEWS.found(reason=_told(error))
    if settings.chats.of(WEBHOOK_SECRET) is None:
        if info.url:
            return ailments.HAS_WEBHOOK.found()
        return well(NEWS, "Tocsin asks Telegram for news")
    wanted = f"{settings.public_url}{PATH}"
    if not wanted.startswith("https://"):
        return ailments.NO_HTTPS.found()
    if info.url != wanted:
        return (ailments.OTHER_WEBHOOK if info.url else ailments.NO_WEBHOOK).found(wanted=wanted)
    if info.last_error_date is not None and datetime.now(UTC) - info.last_error_date < _RECENT:
        said = clip(hide(info.last_error_message or "no reason given"), 120)
        return ailments.UNDELIVERED.found(reason=said, wanted=wanted)
    if info.pending_update_count > _MOST_PENDING:
        return ailments.WAITING.found(count=info.pending_update_count)
    if set(info.allowed_updates or ()) != set(ALLOWED_UPDATES):
        return ailments.OTHER_KINDS.found()
    return well(NEWS, "the webhook is set")


def _people(file: File) -> Finding:
    missing = [person.name for person in file.people if CHAT not in person.accounts]
    if file.people and len(missing) == len(file.people):
        return ailments.NOBODY.found()
    if missing:
        return ailments.SOME_LACK.found(people=clip(", ".join(missing), 200))
    return well(PEOPLE, "everyone has an account")


def _told(error: BadRequest | Undone) -> str:
    said = error.message if isinstance(error, BadRequest) else str(error)
    return clip(hide(said), 200) or "it did not answer"
