"""The way in and out: log in, log out, and on loopback choose as whom to act."""

from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from handlers.web.callers import CALLER
from handlers.web.login import Refused, Visitor
from handlers.web.room.frame import FRAME, Frame


async def login_page(request: web.Request) -> web.StreamResponse:
    """Answer `GET /login`."""
    frame = request.app[FRAME]
    onward = local_path(request.query.get("next", "/"))
    if await frame.login.visitor(request) is not None:
        raise web.HTTPSeeOther(onward)
    return frame.page("login.html", None, onward=onward, name="", key="", minutes=0)


async def enter(request: web.Request) -> web.StreamResponse:
    """Answer `POST /login`: with the session and the way on, or with what was wrong, never saying which of the two."""
    frame = request.app[FRAME]
    if not frame.login.needs_password:
        raise web.HTTPSeeOther("/")
    sent = await request.post()
    name, password = str(sent.get("name", ""))[:200], str(sent.get("password", ""))[:1000]
    onward = local_path(str(sent.get("next", "/")))
    outcome = await frame.login.enter(name, password, request[CALLER])
    if isinstance(outcome, Refused):
        if outcome.wait is None:
            return frame.page(
                "login.html",
                None,
                status=HTTPStatus.UNAUTHORIZED,
                onward=onward,
                name=name,
                key="web.login.wrong",
                minutes=0,
            )
        seconds = int(outcome.wait.total_seconds()) + 1
        response = frame.page(
            "login.html",
            None,
            status=HTTPStatus.TOO_MANY_REQUESTS,
            onward=onward,
            name=name,
            key="web.login.wait",
            minutes=-(-seconds // 60),
        )
        response.headers[hdrs.RETRY_AFTER] = str(seconds)
        return response
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: onward})
    frame.login.remember(response, outcome)
    return response


async def leave(request: web.Request) -> web.StreamResponse:
    """Answer `POST /logout`: the session is over, in this browser and wherever else its cookie may be."""
    login = request.app[FRAME].login
    await login.leave(request)
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: "/login"})
    login.forget(response)
    return response


async def act_as(frame: Frame, _: Visitor, request: web.Request) -> web.StreamResponse:
    """Answer `POST /acting`: on loopback, from now on act as this person."""
    sent = await request.post()
    person = frame.desk.organisation().person(str(sent.get("person", "")))
    response = web.Response(
        status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: local_path(str(sent.get("next", "/")))}
    )
    if person is not None and not frame.login.needs_password:
        frame.login.act_as(response, person)
    return response


def local_path(target: str) -> str:
    """Return a path of ours; whatever could lead elsewhere leads to the list of rooms."""
    parts = urlsplit(target) if target.isprintable() and target.isascii() else None
    if parts is None or parts.scheme or parts.netloc or "\\" in target or target[:2] in {"//", ""}:
        return "/"
    return target if target.startswith("/") else "/"
