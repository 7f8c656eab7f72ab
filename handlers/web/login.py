"""Who visits the pages: a person with a session, or on loopback whoever is chosen in the page's header."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web

from bot.domain.access import Access
from bot.domain.organisation import Person
from bot.ports.records import AuditEntry
from bot.ports.store import Urgency
from handlers.desk import Desk
from handlers.web.callers import Caller
from handlers.web.ended import EndedSessions
from handlers.web.signing import Signer
from handlers.web.throttle import Throttle

SESSION_LASTS: Final = timedelta(hours=12)
ACTING_COOKIE: Final = "tocsin_acting"
LOOPBACK: Final = "loopback"
"""The credential of someone who needed none, for the audit."""

_PURPOSE: Final = "session"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person at the pages. `token` names the credential they came by, for the audit; it is not secret."""

    person: Person
    token: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody was let in. `wait` is set when there were too many attempts."""

    wait: timedelta | None = None


class Login:
    """Lets people in.

    `logins` holds each person's password by their name, as it is now configured; None: nobody needs one, which is
    for loopback only. A session is a signed cookie for twelve hours. It is bound to the password, so that changing
    that ends every session, as does removing the person. One that was logged out of is in `ended`.
    """

    def __init__(
        self, desk: Desk, *, key: bytes, logins: Mapping[str, str] | None, ended: EndedSessions, is_https: bool
    ) -> None:
        self._desk = desk
        self._ended = ended
        self._signer = Signer(key)
        self._logins = logins
        self._is_https = is_https
        # The prefix makes a browser refuse the cookie from a sibling domain or over plain HTTP.
        self._cookie = "__Host-tocsin" if is_https else "tocsin_session"
        self._compare_key = secrets.token_bytes(32)
        self._by_name = Throttle(limit=5, per=timedelta(minutes=5))
        self._by_address = Throttle(limit=50, per=timedelta(minutes=5))

    @property
    def needs_password(self) -> bool:
        """Whether people log in; if not, they choose as whom they act."""
        return self._logins is not None

    async def visitor(self, request: web.Request) -> Visitor | None:
        """Return who visits; None: they have to log in, or there is nobody in the organisation."""
        if self._logins is None:
            person = self._acting(request.cookies.get(ACTING_COOKIE, ""))
            return Visitor(person, LOOPBACK) if person is not None else None
        cookie = request.cookies.get(self._cookie, "")
        found = self._session(cookie)
        if found is None or await self._ended.has_ended(cookie, found[1]):
            return None
        return found[0]

    async def enter(self, name: str, password: str, caller: Caller) -> Visitor | Refused:
        """Check a name and a password, and write down in the audit what came of it.

        An unknown name takes as long as a wrong password. Attempts that only run into the throttle are not audited:
        the ones that led there are.
        """
        now = self._desk.now()
        keys = (
            (self._by_name, f"{caller.neighbourhood} {name.casefold()[:200]}"),
            (self._by_address, caller.neighbourhood),
        )
        waits = [wait for throttle, key in keys if (wait := throttle.wait(key, now)) is not None]
        if waits:
            return Refused(max(waits))
        person = self._desk.organisation().person_named(name.strip())
        secret = (self._logins or {}).get(person.name, "") if person is not None else ""
        is_right = self._is_same(password, secret or secrets.token_urlsafe()) and secret != ""
        if person is None or not is_right:
            for throttle, key in keys:
                throttle.failed(key, now)
            await self._audit("tocsin:login", "login_failed", person, caller)
            return Refused()
        self._by_name.succeeded(keys[0][1])
        await self._audit(f"person:{person.id}", "login", person, caller)
        return Visitor(person, f"session:{secrets.token_hex(4)}")

    def remember(self, response: web.Response, visitor: Visitor) -> None:
        """Give a person who was let in their session."""
        secret = (self._logins or {})[visitor.person.name]
        until = self._desk.now() + SESSION_LASTS
        value = self._signer.sign(_PURPOSE, [visitor.person.id, visitor.token], until, bound_to=secret)
        response.set_cookie(
            self._cookie,
            value,
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._is_https,
        )

    async def leave(self, request: web.Request) -> None:
        """End the session that a request came by, if there is one, for every copy of its cookie."""
        cookie = request.cookies.get(self._cookie, "")
        found = self._session(cookie)
        if found is None:
            return
        visitor, expires_at = found
        await self._ended.end(cookie, expires_at)
        person = f"person:{visitor.person.id}"
        await self._write(AuditEntry(self._desk.now(), person, visitor.token, "logout", person))

    def forget(self, response: web.Response) -> None:
        """Take the session away from a browser."""
        response.del_cookie(self._cookie, path="/", httponly=True, samesite="Strict", secure=self._is_https)

    def act_as(self, response: web.Response, person: Person) -> None:
        """Remember the choice of a visitor who needs no login."""
        response.set_cookie(ACTING_COOKIE, person.id, max_age=365 * 86400, path="/", httponly=True, samesite="Strict")

    def _acting(self, chosen: str) -> Person | None:
        org = self._desk.organisation()
        if (person := org.person(chosen)) is not None:
            return person
        admins = (person for person in org.people if person.access is Access.ADMIN)
        return next(admins, next(iter(org.people), None))

    def _session(self, cookie: str) -> tuple[Visitor, datetime] | None:
        """Return whose session a cookie is and when it expires, whether or not it was ended."""
        claimed = self._signer.peek(cookie)
        person = self._desk.organisation().person(claimed[0]) if claimed else None
        secret = (self._logins or {}).get(person.name, "") if person is not None else ""
        if person is None or not secret:
            return None
        values = self._signer.read(_PURPOSE, cookie, self._desk.now(), bound_to=secret)
        if values is None or len(values) != 2 or claimed is None:
            return None
        return Visitor(person, values[1]), datetime.fromtimestamp(int(claimed[-1]), UTC)

    def _is_same(self, given: str, secret: str) -> bool:
        """Compare in a time that tells nothing of either, not even how long they are."""
        digests = [
            hmac.digest(self._compare_key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
            for text in (given, secret)
        ]
        return hmac.compare_digest(*digests)

    async def _audit(self, actor: str, action: str, person: Person | None, caller: Caller) -> None:
        # A name that nobody has is not written down: it may be a password typed into the wrong box.
        subject = f"person:{person.id}" if person is not None else "unknown"
        entry = AuditEntry(self._desk.now(), actor, "", action, subject, after={"address": caller.address})
        await self._write(entry)

    async def _write(self, entry: AuditEntry) -> None:
        async with self._desk.store.write(self._desk.tenant, Urgency.COMMAND) as unit:
            await unit.audit.add([entry])
