"""What Tocsin writes to its log: a constant event name and fields, one JSON object a line, and never a secret."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN: Final = "***"
"""What stands where a secret was."""

_SECRET_WORDS: Final = frozenset(
    {"token", "tokens", "secret", "secrets", "password", "passwords", "key", "keys", "authorization", "signature"}
    | {"body", "cookie", "cookies", "login", "credential", "credentials", "dsn"}
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Bearer keys, and passwords in URLs, wherever a library may have put them.
_SECRET_TEXT: Final = re.compile(
    r"(?<=[Bb]earer )\S+|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)|(?<=/webhooks/)([\w.-]+)/[^\s\"'?]+"
)
_TOKENS: Final[set[re.Pattern[str]]] = set()
"""What the tokens of chats look like: see `learn`."""

_DEEPEST: Final = 6
# These print tokens, signatures or whole requests at INFO, and say nothing else that anyone needs.
_QUIET: Final = {
    "aiohttp.access",
    "aiosqlite",
    "alembic",
    "asyncio",
    "httpcore",
    "httpx",
}


def configure(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send every log line, ours and the libraries', to a stream: stderr unless told otherwise.

    On a terminal the lines are for reading, anywhere else they are JSON. Calling it again replaces what was set up.
    """
    out = stream if stream is not None else sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[*shared[:2], shared[3], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last(is_terminal=out.isatty()))
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # It warns of each tick that was missed on a busy machine, which is harmless: see `bot.schedule`.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide the value of every field whose name speaks of a secret, and tokens inside any other text."""
    return {name: _hidden(name, value, 0) for name, value in event.items()}


def hide(text: str) -> str:
    """Return a text without the tokens and passwords that it may hold, for messages that others have written."""
    for token in _TOKENS:
        text = token.sub(HIDDEN, text)
    return _SECRET_TEXT.sub(_masked, text)


def learn(tokens: Iterable[re.Pattern[str]], libraries: Iterable[str]) -> None:
    """Hide tokens that look so from now on, and keep libraries quiet that print them.

    The log is one for the whole process, and so is what must not be in it: what was learnt is never forgotten.
    """
    _TOKENS.update(tokens)
    for name in libraries:
        _QUIET.add(name)
        logging.getLogger(name).setLevel(logging.WARNING)


def _last(*, is_terminal: bool) -> list[Processor]:
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if is_terminal:
        plain = structlog.dev.plain_traceback
        return [drop, _traceback, redact, structlog.dev.ConsoleRenderer(exception_formatter=plain, timestamp_key="at")]
    return [drop, _traceback, redact, structlog.processors.JSONRenderer(serializer=_json)]


def _traceback(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Turn an exception into text before anything is hidden, since its words may hold what must be."""
    return structlog.processors.format_exc_info(logger, method, event)


def _hidden(name: object, value: Any, depth: int) -> Any:
    if value is not None and not isinstance(value, bool) and _is_secret(str(name)):
        return HIDDEN
    if isinstance(value, str):
        return hide(value)
    if depth >= _DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping | MutableMapping):
        return {key: _hidden(key, inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden("", inner, depth + 1) for inner in value]
    if isinstance(value, bytes | bytearray):
        return HIDDEN
    return value


def _masked(found: re.Match[str]) -> str:
    return f"{found[1]}/{HIDDEN}" if found[1] else HIDDEN


def _is_secret(name: str) -> bool:
    return any(word.lower() in _SECRET_WORDS for word in _WORD.findall(name))


def _json(event: EventDict, **_options: Any) -> str:
    # A value that JSON does not know shows as its text, hidden like any other.
    return orjson.dumps(
        event, default=lambda value: _hidden("", str(value), 0), option=orjson.OPT_NON_STR_KEYS
    ).decode()
