"""The composition root: the one place that knows every part, and the order in which they start and stop."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from time import monotonic

import structlog

from bot.clock import Clock, DatabaseClock
from bot.config.current import Configuration
from bot.config.settings import Settings
from bot.domain.timeline import Actor
from bot.listening import listen
from bot.loops import Bell, Loop
from bot.parts import TOPICS, Tocsin
from bot.ports.chat import Ability, Chat, Invites, Linking
from bot.ports.records import AuditEntry
from bot.ports.sources import AlertSource
from bot.ports.store import DEFAULT_TENANT, Urgency
from bot.process import key_file, made_folder
from bot.schedule import Schedule
from bot.serving import serve
from handlers.beating import PULSE_SECONDS, Watch
from handlers.counting import CountedInbox
from handlers.delivery import OTHER_KINDS, PAGE_KINDS, DeliveryLoop
from handlers.desk import Desk
from handlers.intake import IntakeLoop
from handlers.lanes import LeaseTerms
from handlers.linking import AccountLinks
from handlers.refusals import WRITE_SECONDS
from handlers.registry import registry
from handlers.releasing import LOOK_SECONDS, Keeper
from handlers.retaining import Retaining
from handlers.router import Router
from handlers.sweeping import Sweeper
from handlers.timing import TimerLoop
from handlers.timing import discover as discover_timers
from handlers.updates import UpdateLoop
from handlers.web.callers import caller_of
from integrations.chat.discovery import discover as discover_chats
from integrations.chat.kind import ChatHost, ChatKind, MenuEntry
from integrations.sources.discovery import discover as discover_sources
from integrations.sources.installed import installed, options_of
from storage.migrate import migrate
from storage.secrets import SecretKeys
from storage.store import SqlStore, open_store

log = structlog.get_logger(__name__)

GRACE_SECONDS = 5.0
TICK_SECONDS = 1.0
INTAKE_REST_SECONDS = 0.05
"""Each commit of deliveries wakes intake, some hundred a second in a flood; the first after a pause does so at once."""
SWEEP_SECONDS = 60.0
RELINK_SECONDS = 30.0
CLEAR_SECONDS = 300.0


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    env: Mapping[str, str] | None = None,
    steer: Callable[[Clock], Clock] = lambda clock: clock,
    steady: Callable[[], float] = monotonic,
) -> AsyncIterator[Tocsin]:
    """Run the whole of Tocsin until the block is left.

    The order is: database, clock, configuration, chats, loops, and the doors last, so that nothing is taken before it
    can be kept. `steer` may put a clock of its own in front of the database's; `steady` counts the seconds by which chats
    keep to their limits.
    """
    async with AsyncExitStack() as stack:
        await migrate(settings.database_url)
        database_clock, bell = DatabaseClock(), Bell()
        clock = steer(database_clock)
        store = await open_store(settings.database_url, clock, bell.ring, secret_keys=secret_keys(settings))
        stack.push_async_callback(store.close)
        await _measure(store, database_clock)
        kinds_of_sources = discover_sources()
        given = dict(os.environ if env is None else env)
        configuration = await Configuration.load(settings, given, store, clock, kinds=options_of(kinds_of_sources))
        sources = installed(kinds_of_sources, lambda: configuration.mappings)
        kinds = [kind for kind in discover_chats().values() if kind.is_wanted(settings.chats)]
        desk = Desk(
            tenant=DEFAULT_TENANT,
            store=store,
            clock=clock,
            organisation=lambda: configuration.organisation,
            chats=tuple(kind.name for kind in kinds),
            public_url=settings.public_url,
        )
        linking = AccountLinks(desk, configuration.relink)
        router = Router(desk, linking=linking)
        tocsin = Tocsin(settings, desk, store, configuration, router, CountedInbox(router, desk.metrics), {}, bell)
        # Once the doors are shut.
        stack.push_async_callback(_unless_away(partial(tocsin.refusals.write, desk)))
        terms = LeaseTerms(f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}", settings.lease)
        updates = UpdateLoop(desk, tocsin.chats, tocsin.inbox, terms=terms, wake=bell.subscribe("updates"))
        for kind in kinds:
            tocsin.chats[kind.name] = await _open_chat(kind, tocsin, linking, updates, stack, steady=steady)
        if settings.uses_sqlite:
            # This is the only process on the file: whoever held a lease is dead.
            await store.leases.expire_all()
        watch = Watch(desk)
        # Before any timer: what was due in a downtime of ours was missed by us.
        await watch.pulse()
        await _start_loops(tocsin, stack, database_clock, sources, watch, updates=updates)
        tocsin.url = await serve(tocsin, sources, stack)
        log.info("started", url=tocsin.url, people=len(configuration.organisation.people))
        yield tocsin
        log.info("stopping")


async def _open_chat(
    kind: ChatKind,
    tocsin: Tocsin,
    linking: Linking,
    updates: UpdateLoop,
    stack: AsyncExitStack,
    *,
    steady: Callable[[], float],
) -> Chat:
    desk, store = tocsin.desk, tocsin.store

    def menu() -> Sequence[MenuEntry]:
        speech = desk.speech()
        commands = registry().commands
        return [MenuEntry(each.name, speech.words(each.summary), each.aliases) for each in commands]

    async def denied(what: str) -> None:
        entry = AuditEntry(
            desk.now(), str(Actor(part=kind.name)), "", "Denied", f"chat:{kind.name}", after={"what": what}
        )
        async with store.write(desk.tenant, Urgency.INTAKE) as unit:
            await unit.audit.add([entry])

    host = ChatHost(
        clock=desk.clock,
        organisation=desk.organisation,
        section=lambda: tocsin.configuration.chat,
        speech=desk.speech,
        linking=linking,
        memory=store.memory(desk.tenant, kind.name),
        updates=updates,
        rooms=store.rooms(desk.tenant),
        public_url=desk.public_url,
        menu=menu,
        denied=denied,
        address=lambda request: caller_of(request, tocsin.settings.trusted_proxies).address,
        steady=steady,
    )
    chat = await stack.enter_async_context(kind.open(tocsin.settings, host))
    if Ability.PRIVATE not in chat.abilities:
        desk.without_privacy.add(kind.name)
    if isinstance(chat, Invites):
        desk.invitations[kind.name] = chat.invitation
    return chat


def _unless_away(work: Callable[[], Awaitable[object]]) -> Callable[[], Coroutine[None, None, None]]:
    """Do a work unless the database is away: nothing is due without it, and the loops log that it is gone."""

    async def tried() -> None:
        with suppress(ConnectionError, TimeoutError):
            await work()

    return tried


async def _start_loops(
    tocsin: Tocsin,
    stack: AsyncExitStack,
    database_clock: DatabaseClock,
    sources: Mapping[str, AlertSource],
    watch: Watch,
    *,
    updates: UpdateLoop,
) -> None:
    """Start every background loop, and the ticks that wake them should a ring be missed."""
    desk, bell, terms = tocsin.desk, tocsin.bell, updates.terms
    wake = {name: bell.subscribe(name) for name in TOPICS}
    pages_wake = bell.subscribe("effects")
    pages = DeliveryLoop(desk, tocsin.chats, PAGE_KINDS, loop="pages", terms=terms, wake=pages_wake)
    others = DeliveryLoop(desk, tocsin.chats, OTHER_KINDS, loop="effects", terms=terms, wake=wake["effects"])
    intake = IntakeLoop(desk, sources, terms=terms, wake=wake["inbox"])
    timers = TimerLoop(desk, discover_timers())

    async def finish_unanswered() -> bool:
        return await tocsin.router.finish_unanswered() > 0

    tocsin.loops = [
        Loop("pages", pages.lanes.step, pages_wake, TICK_SECONDS),
        Loop("effects", others.lanes.step, wake["effects"], TICK_SECONDS),
        Loop("intake", intake.lanes.step, wake["inbox"], TICK_SECONDS, INTAKE_REST_SECONDS),
        Loop("updates", updates.lanes.step, updates.wake, TICK_SECONDS),
        Loop("timers", timers.step, wake["timers"], TICK_SECONDS),
        Loop("commands", finish_unanswered, wake["commands"], 5 * TICK_SECONDS),
    ]
    running_loops = [asyncio.create_task(loop.run(), name=loop.name) for loop in tocsin.loops]
    running_loops += [
        asyncio.create_task(listen(chat, tocsin.inbox), name=f"listen to {name}") for name, chat in tocsin.chats.items()
    ]

    async def stop_loops() -> None:
        for task in running_loops:
            task.cancel()
        await asyncio.gather(*running_loops, return_exceptions=True)
        await tocsin.router.drain()
        await asyncio.gather(*(loop.lanes.stop(GRACE_SECONDS) for loop in (pages, others, intake, updates)))

    stack.push_async_callback(stop_loops)
    schedule = Schedule()
    sweeper = Sweeper(desk, terms)

    async def tick() -> None:
        bell.ring(TOPICS)

    keeper, retaining = Keeper(desk), Retaining(desk)
    running_loops.append(asyncio.create_task(_unless_away(retaining.weigh)(), name="weigh"))
    schedule.every(TICK_SECONDS, "tick", tick)
    schedule.every(PULSE_SECONDS, "pulse", _unless_away(watch.pulse))
    schedule.every(WRITE_SECONDS, "refusals", _unless_away(partial(tocsin.refusals.write, desk)))
    schedule.every(TICK_SECONDS, "clock", _unless_away(partial(_measure, tocsin.store, database_clock)))
    schedule.every(RELINK_SECONDS, "accounts", tocsin.configuration.relink)
    schedule.every(SWEEP_SECONDS, "sweep", sweeper.sweep)
    schedule.every(LOOK_SECONDS, "releases", _unless_away(keeper.look))
    schedule.every(SWEEP_SECONDS, "inhibitors", _unless_away(keeper.tidy))
    schedule.every(CLEAR_SECONDS, "clear", retaining.clear)
    schedule.start()
    stack.callback(schedule.stop)


def secret_keys(settings: Settings) -> SecretKeys:
    """Return the keys that secrets at rest are under.

    On loopback, where none has to be set, a key is made once and kept beside the database, for its owner only.
    """
    if not settings.secret_keys:
        made_folder(settings)
        path = key_file(settings)
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(secrets.token_urlsafe(32))
    return found_secret_keys(settings)


def found_secret_keys(settings: Settings) -> SecretKeys:
    """Return what `secret_keys` does, and make nothing: without a key that is set or was made, there is none."""
    if settings.secret_keys:
        return SecretKeys(tuple(key.get_secret_value() for key in settings.secret_keys))
    path = key_file(settings)
    return SecretKeys((path.read_text().strip(),) if path.exists() else (), path)


async def _measure(store: SqlStore, clock: DatabaseClock) -> None:
    """Set the clock by the database's."""
    asked_at = datetime.now(UTC)
    database_at = await store.database_now()
    clock.measured(database_at, asked_at, datetime.now(UTC))
