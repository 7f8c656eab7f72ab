"""What a chat declares of itself, so that nothing outside its own folder has to name it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

from bot.config.problem import Problem
from bot.config.section import Section
from bot.config.variables import VARIABLES, Variable

T = TypeVar("T")

IsGiven = Callable[[Variable], bool]
"""Says whether a variable is set, to a good value or not."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """An environment variable of a chat. `read` makes its value of the text, or raises `Unfit`; unset, it is `unset`."""

    variable: Variable
    read: Callable[[str], T]
    unset: T


@dataclass(frozen=True, slots=True)
class AccountField:
    """The key by which a person of tocsin.yaml names their account in a chat.

    `form` is an annotated type as in `bot.config.values`: how it is written, and what is refused.
    """

    form: Any
    meaning: str


def no_faults(_is_given: IsGiven) -> Sequence[Problem]:
    """Find nothing between the settings of a chat: none needs another."""
    return ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a chat wants of the environment, of tocsin.yaml, of the guards and of the log.

    - `name` is its key under `chat` and beside people, and the chat of its accounts; `title` is what people call it.
    - `faults` finds what is wrong between `settings` that need one another.
    - `section` is its part of `chat` in tocsin.yaml; `account` the key of people who have an account there.
    - `doors` are the paths under which programs call it; whoever calls has to prove who they are, without a login.
    - `secrets` are what its tokens look like, without groups, wherever a library may have put one.
    - `libraries` are the loggers which print tokens or whole requests at INFO, and say nothing else that anyone needs.
    - `page` is its page in docs/, if it has one.
    """

    name: str
    title: str
    settings: tuple[Setting[Any], ...] = ()
    faults: Callable[[IsGiven], Sequence[Problem]] = no_faults
    section: type[Section] | None = None
    account: AccountField | None = None
    doors: tuple[str, ...] = ()
    secrets: tuple[re.Pattern[str], ...] = ()
    libraries: tuple[str, ...] = ()
    page: str | None = None


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The chats there are, and what the environment says of each. Printed, it shows no value."""

    declared: tuple[Declaration, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    """By the names of variables; those that are not set are left out."""

    def of(self, setting: Setting[T]) -> T:
        """Return the value of a setting."""
        return cast(T, self.values.get(setting.variable.name, setting.unset))


NO_CHATS: Final = ChatSettings()
"""What is known of chats where nobody has asked for any."""


def every_variable(chats: Sequence[Declaration]) -> tuple[Variable, ...]:
    """Return Tocsin's own variables, and those of these chats behind them."""
    return (*VARIABLES, *(setting.variable for chat in chats for setting in chat.settings))
