"""The HTTP side of the composition: one application with the guards before it and every door in it."""

import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack

from aiohttp import web

from bot.config.listing import senders
from bot.config.settings import Settings
from bot.parts import Tocsin
from bot.ports.sources import AlertSource, Keyring
from bot.startup import StartupError
from handlers.registry import registry
from handlers.spreading import BUILT_IN
from handlers.web.admission import Admission
from handlers.web.api.mounting import add_api
from handlers.web.dropins import add_drop_ins
from handlers.web.ended import EndedSessions
from handlers.web.failures import install_failures
from handlers.web.guards import Gate, install_guards
from handlers.web.health import add_health
from handlers.web.heartbeats import add_heartbeats
from handlers.web.login import Login
from handlers.web.room.pages import add_room_pages
from handlers.web.serving import runner
from handlers.web.webhooks import add_webhooks
from integrations.chat.kind import OverHttp
from integrations.guarded_fetch import HttpsFetch


async def serve(tocsin: Tocsin, sources: Mapping[str, AlertSource], stack: AsyncExitStack) -> str:
    """Open the doors until the stack is left; returns the address by which this machine reaches them."""
    settings, desk = tocsin.settings, tocsin.desk
    inbox = tocsin.inbox
    app = web.Application()
    gate = Gate(
        settings.public_url,
        is_exposed=settings.is_exposed,
        trusted_proxies=settings.trusted_proxies,
        doors=[door for chat in settings.chats.declared for door in chat.doors],
    )
    install_guards(app, gate)
    install_failures(app, gate)
    token = settings.api_token.get_secret_value() if settings.api_token is not None else None
    _open_to_sources(app, tocsin, sources)
    add_api(
        app,
        desk=desk,
        inbox=inbox,
        senders=lambda: senders(tocsin.configuration.source_keys.sources, sources, settings.public_url),
        token=token,
    )
    add_health(
        app,
        store=tocsin.store,
        clock=desk.clock,
        loops=lambda: tocsin.loops,
        metrics=desk.metrics,
        token=token if settings.is_exposed else None,
    )
    key = await tocsin.store.secret(desk.tenant, "session-key", lambda: secrets.token_bytes(32))
    login = Login(
        desk,
        key=key,
        logins=tocsin.configuration.logins if settings.is_exposed else None,
        ended=EndedSessions(tocsin.store.memory(desk.tenant, BUILT_IN), desk.clock),
        is_https=settings.public_url.startswith("https://"),
    )
    commands = tuple(registry().commands)
    add_room_pages(
        app,
        desk=desk,
        inbox=inbox,
        rooms=tocsin.store.rooms(desk.tenant),
        bell=tocsin.bell,
        login=login,
        key=key,
        commands=lambda: commands,
    )
    for chat in tocsin.chats.values():
        if isinstance(chat, OverHttp):
            app.add_routes(chat.routes(inbox))
    return await _listen(app, settings, stack)


def _open_to_sources(app: web.Application, tocsin: Tocsin, sources: Mapping[str, AlertSource]) -> None:
    """Open every route that a source declares, and those of the heartbeats."""
    desk = tocsin.desk
    admission = Admission(desk.clock, tocsin.refusals)

    def keyring() -> Keyring:
        return tocsin.configuration.source_keys

    add_webhooks(
        app,
        keyring=keyring,
        sources=sources,
        inbox=tocsin.store.inbox,
        clock=desk.clock,
        fetch=HttpsFetch(),
        metrics=desk.metrics,
        admission=admission,
    )
    add_drop_ins(
        app,
        keyring=keyring,
        sources=sources,
        store=tocsin.store,
        clock=desk.clock,
        metrics=desk.metrics,
        admission=admission,
    )
    add_heartbeats(app, desk=desk, keys=lambda: tocsin.configuration.heartbeat_keys)


async def _listen(app: web.Application, settings: Settings, stack: AsyncExitStack) -> str:
    running = runner(app)
    await running.setup()
    stack.push_async_callback(running.cleanup)
    host, port = settings.listen.host, settings.listen.port
    try:
        await web.TCPSite(running, host, port).start()
    except OSError as error:
        raise StartupError(
            f"TOCSIN_LISTEN is {settings.listen}, and that can't be listened on ({error.strerror}); another program may "
            "have the port: `tocsin doctor` looks."
        ) from error
    return settings.public_url if settings.is_exposed else f"http://{settings.listen}"
