"""Slack as a chat: a channel for every incident, pages as direct messages, and people's commands over HTTP or a socket.

Imported always, so everything that weighs anything is imported when the chat is opened or examined.
"""

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.config.file import File
from bot.config.finding import Finding
from bot.config.settings import Settings
from bot.ports.chat import Chat
from integrations.chat.kind import ChatHost, ChatKind, ChatVerb
from integrations.chat.slack.declaration import BOT_TOKEN, DECLARATION
from integrations.chat.slack.sentences import SENTENCES


@asynccontextmanager
async def _open(settings: Settings, host: ChatHost) -> AsyncIterator[Chat]:
    from integrations.chat.slack.opening import opened

    async with opened(settings, host) as chat:
        yield chat


async def _examine(settings: Settings, file: File) -> Sequence[Finding]:
    from integrations.chat.slack.examining import examine

    return await examine(settings, file)


def _manifest(settings: Settings, file: File, given: argparse.Namespace) -> str:
    from integrations.chat.slack.manifest import manifest_for

    return manifest_for(settings, file, by_http=given.http, by_socket=given.socket)


def _way(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--socket", action="store_true", help="for Socket Mode (default without a public https address)")
    ways.add_argument("--http", action="store_true", help="for requests to the public address (default with one)")


CHAT = ChatKind(
    DECLARATION,
    lambda settings: settings.of(BOT_TOKEN) is not None,
    _open,
    _examine,
    SENTENCES,
    (ChatVerb("manifest", "Print the manifest from which the Slack app of this Tocsin is made.", _manifest, _way),),
)
