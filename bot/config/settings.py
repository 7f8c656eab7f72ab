"""The settings that Tocsin takes from its environment, checked once and frozen."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from pydantic import SecretStr

from bot.config import variables as var
from bot.config.addresses import (
    Listen,
    Network,
    Unfit,
    leads_here_only,
    read_listen,
    read_networks,
    read_public_url,
)
from bot.config.declared import NO_CHATS, ChatSettings, Declaration, Setting, every_variable
from bot.config.problem import ConfigError, Problem
from bot.domain.text import nearest

DEFAULT_CONFIG: Final = Path("tocsin.yaml")
DEFAULT_DATABASE: Final = "sqlite:///var/tocsin.sqlite3"
DEFAULT_LISTEN: Final = Listen("127.0.0.1", 8080)
NEW_KEY: Final = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
"""The command that every remedy about a missing or weak key names."""

_SHORTEST_SECRET_KEY: Final = 32
_DATABASES: Final = re.compile(r"(sqlite|postgres(?:ql)?)(?:\+[a-z0-9_]+)?:")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The environment as Tocsin understands it. Secrets show as asterisks wherever a setting is printed.

    `config_is_named`: TOCSIN_CONFIG was given, so the file has to be there. URLs end without a slash.
    """

    config_path: Path = DEFAULT_CONFIG
    config_is_named: bool = False
    database_url: str = field(default=DEFAULT_DATABASE, repr=False)
    listen: Listen = DEFAULT_LISTEN
    public_url: str = f"http://{DEFAULT_LISTEN}"
    public_url_is_given: bool = False
    secret_keys: tuple[SecretStr, ...] = ()
    webhook_key: SecretStr | None = None
    api_token: SecretStr | None = None
    trusted_proxies: tuple[Network, ...] = ()
    lease: timedelta = timedelta(seconds=15)
    chats: ChatSettings = NO_CHATS

    @classmethod
    def from_environment(cls, env: Mapping[str, str], chats: Sequence[Declaration] = ()) -> Self:
        """Read every variable, also of `chats`; an empty one counts as unset. Raises `ConfigError` with all that is wrong.

        Without their declarations there are no chats: their variables are not read, nor their keys of tocsin.yaml.
        """
        settings, problems = cls.read(env, chats)
        if problems:
            raise ConfigError(problems)
        return settings

    @classmethod
    def read(cls, env: Mapping[str, str], chats: Sequence[Declaration] = ()) -> tuple[Self, tuple[Problem, ...]]:
        """Read every variable; returns the settings, with defaults where a value was no good, and what was wrong."""
        reader = _Reader(env)
        listen = reader.read(var.LISTEN, read_listen, DEFAULT_LISTEN)
        settings = cls(
            config_path=reader.read(var.CONFIG, Path, DEFAULT_CONFIG),
            config_is_named=reader.is_given(var.CONFIG),
            database_url=reader.read(var.DATABASE_URL, _database, DEFAULT_DATABASE),
            listen=listen,
            public_url=reader.read(var.PUBLIC_URL, read_public_url, f"http://{listen}"),
            public_url_is_given=reader.is_given(var.PUBLIC_URL),
            secret_keys=reader.read(var.SECRET_KEY, _secret_keys, ()),
            webhook_key=reader.read(var.WEBHOOK_KEY, read_key, None),
            api_token=reader.read(var.API_TOKEN, read_key, None),
            trusted_proxies=reader.read(var.TRUSTED_PROXIES, lambda text: read_networks(_words(text)), ()),
            lease=reader.read(var.LEASE_SECONDS, _lease, timedelta(seconds=15)),
            chats=ChatSettings(tuple(chats), reader.values(setting for chat in chats for setting in chat.settings)),
        )
        return settings, (*reader.problems, *(fault for chat in chats for fault in chat.faults(reader.is_given)))

    @property
    def is_exposed(self) -> bool:
        """Whether anyone but this machine can reach Tocsin, so that everything needs a login or a key."""
        return not (self.listen.is_loopback and leads_here_only(self.public_url))

    @property
    def uses_sqlite(self) -> bool:
        """Whether one process alone may use the database."""
        return self.database_url.startswith("sqlite")


class _Reader:
    """Reads variables one by one and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[Problem] = []

    def is_given(self, variable: var.Variable) -> bool:
        return bool(self._env.get(variable.name, "").strip())

    def read(self, variable: var.Variable, convert: Callable[[str], T], default: T) -> T:
        text = self._env.get(variable.name, "").strip()
        if not text:
            return default
        try:
            return convert(text)
        except Unfit as unfit:
            self.problems.append(Problem(variable.name, unfit.what, unfit.remedy))
            return default

    def values(self, settings: Iterable[Setting[Any]]) -> Mapping[str, object]:
        given = (setting for setting in settings if self.is_given(setting.variable))
        return {one.variable.name: self.read(one.variable, one.read, one.unset) for one in given}


def unknown_variables(
    env: Mapping[str, str], referred: frozenset[str] = frozenset(), chats: Sequence[Declaration] = ()
) -> tuple[Problem, ...]:
    """Warn of TOCSIN_ variables that mean nothing; `referred` are those that the file refers to."""
    known = [variable.name for variable in every_variable(chats)]
    unknown = sorted(name for name in env if name.startswith("TOCSIN_") and name not in known and name not in referred)
    return tuple(
        Problem(name, "Tocsin has no such variable", _did_you_mean(nearest(name, known)), is_warning=True)
        for name in unknown
    )


def _did_you_mean(near: str | None) -> str:
    return f"did you mean {near}?" if near else "take it away, or look for its name in docs/configuration.md"


def _lease(text: str) -> timedelta:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 300:
        raise Unfit("it is not a number of seconds from 1 to 300", "write a whole number, such as 15")
    return timedelta(seconds=int(text))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def _database(text: str) -> str:
    kind = _DATABASES.match(text)
    if kind is None:
        raise Unfit("it names no database that Tocsin knows", "start it with sqlite:/// or postgresql://")
    if kind[1] != "sqlite" and "://" not in text:
        raise Unfit("it names no host", "write it as postgresql://user:password@host/name")
    return text


def _secret_keys(text: str) -> tuple[SecretStr, ...]:
    keys = _words(text)
    if any(len(key) < _SHORTEST_SECRET_KEY for key in keys):
        which = "a key of its list" if len(keys) > 1 else "the key"
        raise Unfit(f"{which} is shorter than {_SHORTEST_SECRET_KEY} characters", f"make one: {NEW_KEY}")
    return tuple(SecretStr(key) for key in keys)


def read_key(text: str) -> SecretStr:
    """Read a key or a token that HTTP has to carry. Raises `Unfit`."""
    if not all("!" <= letter <= "~" for letter in text):
        raise Unfit("it holds a space or a letter that HTTP can't carry", f"make one: {NEW_KEY}")
    return SecretStr(text)
