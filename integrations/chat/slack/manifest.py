"""The manifest from which a Slack app is made: the scopes and events that the code uses, and no others."""

from typing import Any, Final

import yaml

from bot.config.file import File
from bot.config.settings import Settings
from bot.startup import StartupError
from integrations.chat.slack.declaration import APP_TOKEN, SlackSection
from integrations.chat.slack.needs import EVENTS, PATH, scopes

NAME: Final = "Tocsin"
_COLOUR: Final = "#1d2a44"


def manifest_for(settings: Settings, file: File, *, by_http: bool, by_socket: bool) -> str:
    """Return the manifest for this Tocsin; tokens, which come afterwards, are not needed.

    Unless told which way Slack is connected, requests to the public address are meant where Slack can send there. Raises
    `StartupError` where they are asked for and it can't.
    """
    can_be_reached = settings.public_url.startswith("https://")
    if by_http and not can_be_reached:
        raise StartupError(
            f"TOCSIN_PUBLIC_URL is {settings.public_url}, where Slack can't send anything; set it to an https address, "
            "or use Socket Mode."
        )
    is_reached = can_be_reached and settings.chats.of(APP_TOKEN) is None and not by_socket
    command = file.chat.of(SlackSection).command
    return manifest(command, settings.public_url if by_http or is_reached else None)


def manifest(command: str, public_url: str | None) -> str:
    """Return the manifest as YAML, for requests to a public address, or for Socket Mode where there is none.

    Keys follow docs.slack.dev, “App manifest reference”. `should_escape` lets mentions arrive as ids.
    """
    address = {} if public_url is None else {"url": f"{public_url}{PATH}"}
    request = {} if public_url is None else {"request_url": f"{public_url}{PATH}"}
    usage = "[declare|ack|update|sev|resolve|list|help]"
    slash: dict[str, Any] = {
        "command": command,
        "description": "Run incidents",
        "usage_hint": usage,
        "should_escape": True,
    }
    document = {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": NAME,
            "description": "Opens incidents, calls the right people, and keeps the record",
            "background_color": _COLOUR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME.lower(), "always_online": True},
            "slash_commands": [{**slash, **address}],
        },
        "oauth_config": {"scopes": {"bot": list(scopes())}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": public_url is None,
            "token_rotation_enabled": False,
        },
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
