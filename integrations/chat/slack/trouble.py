"""What can go wrong with a call to Slack, and what that means for the effect it was made for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.ports.chat import Failed, Gone, Receipt, RetryAfter, RoomRef, Unknown

_GONE: Final = frozenset({"channel_not_found", "is_archived", "is_inactive", "channel_is_archived"})
_SHUT_FOR_NOW: Final = frozenset({"accesslimited", "ekm_access_denied", "org_login_required", "team_added_to_org"})
_MAYBE: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Slack says of these that some part of the work may have been done."""

_REMEDIES: Final[Mapping[str, str]] = {
    "account_inactive": "the bot was removed from the workspace: install the app again, and set its new token",
    "cant_invite": "this person can't be invited: see whether the account is active",
    "channel_not_found": "correct the channel or the person's `slack` in tocsin.yaml, and invite the bot into the channel",
    "invalid_auth": "the token is not valid: copy it anew from “OAuth & Permissions”",
    "messages_tab_disabled": "turn on the Messages Tab under “App Home” of your Slack app",
    "missing_scope": "add the scope under “OAuth & Permissions”, and install the app again",
    "no_permission": "the bot may not do this here: ask a workspace administrator",
    "not_authed": "the token is missing: set TOCSIN_SLACK_BOT_TOKEN",
    "not_in_channel": "invite the bot into the channel",
    "restricted_action": "a workspace setting forbids it: ask a workspace administrator to allow it for apps",
    "token_expired": "turn off token rotation for your Slack app, and set its new token",
    "token_revoked": "the token was revoked: install the app again, and set its new token",
    "user_disabled": "the account is switched off: correct the person's `slack` in tocsin.yaml",
    "user_not_found": "there is no such account: correct the person's `slack` in tocsin.yaml",
}


class Trouble(Exception):
    """A call did not do what it was made for."""

    def receipt(self, room: RoomRef | None = None) -> Receipt:
        """Return what this means for an effect, which may be about a room."""
        raise NotImplementedError


class Busy(Trouble):
    """It was not made, or refused for now: again after the delay."""

    def __init__(self, delay: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.delay = delay
        self.reason = reason

    def receipt(self, room: RoomRef | None = None) -> Receipt:  # noqa: ARG002 - every trouble is asked alike
        return RetryAfter(self.delay, self.reason)


class Unclear(Trouble):
    """Slack got it and did not answer properly: it may have been done."""

    def receipt(self, room: RoomRef | None = None) -> Receipt:  # noqa: ARG002 - every trouble is asked alike
        return Unknown(str(self))


class Astray(Unclear):
    """What answered does not know the method, so it is not Slack's API, or something stands before it."""


class Refused(Trouble):
    """Slack said no. `code` is Slack's own word for it; `each` are those for single users, where there were several."""

    def __init__(self, method: str, code: str, needed: str = "", each: tuple[str, ...] = ()) -> None:
        remedy = _REMEDIES.get(code)
        lacks = f": the app lacks the scope {needed}" if needed else ""
        super().__init__(f"Slack refused {method} ({code}){lacks}" + (f"; {remedy}" if remedy else ""))
        self.method = method
        self.code = code
        self.each = each

    def receipt(self, room: RoomRef | None = None) -> Receipt:
        if room is not None and self.code in _GONE:
            return Gone(room, str(self))
        return Failed(str(self))


def of_code(method: str, code: str, needed: str = "", each: tuple[str, ...] = ()) -> Trouble:
    """Return what an error code of Slack means."""
    if code in _MAYBE:
        return Unclear(f"Slack answered {method} with {code}")
    if code in _SHUT_FOR_NOW:
        return Busy(timedelta(minutes=1), f"Slack is closed for now ({code})")
    return Refused(method, code, needed, each)
