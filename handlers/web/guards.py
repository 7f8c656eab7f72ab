"""The guards before every request: the Host, the Origin and the kind of body must be what our own pages would send.

Three attacks from other pages in the reader's browser are what this is against: a form or script there that posts to
us (Origin), a name there that suddenly leads to this machine (Host, "DNS rebinding"), and a frame around our pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bot.wording.catalogue import SENTENCES
from bot.wording.sentence import template
from handlers.web.callers import CALLER, Network, caller_of

log = structlog.get_logger(__name__)

MACHINE_PATHS: Final = (
    "/webhooks",
    "/v2",
    "/heartbeats",
    "/api",
    "/healthz",
    "/readyz",
    "/metrics",
)
"""What programs use: they bring keys of their own with every request, and call us by whatever name they know.

The doors of chats come beside them: see `Gate.doors`."""

PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # With `no-referrer` a browser would send `Origin: null` along with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_SAFE_METHODS: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_FORM: Final = "application/x-www-form-urlencoded"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Gate:
    """What counts as us. `is_exposed`: more than this machine can reach us, so pages need a login.

    When exposed, machine paths are open under any Host and Origin. On loopback, where keys may be unset, the guards
    hold for every path. Either way only a loopback name or the public one leads to the pages. `doors` are machine paths
    that chats add.
    """

    public_url: str
    is_exposed: bool
    trusted_proxies: Sequence[Network] = ()
    doors: Sequence[str] = ()

    def is_for_machines(self, path: str) -> bool:
        """Say whether a path is for programs, by whatever name they call us."""
        return any(path == prefix or path.startswith(f"{prefix}/") for prefix in (*MACHINE_PATHS, *self.doors))

    def objection(self, request: web.Request, scheme: str) -> tuple[int, str] | None:
        """Return the status and the catalogue's key of what is wrong with a request; None: it may pass."""
        is_machine = self.is_for_machines(request.path)
        if is_machine and self.is_exposed:
            return None
        host = _split(f"//{request.headers.get(hdrs.HOST, '')}")
        if host is None or not self._is_ours(host.hostname or ""):
            return 421, "web.guard.host"
        if request.method in _SAFE_METHODS:
            return None
        if not self._came_from_us(request, f"{scheme}://{request.headers[hdrs.HOST]}", is_machine=is_machine):
            return 403, "web.guard.origin"
        if not is_machine and request.content_type != _FORM:
            return 415, "web.guard.body"
        return None

    def _is_ours(self, name: str) -> bool:
        if not name:
            return False
        if name in {"localhost", urlsplit(self.public_url).hostname}:
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False

    def _came_from_us(self, request: web.Request, here: str, *, is_machine: bool) -> bool:
        """Say whether one of our own pages sent this. Programs send no Origin; a browser does, with every post."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return False
        sender = request.headers.get(hdrs.ORIGIN) or request.headers.get(hdrs.REFERER)
        if sender is None:
            return is_machine
        ours = {_origin(self.public_url), _origin(here)}
        return (origin := _origin(sender)) is not None and origin in ours


def install_guards(app: web.Application, gate: Gate) -> None:
    """Put the guards before every route of an application, and the protective headers on every response."""
    app.middlewares.insert(0, _guard(gate))
    app.on_response_prepare.append(_seal)


def _guard(gate: Gate) -> Middleware:
    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = caller_of(request, gate.trusted_proxies)
        request[CALLER] = caller
        if (objection := gate.objection(request, caller.scheme)) is not None:
            status, key = objection
            resource = request.match_info.route.resource
            # The route's pattern instead of the path, which may hold a key.
            route = resource.canonical if resource is not None else ""
            log.info("request_refused", reason=key, route=route, address=caller.address)
            return _refusal(request, gate, status, key)
        return await handler(request)

    return guarded


async def _seal(_: web.Request, response: web.StreamResponse) -> None:
    headers = response.headers
    for name, value in PAGE_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    headers[hdrs.SERVER] = "Tocsin"  # which versions of what we run is nobody's business


def _refusal(request: web.Request, gate: Gate, status: int, key: str) -> web.Response:
    fields = {"host": request.headers.get(hdrs.HOST, ""), "public_url": gate.public_url}
    sentence = SENTENCES[key]
    assert isinstance(sentence, str)
    text = template(sentence).fill(fields)
    if gate.is_for_machines(request.path):
        problem = {"type": "about:blank", "title": "The request was refused", "status": status, "detail": text}
        return web.json_response(problem, status=status, content_type="application/problem+json")
    return web.Response(status=status, text=f"{text}\n")


def _origin(url: str) -> tuple[str, str, int | None] | None:
    parts = _split(url)
    if parts is None or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _split(url: str) -> SplitResult | None:
    """Take a URL apart; None for one that can't be, such as one with a port of letters."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return None if parts.username is not None else parts
