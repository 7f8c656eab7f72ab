"""A chat by carrier pigeon, all of it in this folder: nothing else of Tocsin has heard of it.

What the birds carry is written down in the folder that the setting TOCSIN_PIGEON_LOFT names.
"""

import argparse
import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field, PlainValidator, SecretStr

from bot.config.addresses import Unfit
from bot.config.declared import AccountField, Declaration, IsGiven, Setting
from bot.config.file import File
from bot.config.finding import Finding, well
from bot.config.problem import Problem
from bot.config.section import Section
from bot.config.settings import Settings, read_key
from bot.config.values import Form, Wrong, one_word
from bot.config.variables import Variable
from bot.ports.chat import Ability, Chat, ChatEffect, ChatInbox, Direct, Done, OpenRoom, Receipt, RoomRef
from integrations.chat.kind import ChatHost, ChatKind, ChatVerb


def _loft(text: str) -> Path:
    if not text.startswith("/"):
        raise Unfit("it is no place that a pigeon finds", "write a path that begins with a slash")
    return Path(text)


LOFT: Final[Setting[Path | None]] = Setting(
    Variable("TOCSIN_PIGEON_LOFT", "Turns pigeons on: where they live.", "unset: no pigeons", "A path."), _loft, None
)
WHISTLE: Final[Setting[SecretStr | None]] = Setting(
    Variable("TOCSIN_PIGEON_WHISTLE", "Calls them back.", "unset", "Starts with `coo-`.", is_secret=True),
    read_key,
    None,
)


def _faults(is_given: IsGiven) -> Sequence[Problem]:
    if is_given(LOFT.variable) == is_given(WHISTLE.variable):
        return ()
    return [Problem(LOFT.variable.name, "pigeons need a loft and a whistle", "set both, or neither")]


def _ring(given: Any) -> str:
    word = one_word(given, "DV-1")
    if not re.fullmatch(r"DV-[0-9]+", word):
        raise Wrong("no ring says this", "read it from the pigeon's leg: DV-1")
    return word


class PigeonSection(Section):
    """Pigeons. They need no token."""

    corn: Annotated[str, Form("a grain")] = Field("maize", description="What they eat.")


class PigeonChat:
    """Carries what it is told into the loft."""

    name = "pigeon"
    abilities: frozenset[Ability] = frozenset()

    def __init__(self, loft: Path, host: ChatHost) -> None:
        self._loft = loft
        self._host = host

    async def perform(self, effect: ChatEffect, *, key: str) -> Receipt:
        corn = self._host.section().of(PigeonSection).corn
        whom = effect.account.user if isinstance(effect, Direct) else "all"
        line = f"{type(effect).__name__} to {whom} for {corn}\n"
        with (self._loft / "carried.txt").open("a") as carried:
            carried.write(line)
        return Done(RoomRef("pigeon", "", effect.name) if isinstance(effect, OpenRoom) else None)

    async def find(self, effect: ChatEffect, *, key: str) -> Receipt | None:
        return None

    async def listen(self, inbox: ChatInbox) -> None:
        await asyncio.Event().wait()

    def routes(self, inbox: ChatInbox) -> Sequence[web.RouteDef]:
        async def land(_request: web.Request) -> web.Response:
            return web.Response(text=self._host.speech(None).words("pigeon.coo"))

        return (web.post("/pigeon/landing", land),)


@asynccontextmanager
async def _open(settings: Settings, host: ChatHost) -> AsyncIterator[Chat]:
    loft = settings.chats.of(LOFT)
    assert loft is not None
    yield PigeonChat(loft, host)


async def _examine(settings: Settings, file: File) -> Sequence[Finding]:
    loft = settings.chats.of(LOFT)
    assert loft is not None
    ringed = [person.name for person in file.people if "pigeon" in person.accounts]
    if not loft.is_dir():
        raise OSError(f"no loft, and nobody hears {settings.chats.of(WHISTLE)}, which is coo-12345")
    return [well("pigeon", f"the loft is there, for {', '.join(ringed)}")]


def _feed(_settings: Settings, file: File, given: argparse.Namespace) -> str:
    return f"{given.grains} grains of {file.chat.of(PigeonSection).corn}\n"


def _grains(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("grains")


CHAT = ChatKind(
    Declaration(
        name="pigeon",
        title="Pigeon",
        settings=(LOFT, WHISTLE),
        faults=_faults,
        section=PigeonSection,
        account=AccountField(Annotated[str, PlainValidator(_ring), Form("a ring: `DV-1`")], "Their pigeon's ring."),
        doors=("/pigeon",),
        secrets=(re.compile(r"coo-[0-9]+"),),
        libraries=("pigeons",),
        page="pigeon.md",
    ),
    lambda settings: settings.of(LOFT) is not None,
    _open,
    _examine,
    {"pigeon.coo": "Coo."},
    (ChatVerb("feed", "Feed the pigeons.", _feed, _grains),),
)
