"""Who is behind an account of Slack: known, or recognised once by the address that Slack has verified."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.domain.organisation import Account, Person
from integrations.chat.kind import ChatHost
from integrations.chat.slack.api import Slack
from integrations.chat.slack.bot_self import WhoAmI
from integrations.chat.slack.needs import Call
from integrations.chat.slack.trouble import Trouble

log = structlog.get_logger(__name__)

ASKED_AGAIN_AFTER: Final = timedelta(hours=1)
"""Whoever was not recognised is not asked about with each of their lines."""

_KIND: Final = "stranger"


def account_of(user: str) -> Account:
    """Return the account of a user. There is one workspace, so accounts name none, as the configuration doesn't."""
    return Account("slack", "", user)


class Accounts:
    """Knows people by their accounts."""

    def __init__(self, slack: Slack, who: WhoAmI, host: ChatHost) -> None:
        self._slack = slack
        self._who = who
        self._host = host

    async def person(self, user: str) -> Person | None:
        """Return whose account it is, recognising a full member of our workspace by their verified address."""
        account = account_of(user)
        known = await self._host.linking.person_behind(account)
        if known is not None:
            return known
        if await self._host.memory.get(_KIND, user) is not None:
            return None
        try:
            told = await self._slack.call(Call.USER, user=user)
            team = (await self._who()).team
        except Trouble as trouble:
            log.warning("slack_user_unread", reason=str(trouble))
            return None
        address = verified_address(told.get("user"), team)
        person = await self._host.linking.by_email(account, address) if address else None
        if person is None:
            until = self._host.clock.now() + ASKED_AGAIN_AFTER
            await self._host.memory.put(_KIND, user, {"known": False}, expires_at=until)
        return person

    async def name(self, user: str) -> str:
        """Return what commands call a user: the person's name, else the id itself."""
        person = await self._host.linking.person_behind(account_of(user))
        return person.name if person is not None else user


def verified_address(user: Any, team: str) -> str:
    """Return the address that vouches for a user; "" for bots, guests, people of other workspaces, unverified ones."""
    if not isinstance(user, Mapping):
        return ""
    teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    is_other = any(
        user.get(sign) for sign in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    )
    if is_other or team not in teams or user.get("is_email_confirmed") is not True:
        return ""
    return str((user.get("profile") or {}).get("email") or "")
