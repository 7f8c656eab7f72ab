"""What a chat needs before Tocsin can be connected to it."""

import argparse
import os
import sys

from bot.config.loading import load_file
from bot.config.settings import Settings
from bot.startup import StartupError
from bot.verbs.verb import Verb


async def manifest(given: argparse.Namespace) -> int:
    """Print the manifest from which the Slack app is made; tokens, which come afterwards, are not needed."""
    from integrations.chat.slack.manifest import manifest as written

    settings, _ = Settings.read(os.environ)
    loaded = load_file(settings, os.environ)
    if loaded.file is None:
        raise StartupError("The configuration has errors; `tocsin check` names them.")
    can_be_reached = settings.public_url.startswith("https://") and settings.slack_app_token is None
    if given.http and not settings.public_url.startswith("https://"):
        raise StartupError(
            f"TOCSIN_PUBLIC_URL is {settings.public_url}, where Slack can't send anything; set it to an https address, "
            "or use Socket Mode."
        )
    by_http = given.http or (can_be_reached and not given.socket)
    sys.stdout.write(written(loaded.file.chat.slack.command, settings.public_url if by_http else None))
    return 0


def _way(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--socket", action="store_true", help="for Socket Mode (default without a public https address)")
    ways.add_argument("--http", action="store_true", help="for requests to the public address (default with one)")


VERBS = (Verb("manifest", "Print the manifest from which the Slack app of this Tocsin is made.", manifest, _way),)
