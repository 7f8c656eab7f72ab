"""The loops that tell, with a chat that breaks or wants to be left alone when a test says so."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.ports import chat as ask
from bot.ports.chat import Ability, Chat, ChatEffect, ChatInbox, Done, MessageRef, Receipt, RetryAfter, RoomRef
from bot.ports.records import PageState, StoredEffect
from bot.ports.store import DEFAULT_TENANT
from handlers.delivery import OTHER_KINDS, PAGE_KINDS, DeliveryLoop
from handlers.lanes import LeaseTerms
from tests.builders import MINUTE
from tests.handlers.talking import Talk

ROOM = RoomRef("slack", "T1", "C1")


@dataclass
class Brittle:
    """A chat that does what it is asked and can be found out about it, but breaks when `breaks` says so.

    `happens_first` says whether it breaks after the fact. `told` holds what happened, by key. What `waits` is wanted
    a minute later. A message that is edited is `written_anew` under that name.
    """

    name: str = "slack"
    abilities: frozenset[Ability] = frozenset({Ability.FIND})
    breaks: Callable[[ChatEffect], bool] = lambda _effect: False
    happens_first: bool = False
    told: dict[str, ChatEffect] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    hangs: asyncio.Event | None = None
    waits: tuple[type[ChatEffect], ...] = ()
    written_anew: str | None = None

    async def perform(self, effect: ChatEffect, *, key: str) -> Receipt:
        self.asked[key] += 1
        if self.breaks(effect) and not self.happens_first:
            raise ZeroDivisionError("a bug")
        if isinstance(effect, self.waits):
            return RetryAfter(MINUTE, "too much")
        self.told[key] = effect
        if self.hangs is not None:
            self.hangs.set()
            await asyncio.Event().wait()
        if self.breaks(effect):
            raise ZeroDivisionError("a bug")
        return self._receipt(effect)

    async def find(self, effect: ChatEffect, *, key: str) -> Receipt | None:
        return self._receipt(effect) if key in self.told else None

    async def listen(self, inbox: ChatInbox) -> None:
        """Hear nothing."""

    def _receipt(self, effect: ChatEffect) -> Receipt:
        match effect:
            case ask.OpenRoom():
                return Done(replace(ROOM, chat=self.name))
            case ask.Post():
                return Done(message=MessageRef(replace(ROOM, chat=self.name), "m1"))
            case ask.Edit() if self.written_anew is not None:
                return Done(message=MessageRef(replace(ROOM, chat=self.name), self.written_anew))
            case _:
                return Done()

    def calls(self) -> int:
        """How many people were called."""
        return sum(isinstance(effect, ask.Direct) and effect.is_page for effect in self.told.values())


class Works:
    """The two loops that tell, on one chat that can break and one that does not."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.slack = Brittle()
        chats: dict[str, Chat] = {"slack": self.slack, "room": Brittle("room")}
        self.pages, self.others = (
            DeliveryLoop(talk.desk, chats, kinds, loop=name, terms=LeaseTerms(name), wake=asyncio.Event())
            for name, kinds in (("pages", PAGE_KINDS), ("effects", OTHER_KINDS))
        )

    async def turn(self) -> None:
        """Let both loops tell what may be told, and finish."""
        for loop in (self.pages, self.others):
            await loop.lanes.step()
            await loop.lanes.stop(60)

    async def turns(self, count: int) -> None:
        """The same so often, and a minute before each."""
        for _ in range(count):
            self.talk.clock.forward(MINUTE)
            await self.turn()

    async def page(self, number: int = 1) -> PageState:
        """What became of the one call by Slack."""
        [page] = [page for page in await self.talk.pages(number) if page.channel == "slack" and page.step == 1]
        return page.state

    async def dead(self) -> list[StoredEffect]:
        async with self.talk.store.read(DEFAULT_TENANT) as unit:
            return list((await unit.outbox.window("dead")).items)
