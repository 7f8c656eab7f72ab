"""What every table shares: one metadata, names for its constraints, and column types that mean what they say."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, Final

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
_DEEPEST: Final = 200
"""orjson writes whole numbers of 64 bits, and 254 levels of lists in lists."""


class Row(SQLModel):
    """The base of every table. Rows never travel as objects: `__table__` is used in statements."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    __table__: ClassVar[Table]


METADATA: Final = Row.metadata

# SQLite gives out numbers of its own only to a column that is INTEGER to the letter.
Seq: Final = BigInteger().with_variant(Integer(), "sqlite")
"""The order in which rows were stored."""


@lru_cache(maxsize=4096)  # what came in one delivery has one instant
def to_microseconds(at: datetime) -> int:
    """Return the whole microseconds from 1970 to an instant, as SQLite keeps it; a naive one is a ValueError."""
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone to be stored: {at.isoformat()}")
    return (at - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=4096)
def from_microseconds(microseconds: int) -> datetime:
    """Return the instant that `to_microseconds` was given, in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An instant, in UTC. On SQLite it is a number, since its texts compare as texts and its dates forget the zone."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        inner: TypeEngine[Any] = BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(inner)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone to be stored: {value.isoformat()}")
        return to_microseconds(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return from_microseconds(value) if dialect.name == "sqlite" else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Plain data as JSON, written and read by orjson; None is the database's NULL, never a JSON `null`."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # On PostgreSQL the engine is made with `to_json` and orjson as its own (de)serialisers.
        inner: TypeEngine[Any] = Text() if dialect.name == "sqlite" else JSONB(none_as_null=True)
        return dialect.type_descriptor(inner)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return to_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return orjson.loads(value)


class Words(TypeDecorator[str]):
    """Text that came from outside: see `storable`."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy asks
        return None if value is None else storable(value)


def to_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return plain data as JSON text, with what no database can hold replaced: see `storable`.

    Whole numbers of more than 64 bits become text, and what is nested too deeply a question mark.
    """
    try:
        written = orjson.dumps(value, default=dict)
    except orjson.JSONEncodeError:
        return orjson.dumps(_storable(value), default=dict).decode()
    if b"\\u0000" in written:
        written = orjson.dumps(_storable(value), default=dict)
    return written.decode()


def storable(words: str) -> str:
    """Return text with every NUL and every half of a surrogate pair replaced by a question mark.

    PostgreSQL refuses the one, UTF-8 has no bytes for the other, and a JSON body from outside may carry both.
    """
    if words.isascii() and "\0" not in words:
        return words
    return words.replace("\0", "?").encode("utf-8", "replace").decode()


def _storable(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return storable(value)
    if depth > _DEEPEST:
        return "?"
    if isinstance(value, Mapping):
        return {storable(str(name)): _storable(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner, depth + 1) for inner in value]
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        return str(value)
    return value
