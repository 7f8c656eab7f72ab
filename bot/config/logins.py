"""The passwords for the built-in pages, as they are configured now."""

from collections.abc import Callable, Iterator, Mapping
from typing import final

from pydantic import SecretStr


@final
class Logins(Mapping[str, str]):
    """Passwords by the names of people, always those of the configuration in force. Printed, it shows names only.

    Comparing in constant time is the caller's: who is not in here has no password and can't log in.
    """

    def __init__(self, current: Callable[[], Mapping[str, SecretStr]]) -> None:
        self._current = current

    def __getitem__(self, name: str) -> str:
        return self._current()[name].get_secret_value()

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def __repr__(self) -> str:
        return f"Logins of {', '.join(self) or 'nobody'}"
