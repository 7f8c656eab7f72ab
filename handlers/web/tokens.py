"""Checks the one bearer token that programs bring to the API and to the metrics."""

import hmac
from hashlib import sha256
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from handlers.web.problems import unauthorised

API_TOKEN: Final = "api"  # noqa: S105 - its name in the audit
"""What the audit calls the credential of what came by the API."""

_CHALLENGE: Final = 'Bearer realm="api"'


def check_token(request: web.Request, token: str | None) -> None:
    """Return when the request carries the token, or when none is wanted; raises the problem 401 otherwise.

    The comparison takes the same time whatever was presented, also if it is of another length.
    """
    if token is None:
        return
    scheme, _, presented = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(_digest(presented.strip()), _digest(token)):
        raise unauthorised("This needs the header “Authorization: Bearer”, and TOCSIN_API_TOKEN with it.", _CHALLENGE)


def wants_token(token: str | None) -> Middleware:
    """Return a middleware that lets through only requests with the token."""

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        check_token(request, token)
        return await handler(request)

    return checked


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
