"""The methods of the Web API, each with the errors that Slack documents for what Tocsin may do wrong."""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.slack import kit
from tests.fakes.slack.kit import Rejected
from tests.fakes.slack.workspace import BOT, BOT_USER, TEAM, Channel, Message, View, Workspace

Fields = Mapping[str, str]
Shown = Callable[[str, dict[str, Any]], None]
"""Called when a person alone is shown something: their id, and the message or view."""


class Methods:
    """Carries calls out in a workspace. `url` is where this server is reached."""

    def __init__(self, workspace: Workspace, shown: Shown) -> None:
        self._workspace = workspace
        self._shown = shown
        self.url = ""

    def call(self, method: str, fields: Fields) -> dict[str, Any]:
        """Carry one call out; raises `Rejected`."""
        name = "_" + re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", method.replace(".", "_")).lower()
        made: Callable[[Fields], dict[str, Any] | None] | None = getattr(self, name, None)
        if made is None:
            raise Rejected("unknown_method", method)
        try:
            return made(fields) or {}
        except KeyError as missing:
            raise Rejected("invalid_arguments", f"{method}: {missing}") from missing

    def _auth_test(self, _fields: Fields) -> dict[str, Any]:
        return {"team": "Acme AI", "team_id": TEAM, "user": "tocsin", "user_id": BOT_USER, "bot_id": BOT}

    def _apps_connections_open(self, _fields: Fields) -> dict[str, Any]:
        return {"url": f"{self.url.replace('http', 'ws')}/socket"}

    def _users_info(self, fields: Fields) -> dict[str, Any]:
        user = self._workspace.users.get(fields["user"])
        if user is None:
            raise Rejected("user_not_found")
        return {"user": user.told()}

    def _conversations_create(self, fields: Fields) -> dict[str, Any]:
        name = fields["name"]
        if not re.fullmatch(r"[a-z0-9_-]{1,80}", name):
            raise Rejected("invalid_name_specials", name)
        if self._workspace.named(name) is not None:
            raise Rejected("name_taken", name)
        channel = self._workspace.add_channel(name, BOT_USER, is_private=fields.get("is_private") == "true")
        channel.members.add(BOT_USER)
        return {"channel": channel.told()}

    def _conversations_archive(self, fields: Fields) -> None:
        channel = self._existing(fields)
        if channel.is_archived:
            raise Rejected("already_archived")
        self._member(channel)
        channel.is_archived = True
        # Whoever is in an archived channel is not in it for the API.
        channel.members.discard(BOT_USER)

    def _conversations_unarchive(self, fields: Fields) -> None:
        channel = self._existing(fields)
        if not channel.is_archived:
            raise Rejected("not_archived")
        if not self._workspace.bots_may_unarchive:
            raise Rejected("not_in_channel")
        channel.is_archived = False
        channel.members.add(BOT_USER)

    def _conversations_join(self, fields: Fields) -> dict[str, Any]:
        channel = self._existing(fields)
        if channel.is_archived:
            raise Rejected("is_archived")
        if channel.is_private:
            raise Rejected("method_not_supported_for_channel_type")
        channel.members.add(BOT_USER)
        return {"channel": channel.told()}

    def _conversations_set_topic(self, fields: Fields) -> None:
        channel = self._open(fields)
        if len(fields["topic"]) > 250:
            raise Rejected("too_long")
        channel.topic = fields["topic"]

    def _conversations_invite(self, fields: Fields) -> None:
        channel = self._open(fields)
        users = fields["users"].split(",")
        if len(users) > 100:
            raise Rejected("too_many_users")
        unknown = [user for user in users if user not in self._workspace.users]
        there = [user for user in users if user in channel.members]
        if unknown and (len(users) == 1 or fields.get("force") != "true"):
            raise Rejected("user_not_found")
        if len(there) == len(users):
            raise Rejected("already_in_channel")
        channel.members |= set(users) - set(unknown)

    def _conversations_open(self, fields: Fields) -> dict[str, Any]:
        self._known(fields["users"])
        return {"channel": {"id": self._workspace.direct(fields["users"]).id}}

    def _conversations_info(self, fields: Fields) -> dict[str, Any]:
        return {"channel": self._existing(fields).told()}

    def _conversations_history(self, fields: Fields) -> dict[str, Any]:
        channel = self._existing(fields)
        self._member(channel)
        after = float(fields.get("oldest", 0))
        with_metadata = fields.get("include_all_metadata") == "true"
        found = [one for one in reversed(channel.messages) if float(one.ts) > after and not one.thread]
        return self._page([one.told(with_metadata=with_metadata) for one in found], fields, "messages")

    def _users_conversations(self, fields: Fields) -> dict[str, Any]:
        own = [one for one in self._workspace.channels.values() if BOT_USER in one.members and not one.owner]
        if fields.get("exclude_archived") == "true":
            own = [one for one in own if not one.is_archived]
        return self._page([one.told() for one in own], fields, "channels")

    def _chat_post_message(self, fields: Fields) -> dict[str, Any]:
        channel = self._target(fields["channel"])
        made = self._written(fields)
        channel.messages.append(made)
        if channel.owner and not made.metadata:
            # An answer, as against a message that Tocsin sends of its own accord.
            self._shown(channel.owner, {"text": made.text, "blocks": made.blocks, "direct": made.ts})
        return {"channel": channel.id, "ts": made.ts, "message": made.told(with_metadata=True)}

    def _chat_update(self, fields: Fields) -> dict[str, Any]:
        channel = self._existing(fields)
        if channel.is_archived:
            raise Rejected("is_inactive")
        message = next((one for one in channel.messages if one.ts == fields["ts"]), None)
        if message is None:
            raise Rejected("message_not_found")
        if message.user != BOT_USER:
            raise Rejected("cant_update_message")
        anew = self._written(fields)
        message.text, message.blocks = anew.text, anew.blocks
        return {"channel": channel.id, "ts": message.ts}

    def _chat_post_ephemeral(self, fields: Fields) -> dict[str, Any]:
        channel = self._open(fields)
        if fields["user"] not in channel.members and channel.is_private:
            raise Rejected("user_not_in_channel")
        made = self._written(fields)
        self._shown(fields["user"], {"text": made.text, "blocks": made.blocks, "thread": fields.get("thread_ts", "")})
        return {"message_ts": made.ts}

    def _pins_add(self, fields: Fields) -> None:
        channel = self._open(fields)
        if fields["timestamp"] not in {one.ts for one in channel.messages}:
            raise Rejected("message_not_found")
        if fields["timestamp"] in channel.pins:
            raise Rejected("already_pinned")
        channel.pins.append(fields["timestamp"])

    def _bookmarks_add(self, fields: Fields) -> None:
        channel = self._open({"channel": fields["channel_id"]})
        if not re.match(r"https?://", fields["link"]):
            raise Rejected("invalid_link")
        channel.bookmarks.append({"title": fields["title"], "link": fields["link"]})

    def _bookmarks_list(self, fields: Fields) -> dict[str, Any]:
        return {"bookmarks": self._existing({"channel": fields["channel_id"]}).bookmarks}

    def _views_open(self, fields: Fields) -> dict[str, Any]:
        user = self._workspace.exchange(fields["trigger_id"])
        drawn = json.loads(fields["view"])
        kit.view(drawn)
        view = View(f"V{self._workspace.next():08d}", f"{time.time():.8f}", user, drawn)
        self._workspace.views[user] = view
        self._shown(user, {"view": view})
        return {"view": {"id": view.id, "hash": view.hash}}

    def _files_get_upload_url_external(self, fields: Fields) -> dict[str, Any]:
        if int(fields["length"]) < 1:
            raise Rejected("invalid_arguments")
        file = f"F{self._workspace.next():08d}"
        self._workspace.files[file] = b""
        return {"file_id": file, "upload_url": f"{self.url}/upload/{file}"}

    def _files_complete_upload_external(self, fields: Fields) -> None:
        channel = self._open({"channel": fields["channel_id"]})
        files = json.loads(fields["files"])
        if any(not self._workspace.files.get(one["id"]) for one in files):
            raise Rejected("file_not_found")
        channel.messages.append(Message(self._workspace.stamp(), BOT_USER, "", bot=BOT, files=files))

    def _written(self, fields: Fields) -> Message:
        blocks = json.loads(fields.get("blocks", "[]"))
        kit.message(fields.get("text", ""), blocks)
        metadata = json.loads(fields.get("metadata", "{}"))
        stamp, thread = self._workspace.stamp(), fields.get("thread_ts", "")
        return Message(stamp, BOT_USER, fields["text"], blocks, metadata, BOT, thread)

    def _target(self, name: str) -> Channel:
        """The channel of an id, of a #name, or of a user."""
        if name in self._workspace.channels:
            return self._open({"channel": name})
        if name.startswith("#"):
            channel = self._workspace.named(name[1:])
            return self._open({"channel": channel.id if channel is not None else ""})
        if name.startswith("U"):
            self._known(name, otherwise="channel_not_found")
            return self._workspace.direct(name)
        raise Rejected("channel_not_found", name)

    def _known(self, user: str, *, otherwise: str = "user_not_found") -> None:
        if user not in self._workspace.users:
            raise Rejected(otherwise, user)

    def _existing(self, fields: Fields) -> Channel:
        channel = self._workspace.channels.get(fields["channel"])
        if channel is None or (channel.is_private and BOT_USER not in channel.members and not channel.is_archived):
            raise Rejected("channel_not_found", fields["channel"])
        return channel

    def _open(self, fields: Fields) -> Channel:
        channel = self._existing(fields)
        if channel.is_archived:
            raise Rejected("is_archived")
        self._member(channel)
        return channel

    def _member(self, channel: Channel) -> None:
        if BOT_USER not in channel.members:
            raise Rejected("not_in_channel")

    def _page(self, items: list[dict[str, Any]], fields: Fields, name: str) -> dict[str, Any]:
        start, limit = int(fields.get("cursor") or 0), int(fields.get("limit", 100))
        more = str(start + limit) if start + limit < len(items) else ""
        return {name: items[start : start + limit], "response_metadata": {"next_cursor": more}}
