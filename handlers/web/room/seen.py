"""What a browser has seen of each room, kept in its own cookie: unread marks need no place in the database."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

COOKIE: Final = "tocsin_seen"
_MOST_ROOMS: Final = 40
_YEAR_SECONDS: Final = 365 * 86400


def seen(request: web.Request) -> dict[str, int]:
    """Return the revision up to which each room was seen here; whatever is garbled was not seen."""
    revisions = {}
    for part in request.cookies.get(COOKIE, "").split("~")[:_MOST_ROOMS]:
        room, _, revision = part.partition(".")
        if room and revision.isascii() and revision.isdigit() and len(revision) < 16:
            revisions[room] = int(revision)
    return revisions


def remember(response: web.Response, before: Mapping[str, int], room: str, revision: int) -> None:
    """Note that a room was seen up to a revision; the rooms seen last are kept. The page's script writes it, too."""
    revisions = {room: max(revision, before.get(room, 0)), **{key: at for key, at in before.items() if key != room}}
    value = "~".join(f"{key}.{at}" for key, at in list(revisions.items())[:_MOST_ROOMS])
    response.set_cookie(COOKIE, value, max_age=_YEAR_SECONDS, path="/", samesite="Strict")
