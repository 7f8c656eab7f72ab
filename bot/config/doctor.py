"""Examine what Tocsin needs: its settings, its database, its key, the clocks, its port, and the chats that are wanted."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.config import variables as var
from bot.config.addresses import Listen
from bot.config.file import File
from bot.config.finding import Finding, Health, count, doubtful, exit_code, ill, of_problems, well
from bot.config.loading import Loaded
from bot.config.problem import Problem, errors
from bot.config.settings import Settings
from bot.domain.phrases import describe
from bot.domain.text import clip
from bot.log import hide

AskDatabase = Callable[[str], Awaitable[datetime]]
"""Connects to the database at a URL and returns what time it is there."""
AskPending = Callable[[str], Awaitable[Sequence[str]]]
"""Returns the migrations that the database at a URL lacks."""
AskKey = Callable[[Settings], Awaitable[Finding]]
"""Tries the key of the secrets at rest on what is stored under it, and changes nothing."""
AskChat = Callable[[Settings, File], Awaitable[Sequence[Finding]]]
"""Asks a chat how it is with its set-up; finds nothing where the chat is not wanted."""

_PATIENCE_SECONDS: Final = 10
_CHAT_PATIENCE_SECONDS: Final = 60
_TOLERATED: Final = timedelta(seconds=2)


async def examine(
    settings: Settings,
    loaded: Loaded,
    problems: Sequence[Problem],
    *,
    database: AskDatabase,
    pending: AskPending,
    key: AskKey,
    chats: Sequence[AskChat] = (),
) -> list[Finding]:
    """Return how it is with everything; a check that can't be made is a problem, never an exception.

    Where a variable is itself a problem its default stands in, of which nobody asked how it is: that is left out.
    """
    findings = of_problems(problems)
    wrong = {problem.source for problem in errors(problems)}
    if not any(finding.health is Health.PROBLEM for finding in findings):
        name = "the default organisation" if loaded.is_default else str(settings.config_path)
        findings.append(well("configuration", f"{name} and the environment fit together"))
    if not wrong & {var.LISTEN.name, var.PUBLIC_URL.name}:
        findings.append(_exposure(settings))
    if var.DATABASE_URL.name not in wrong:
        found = await _database(settings, database, pending)
        findings.extend(found)
        if exit_code(found) == 0 and var.SECRET_KEY.name not in wrong:
            findings.append(await _key(key, settings))
    if var.LISTEN.name not in wrong:
        findings.append(await _port(settings.listen))
    for chat in chats:
        findings.extend(await _chat(chat, settings, loaded.file or File()))
    return findings


def _exposure(settings: Settings) -> Finding:
    if not settings.is_exposed:
        return well("exposure", f"only this machine can reach {settings.public_url}")
    return well("exposure", f"others can reach {settings.public_url}, so everything there needs a login or a key")


async def _database(settings: Settings, database: AskDatabase, pending: AskPending) -> list[Finding]:
    asked_at = datetime.now(UTC)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            database_at = await database(settings.database_url)
            answered_at = datetime.now(UTC)
            lacking = await pending(settings.database_url)
    except TimeoutError:
        what = f"the database did not answer within {_PATIENCE_SECONDS} seconds"
        return [ill("database", what, f"see that it runs, and that {var.DATABASE_URL.name} leads to it")]
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        what = f"the database can't be used ({_reason(error)})"
        return [ill("database", what, f"see that it runs, and that {var.DATABASE_URL.name} leads to it")]
    found = [well("database", "it answers")]
    if lacking:
        what = f"{count(len(lacking), 'migration')} to apply"
        found.append(doubtful("migrations", what, "run 'tocsin migrate', or start Tocsin, which does the same"))
    else:
        found.append(well("migrations", "all are applied"))
    return [*found, _clock(database_at, asked_at, answered_at)]


async def _key(key: AskKey, settings: Settings) -> Finding:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await key(settings)
    except Exception as error:  # noqa: BLE001 - whatever the driver or the file system raises is the finding
        return ill("secret key", f"it can't be tried ({_reason(error)})", "see that Tocsin may read it")


def _clock(database_at: datetime, asked_at: datetime, answered_at: datetime) -> Finding:
    skew = database_at - (asked_at + (answered_at - asked_at) / 2)
    # Half the time that the answer took is unknown, so it is never held against the clock.
    if abs(skew) - (answered_at - asked_at) / 2 <= _TOLERATED:
        return well("clock", "it agrees with the database's")
    side = "behind" if skew > timedelta() else "ahead of"
    off = describe(timedelta(seconds=round(abs(skew).total_seconds())))
    what = f"this machine is {off} {side} the database, whose clock decides when to page"
    return doubtful("clock", what, "let both follow the same time server (NTP)")


async def _chat(chat: AskChat, settings: Settings, file: File) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(_CHAT_PATIENCE_SECONDS):
            return await chat(settings, file)
    except TimeoutError:
        what = f"it was not examined within {_CHAT_PATIENCE_SECONDS} seconds"
        return [ill("chat", what, "see that this machine reaches it, and run 'tocsin doctor' again")]
    except Exception as error:  # noqa: BLE001 - one chat's trouble must not hide how it is with the rest
        return [ill("chat", f"it can't be examined ({_reason(error)})", "see that this machine reaches it")]


async def _port(listen: Listen) -> Finding:
    if listen.port == 0:
        return well("port", "the system chooses one")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104 - compared, not bound
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(host, listen.port)
    except (OSError, TimeoutError):
        return _can_bind(listen)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            is_tocsin = await _is_healthy(reader, writer, listen)
    except (OSError, TimeoutError, ValueError):
        is_tocsin = False
    finally:
        writer.close()
    if is_tocsin:
        return well("port", f"Tocsin answers on {listen}")
    what = f"another program answers on {listen}"
    return ill("port", what, f"stop it, or give Tocsin another port with {var.LISTEN.name}")


async def _is_healthy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listen: Listen) -> bool:
    writer.write(f"GET /healthz HTTP/1.1\r\nHost: {listen}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    words = (await reader.readline()).split()
    return len(words) > 1 and words[0].startswith(b"HTTP/") and words[1] == b"200"


def _can_bind(listen: Listen) -> Finding:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        with closing(socket.socket(family, socket.SOCK_STREAM)) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((listen.host, listen.port))
    except OSError as error:
        what = f"Tocsin can't listen on {listen} ({_reason(error)})"
        return ill("port", what, f"name an address of this machine and a free port over 1023 in {var.LISTEN.name}")
    return well("port", f"{listen} is free")


def _reason(error: Exception) -> str:
    """Return one line about an error; drivers like to print the URL with its password."""
    told = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0] or type(error).__name__
    return clip(hide(str(told)), 200)
