"""The methods of the Bot API that Tocsin calls, with the rules that Telegram keeps."""

from collections.abc import Callable
from time import time
from typing import Any

from tests.fakes.telegram.markup import Part, Unreadable, read, units
from tests.fakes.telegram.state import BOT, BOT_NAME, FORUM, RIGHTS, Everything, Message, Refused, Topic

Params = dict[str, Any]


class Methods:
    """Everything but what is about news: see `news.News`. `answers` has what presses were answered."""

    def __init__(self, everything: Everything, answered: Callable[[str, str, bool], None]) -> None:
        self._all = everything
        self._answered = answered
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.links_made = 0

    def call(self, method: str, given: Params) -> Any:
        """Carry a call out; raises `Refused`."""
        if self._all.moved_to is not None and given.get("chat_id") == FORUM:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, words, migrate_to_chat_id=self._all.moved_to)
        carry_out = getattr(self, f"_{method}", None)
        if carry_out is None:
            raise Refused(404, "Not Found")
        return carry_out(given)

    def _getMe(self, _: Params) -> Any:  # noqa: N802 - the Bot API's name
        return {**bot(), "can_read_all_group_messages": self._all.reads_all}

    def _getChat(self, given: Params) -> Any:  # noqa: N802
        if given["chat_id"] != FORUM:
            raise Refused(400, "Bad Request: chat not found")
        more = {"is_forum": True} if self._all.is_forum else {}
        return {
            "id": FORUM,
            "type": "supergroup",
            "title": "Ops",
            "accent_color_id": 0,
            "max_reaction_count": 1,
            **more,
        } | {
            "accepted_gift_types": {
                "unlimited_gifts": False,
                "limited_gifts": False,
                "unique_gifts": False,
                "premium_subscription": False,
                "gifts_from_channels": False,
            }
        }

    def _getChatMember(self, given: Params) -> Any:  # noqa: N802
        if given["user_id"] == BOT:
            return self._bot_member()
        person = self._all.person(given["user_id"])
        if person is None:
            raise Refused(400, "Bad Request: PARTICIPANT_ID_INVALID")
        return {"status": "member" if person.is_member else "left", "user": user(person.id, person.name)}

    def _bot_member(self) -> Any:
        if not self._all.is_admin:
            return {"status": "member", "user": bot()}
        others = ("can_be_edited", "is_anonymous", "can_manage_chat", "can_manage_video_chats", "can_restrict_members")
        more = ("can_promote_members", "can_change_info", "can_post_stories", "can_edit_stories", "can_delete_stories")
        rights = {right: right in self._all.rights for right in (*RIGHTS, *others, *more)}
        return {"status": "administrator", "user": bot(), **rights}

    def _createForumTopic(self, given: Params) -> Any:  # noqa: N802
        self._may("can_manage_topics")
        if not self._all.is_forum:
            raise Refused(400, "Bad Request: the chat is not a forum")
        if not 0 < len(given["name"]) <= 128:
            raise Refused(400, "Bad Request: TOPIC_TITLE_INVALID")
        topic = Topic(self._all.number(), given["name"])
        self._all.topics[topic.id] = topic
        return {"message_thread_id": topic.id, "name": topic.name, "icon_color": 7322096}

    def _closeForumTopic(self, given: Params) -> Any:  # noqa: N802
        return self._set_closed(given, is_closed=True)

    def _reopenForumTopic(self, given: Params) -> Any:  # noqa: N802
        return self._set_closed(given, is_closed=False)

    def _set_closed(self, given: Params, *, is_closed: bool) -> Any:
        self._may("can_manage_topics")
        topic = self._all.topics.get(given["message_thread_id"])
        if topic is None:
            raise Refused(400, "Bad Request: TOPIC_ID_INVALID")
        if topic.is_closed == is_closed:
            raise Refused(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.is_closed = is_closed
        return True

    def _closeGeneralForumTopic(self, _: Params) -> Any:  # noqa: N802
        self._may("can_manage_topics")
        self._all.is_general_closed = True
        return True

    def _reopenGeneralForumTopic(self, _: Params) -> Any:  # noqa: N802
        self._may("can_manage_topics")
        self._all.is_general_closed = False
        return True

    def _sendMessage(self, given: Params) -> Any:  # noqa: N802
        return self._write(given, _words(given["text"], given.get("parse_mode"), 4096, "message"))

    def _setMessageReaction(self, given: Params) -> Any:  # noqa: N802
        message = self._all.message(given["chat_id"], given["message_id"])
        if message is None:
            raise Refused(400, "Bad Request: message to react not found")
        message.sign = given["reaction"][0]["emoji"]
        return True

    def _sendDocument(self, given: Params) -> Any:  # noqa: N802
        return self._send_file(given, "document")

    def _sendPhoto(self, given: Params) -> Any:  # noqa: N802
        return self._send_file(given, "photo")

    def _send_file(self, given: Params, what: str) -> Any:
        parts = _words(given.get("caption", ""), given.get("parse_mode"), 1024, "message caption", may_be_empty=True)
        return self._write(given, parts, file=given[what])

    def _write(self, given: Params, parts: list[Part], file: tuple[str, bytes] | None = None) -> Any:
        chat, topic = given["chat_id"], given.get("message_thread_id")
        if chat == FORUM:
            is_closed = self._all.is_general_closed if topic is None else self._all.topic(topic).is_closed
            if is_closed:
                raise Refused(400, "Bad Request: TOPIC_CLOSED")
        else:
            person = self._all.person(chat)
            if person is None:
                raise Refused(400, "Bad Request: chat not found")
            if not person.has_started:
                raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        message = Message(
            self._all.number(),
            chat,
            topic,
            BOT,
            parts,
            keyboard=_keyboard(given.get("reply_markup")),
            is_silent=bool(given.get("disable_notification")),
            reply_to=(given.get("reply_parameters") or {}).get("message_id"),
            file=file,
        )
        self._all.messages.append(message)
        return to_json(message)

    def _editMessageText(self, given: Params) -> Any:  # noqa: N802
        message = self._ours(given, "edit")
        parts = _words(given["text"], given.get("parse_mode"), 4096, "message")
        keyboard = _keyboard(given.get("reply_markup"))
        if parts == message.parts and keyboard == message.keyboard:
            raise Refused(400, f"Bad Request: {_SAME}")
        message.parts, message.keyboard = parts, keyboard
        message.edits += 1
        return to_json(message)

    def _editMessageReplyMarkup(self, given: Params) -> Any:  # noqa: N802
        message = self._ours(given, "edit")
        keyboard = _keyboard(given.get("reply_markup"))
        if keyboard == message.keyboard:
            raise Refused(400, f"Bad Request: {_SAME}")
        message.keyboard = keyboard
        return to_json(message)

    def _deleteMessage(self, given: Params) -> Any:  # noqa: N802
        self._all.messages.remove(self._ours(given, "delete"))
        return True

    def _pinChatMessage(self, given: Params) -> Any:  # noqa: N802
        self._may("can_pin_messages")
        self._ours(given, "pin").is_pinned = True
        return True

    def _createChatInviteLink(self, _: Params) -> Any:  # noqa: N802
        self._may("can_invite_users")
        self.links_made += 1
        return {
            "invite_link": f"https://t.me/+way-in-{self.links_made}",
            "creator": bot(),
            "creates_join_request": False,
            "is_primary": False,
            "is_revoked": False,
        }

    def _answerCallbackQuery(self, given: Params) -> Any:  # noqa: N802
        text = given.get("text", "")
        if len(text.encode("utf-16-le")) // 2 > 200:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        self._answered(given["callback_query_id"], text, bool(given.get("show_alert")))
        return True

    def _setMyCommands(self, given: Params) -> Any:  # noqa: N802
        for command in given["commands"]:
            if not 0 < len(command["command"]) <= 32 or not 3 <= len(command["description"]) <= 256:
                raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[given["scope"]["type"]] = given["commands"]
        return True

    def _ours(self, given: Params, what: str) -> Message:
        message = self._all.message(given["chat_id"], given["message_id"])
        if message is None or message.sender != BOT:
            raise Refused(400, f"Bad Request: message to {what} not found")
        return message

    def _may(self, right: str) -> None:
        if not self._all.is_admin or right not in self._all.rights:
            raise Refused(400, "Bad Request: not enough rights")


_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content"
    " and reply markup of the message"
)


def bot() -> Params:
    return {"id": BOT, "is_bot": True, "first_name": "Tocsin", "username": BOT_NAME}


def user(number: int, name: str) -> Params:
    return {"id": number, "is_bot": False, "first_name": name.capitalize()}


def chat_of(message: Message) -> Params:
    if message.chat == FORUM:
        return {"id": FORUM, "type": "supergroup", "title": "Ops", "is_forum": True}
    return {"id": message.chat, "type": "private", "first_name": "Somebody"}


def to_json(message: Message) -> Params:
    """A message as the Bot API tells it."""
    found: Params = {"message_id": message.id, "date": int(time()), "chat": chat_of(message), "text": message.plain}
    if message.sender == BOT:
        found["from"] = bot()
    if message.topic is not None:
        found |= {"message_thread_id": message.topic, "is_topic_message": True}
    if message.keyboard is not None:
        found["reply_markup"] = message.keyboard
    return found


def _words(text: str, mode: str | None, limit: int, what: str, *, may_be_empty: bool = False) -> list[Part]:
    try:
        parts = read(text) if mode == "HTML" else [Part(text)]
    except Unreadable as error:
        raise Refused(400, str(error)) from error
    if units(parts) > limit:
        raise Refused(400, f"Bad Request: {what} is too long")
    if not may_be_empty and not "".join(part.text for part in parts).strip():
        raise Refused(400, "Bad Request: message text is empty")
    if "\x00" in "".join(part.text for part in parts):
        raise Refused(400, "Bad Request: strings must be encoded in UTF-8")
    return parts


def _keyboard(given: Params | None) -> Params | None:
    if not given or not given.get("inline_keyboard"):
        return None
    buttons = [button for row in given["inline_keyboard"] for button in row]
    if len(buttons) > 100 or any(len(row) > 8 for row in given["inline_keyboard"]):
        raise Refused(400, "Bad Request: REPLY_MARKUP_TOO_LONG")
    if any(not 0 < len(button.get("callback_data", "x").encode()) <= 64 for button in buttons):
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    if any(not button["text"].strip() for button in buttons):
        raise Refused(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    return given
