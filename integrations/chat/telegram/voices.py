"""In whose words Tocsin speaks in Telegram: a person's own, or those for everybody."""

from collections.abc import Callable

from bot.domain.organisation import Account, Person
from bot.ports.chat import Linking
from bot.wording.speech import Speech


class Voices:
    """Finds the words for a reader."""

    def __init__(self, speech: Callable[[Person | None], Speech], linking: Linking) -> None:
        self._speech = speech
        self._linking = linking

    def room(self) -> Speech:
        """Return the words for a whole room."""
        return self._speech(None)

    def person(self, person: Person | None) -> Speech:
        """Return the words for a person, or for somebody whom nobody knows."""
        return self._speech(person)

    async def to(self, account: Account) -> Speech:
        """Return the words for whoever has an account."""
        return self._speech(await self._linking.person_behind(account))
