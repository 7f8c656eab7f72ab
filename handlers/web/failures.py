"""What everybody is told when a request fails: programs a problem document, people a page, and neither what is inside."""

from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from handlers.web.guards import Gate
from handlers.web.problems import Problem, later, of_framework
from handlers.web.room.frame import FRAME, wants_parts

log = structlog.get_logger(__name__)

_BEGUN: Final = web.RequestKey("begun", bool)
_SENTENCES: Final = {
    HTTPStatus.NOT_FOUND: "web.not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "web.not_possible",
    HTTPStatus.INTERNAL_SERVER_ERROR: "web.broken",
    HTTPStatus.SERVICE_UNAVAILABLE: "web.later",
}


def install_failures(app: web.Application, gate: Gate) -> None:
    """Answer for whatever no door answers for itself, in an application with the room's pages."""
    app.middlewares.append(_explaining(gate))
    app.on_response_prepare.append(_note)


def _explaining(gate: Gate) -> Middleware:
    @web.middleware
    async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < HTTPStatus.BAD_REQUEST:
                raise
            problem = of_framework(error)
        except Exception as error:
            if _BEGUN in request:
                raise  # half of an answer is on its way, which nothing can be put behind
            problem = _of_bug(request, error)
        return _answer(request, problem, is_for_machines=gate.is_for_machines(request.path))

    return explained


async def _note(request: web.Request, _: web.StreamResponse) -> None:
    request[_BEGUN] = True


def _of_bug(request: web.Request, error: Exception) -> Problem:
    resource = request.match_info.route.resource
    # The route's pattern instead of the path, which may hold a key.
    about = {"method": request.method, "route": resource.canonical if resource is not None else ""}
    if isinstance(error, ConnectionError):
        log.warning("request_without_database", error=str(error), **about)
        return later("The database can't be reached now; try again in a moment.")
    log.error("request_failed", exc_info=error, **about)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here; the log says what.")


def _answer(request: web.Request, problem: Problem, *, is_for_machines: bool) -> web.Response:
    reads_pages = "text/html" in request.headers.get(hdrs.ACCEPT, "") and not wants_parts(request)
    if is_for_machines or not reads_pages:
        return problem.response()
    status = HTTPStatus(problem.status)
    page = request.app[FRAME].problem(None, status, _SENTENCES.get(status, "web.refused"))
    page.headers.update(problem.headers)
    return page
