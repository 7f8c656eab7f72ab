"""The built-in room as a part of the application: what it needs, and the routes it adds."""

from collections import Counter
from collections.abc import Callable, Sequence

from aiohttp import web

from bot.loops import Bell
from bot.ports.chat import ChatInbox
from bot.ports.store import RoomMemory
from handlers.ask import Command
from handlers.desk import Desk
from handlers.web.login import Login
from handlers.web.room import completion, conversation, entrance, lines, stream
from handlers.web.room.artist import Artist
from handlers.web.room.frame import FRAME, Frame, for_visitors
from handlers.web.room.statics import Statics
from handlers.web.room.watch import Watch
from handlers.web.signing import Signer


def add_room_pages(
    app: web.Application,
    *,
    desk: Desk,
    inbox: ChatInbox,
    rooms: RoomMemory,
    bell: Bell,
    login: Login,
    key: bytes,
    commands: Callable[[], Sequence[Command]],
) -> None:
    """Add the pages to an application whose guards are installed (`handlers.web.guards.install_guards`).

    - `rooms` is the tenant's memory of the built-in rooms; the store's `on_commit` must ring `bell` with its topics.
    - `login` says who visits. `key` signs what the pages hand out; 32 random bytes, the same on every replica.
    - `commands` returns the commands there are, for help and completion.

    While the application runs, one task looks every two seconds for what other replicas changed; on shutdown every
    open stream is ended first.
    """
    statics = Statics.read()
    watch = Watch(rooms, bell)
    app[FRAME] = Frame(
        desk=desk,
        inbox=inbox,
        rooms=rooms,
        bell=bell,
        login=login,
        signer=Signer(key),
        artist=Artist(statics),
        commands=commands,
    )
    app[stream.WATCH] = watch
    app[stream.STREAMS] = Counter()
    app.cleanup_ctx.append(watch.turn)
    app.on_shutdown.append(watch.close)
    app.add_routes(routes(statics))


def routes(statics: Statics) -> list[web.RouteDef]:
    """Return the routes of the pages."""
    return [
        web.get("/", for_visitors(conversation.rooms_page)),
        web.get("/rooms/{room}", for_visitors(conversation.room_page)),
        web.get("/rooms/{room}/events", for_visitors(stream.events), allow_head=False),
        web.get("/rooms/{room}/files/{message}", for_visitors(conversation.file)),
        web.get("/incidents/{ref}", for_visitors(conversation.incident)),
        web.get("/events", for_visitors(stream.events), allow_head=False),
        web.get("/help", for_visitors(conversation.help_page)),
        web.get("/suggestions", for_visitors(completion.suggestions)),
        web.post("/lines", for_visitors(lines.say_line)),
        web.post("/forms", for_visitors(lines.answer_form)),
        web.post("/acting", for_visitors(entrance.act_as)),
        web.get("/login", entrance.login_page),
        web.post("/login", entrance.enter),
        web.post("/logout", entrance.leave),
        web.get("/static/{name}", statics.serve),
    ]
