"""What every page stands in: the parts it works with, who visits, and the answer to one who may not."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from markupsafe import Markup

from bot.domain.access import Access
from bot.domain.incident import Incident
from bot.domain.organisation import Account
from bot.loops import Bell
from bot.ports.chat import ChatInbox, RoomRef
from bot.ports.store import BuiltInRoom, RoomMemory
from handlers.ask import Command
from handlers.desk import Desk
from handlers.web.login import Login, Visitor
from handlers.web.room.artist import Artist
from handlers.web.signing import Signer

CHAT: Final = "room"


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts that the pages work with. `commands` returns the commands there are, for help and completion."""

    desk: Desk
    inbox: ChatInbox
    rooms: RoomMemory
    bell: Bell
    login: Login
    signer: Signer
    artist: Artist
    commands: Callable[[], Sequence[Command]]

    def draw(self, template: str, visitor: Visitor | None, **values: Any) -> Markup:
        """Draw a template for a visitor."""
        speech = self.desk.speech(visitor.person if visitor is not None else None)
        return self.artist.draw(template, speech, visitor=visitor, **values)

    def page(self, template: str, visitor: Visitor | None, *, status: int = 200, **values: Any) -> web.Response:
        """Answer with a whole page."""
        org = self.desk.organisation()
        people = () if self.login.needs_password else tuple(sorted(org.people, key=lambda person: person.name))
        html = self.draw(template, visitor, org=org, acting=people, needs_password=self.login.needs_password, **values)
        return web.Response(text=html, content_type="text/html", status=status)

    def problem(self, visitor: Visitor | None, status: HTTPStatus, key: str) -> web.Response:
        """Answer with a page that says what is wrong and where to go on."""
        return self.page("problem.html", visitor, status=status, key=key)

    async def entered(self, visitor: Visitor, room_id: str) -> BuiltInRoom | None:
        """Return a room if the visitor may be in it. One they may not enter is, to them, not there."""
        room = await self.rooms.room(room_id)
        if room is None:
            return None
        if room.kind == "direct":
            return room if room.person == visitor.person.id else None
        is_in = not room.is_private or visitor.person.id in room.members or visitor.person.access is Access.ADMIN
        return room if is_in else None


FRAME: Final = web.AppKey("frame", Frame)

Page = Callable[[Frame, Visitor, web.Request], Awaitable[web.StreamResponse]]


def for_visitors(page: Page) -> Handler:
    """Let visitors in; send others to the login, or tell a script that it has to go there."""

    @wraps(page)
    async def handler(request: web.Request) -> web.StreamResponse:
        frame = request.app[FRAME]
        visitor = await frame.login.visitor(request)
        if visitor is not None:
            return await page(frame, visitor, request)
        if not frame.login.needs_password:
            return frame.problem(None, HTTPStatus.SERVICE_UNAVAILABLE, "web.nobody")
        if request.method != hdrs.METH_GET or wants_parts(request):
            return web.json_response({"login": "/login"}, status=HTTPStatus.UNAUTHORIZED)
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            # Strict cookies stay at home when a link elsewhere leads here: from our own page they come along.
            return frame.page("again.html", None, url=str(request.rel_url))
        raise web.HTTPSeeOther(f"/login?next={quote(str(request.rel_url), safe='')}")

    return handler


def wants_parts(request: web.Request) -> bool:
    """Say whether our script asks, for parts of a page, or a browser for all of it."""
    return request.headers.get("X-Requested-With") == "tocsin"


def account(visitor: Visitor) -> Account:
    """Return the visitor's account in the built-in room."""
    return Account(CHAT, "", visitor.person.id)


def ref(room: BuiltInRoom) -> RoomRef:
    """Return a room as the ports name it."""
    return RoomRef(CHAT, "", room.id)


async def incident_of(frame: Frame, visitor: Visitor, room: BuiltInRoom) -> Incident | None:
    """Return the incident whose room this is, as far as the visitor may see it."""
    if room.kind != "incident":
        return None
    async with frame.desk.store.read(frame.desk.tenant) as unit:
        return await unit.incidents.in_room(ref(room), visitor.person.viewer)
