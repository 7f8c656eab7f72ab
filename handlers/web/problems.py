"""What programs are told when a request fails: problem documents (RFC 9457), and nothing of what is inside."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS: Final = 5
_TYPE: Final = "application/problem+json"


class Problem(Exception):
    """A request can't be fulfilled. `detail` is shown to the caller: what is wrong and what to do.

    `errors` says it for each part of the request: where, and what is wrong there.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = errors

    def response(self) -> web.Response:
        """Return the problem document."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [{"where": where, "what": what} for where, what in self.errors]
        return web.Response(body=orjson.dumps(document), status=self.status, headers=self.headers, content_type=_TYPE)


def unauthorised(detail: str, challenge: str) -> Problem:
    """Return the problem of a missing or wrong credential."""
    return Problem(401, detail, headers={hdrs.WWW_AUTHENTICATE: challenge})


def later(detail: str) -> Problem:
    """Return the problem of a request that may be sent again in a moment."""
    return Problem(503, detail, headers={hdrs.RETRY_AFTER: str(RETRY_AFTER_SECONDS)})


def problems(*, is_retried: bool = False) -> Middleware:
    """Return a middleware that answers every failure with a problem document.

    A bug is logged once with its traceback and answered without detail: with 503 where senders try again after that
    (`is_retried`), else with 500.
    """

    @web.middleware
    async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return problem.response()
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return of_framework(error).response()
        except Exception:
            resource = request.match_info.route.resource
            # The route's pattern instead of the path, which may hold a key.
            log.exception("request_failed", method=request.method, route=resource.canonical if resource else "")
            if is_retried:
                return later("Something went wrong here, and nothing was taken; send it again.").response()
            return Problem(500, "Something went wrong here; the log says what.").response()

    return explained


def of_framework(error: web.HTTPException) -> Problem:
    """Return what aiohttp refuses, or a handler in its words, as a problem."""
    match error:
        case web.HTTPNotFound():
            return Problem(404, "There is nothing at this address.")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            detail = f"{error.method} is not possible here; use {allowed}."
            return Problem(405, detail, headers={hdrs.ALLOW: allowed})
        case _:
            kept: dict[str, str] = (
                {hdrs.RETRY_AFTER: error.headers[hdrs.RETRY_AFTER]} if hdrs.RETRY_AFTER in error.headers else {}
            )
            return Problem(error.status, error.reason, headers=kept)
