"""Every environment variable of Tocsin but the chats' own: its name, what it means, its default, what it must look like."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, as `docs/configuration.md` shows it. A secret's value is never told to anyone."""

    name: str
    meaning: str
    default: str
    form: str
    is_secret: bool = False


CONFIG: Final = Variable(
    name="TOCSIN_CONFIG",
    meaning="The file that describes the organisation: people, schedules, policies, routes.",
    default="`tocsin.yaml` in the working folder; without that file, one person named `me`",
    form="A path. A file that is named here has to be there.",
)
DATABASE_URL: Final = Variable(
    name="TOCSIN_DATABASE_URL",
    meaning="Where Tocsin remembers. SQLite serves one process; many replicas need PostgreSQL.",
    default="`sqlite:///var/tocsin.sqlite3`",
    form="`sqlite:///path/to/file` or `postgresql://user:password@host/name`.",
    is_secret=True,
)
LISTEN: Final = Variable(
    name="TOCSIN_LISTEN",
    meaning="The address on which Tocsin answers HTTP.",
    default="`127.0.0.1:8080`",
    form="`host:port`; an IPv6 address stands in brackets: `[::1]:8080`.",
)
PUBLIC_URL: Final = Variable(
    name="TOCSIN_PUBLIC_URL",
    meaning="The address under which people and chats reach Tocsin; every link that Tocsin sends begins with it.",
    default="`http://` and the value of `TOCSIN_LISTEN`",
    form="`https://tocsin.example.com`, without a path.",
)
SECRET_KEY: Final = Variable(
    name="TOCSIN_SECRET_KEY",
    meaning="Encrypts the secrets that the database holds. To change it, put the new key in front of the old one.",
    default="on loopback, a key that Tocsin makes; needed anywhere else",
    form="One key or several, newest first, with commas between them; 32 characters each at least.",
    is_secret=True,
)
WEBHOOK_KEY: Final = Variable(
    name="TOCSIN_WEBHOOK_KEY",
    meaning="One key for every alert source, for a simple start. Keys of single sources stand in `sources`.",
    default="unset: open on loopback; needed anywhere else unless every source has keys of its own",
    form="Letters, digits and signs without spaces; 16 characters at least off loopback.",
    is_secret=True,
)
API_TOKEN: Final = Variable(
    name="TOCSIN_API_TOKEN",
    meaning="The bearer token of `/api/v1`.",
    default="unset: open on loopback; needed anywhere else",
    form="Letters, digits and signs without spaces; 16 characters at least off loopback.",
    is_secret=True,
)
TRUSTED_PROXIES: Final = Variable(
    name="TOCSIN_TRUSTED_PROXIES",
    meaning="The proxies whose word on a caller's address and scheme (`X-Forwarded-For`, `-Proto`) is believed.",
    default="unset: none",
    form="Addresses or networks with commas between them: `10.0.0.5, 172.16.0.0/12`.",
)
LEASE_SECONDS: Final = Variable(
    name="TOCSIN_LEASE_SECONDS",
    meaning="How long a replica that stopped answering keeps the work it had in hand before another takes it over.",
    default="`15`",
    form="Seconds, 1 to 300. A chat that takes longer than half of it counts as not answering.",
)

VARIABLES: Final = (
    CONFIG,
    DATABASE_URL,
    LISTEN,
    PUBLIC_URL,
    SECRET_KEY,
    WEBHOOK_KEY,
    API_TOKEN,
    TRUSTED_PROXIES,
    LEASE_SECONDS,
)
