"""Who the bot is, as Telegram knows it: asked once, then remembered for as long as we run."""

from dataclasses import dataclass

from telegram import Bot

from integrations.chat.telegram.calls import ask


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's number and its name without the sign before it."""

    id: int
    username: str


class Identity:
    """Asks who we are. `me` is None until that is known."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self.me: Me | None = None

    async def known(self) -> Me:
        """Return who we are, asking at first. Raises as `calls.ask` does."""
        if self.me is None:
            user = await ask(self._bot.get_me)
            self.me = Me(user.id, user.username or "")
        return self.me
