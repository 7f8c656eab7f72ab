"""What each chat may leave out of the contract, for all to see: a new gap is a change of this file."""

from dataclasses import dataclass
from typing import assert_never

import pytest

from bot.ports.chat import Ability
from tests.contracts.chat.house import WORLDS
from tests.contracts.chat.world import STRANGER, Gap, SeenMessage, SeenRoom, Trouble, World

NO_MESSAGE = SeenMessage("0", "", rings=False)
NOWHERE = SeenRoom("0", "", "", False, frozenset(), ())


@dataclass(frozen=True)
class Missing:
    """What a chat's adapter can't do, and what can't happen to the chat."""

    abilities: frozenset[Ability] = frozenset()
    gaps: frozenset[Gap] = frozenset()


DECLARED = {
    "room": Missing(gaps=frozenset({Gap.TROUBLE, Gap.DELETION, Gap.STRANGERS, Gap.LATENESS})),
    "slack": Missing(),
    "telegram": Missing(abilities=frozenset({Ability.TOPIC, Ability.INVITE, Ability.FIND, Ability.PRIVATE})),
}


def test_every_chat_has_its_gaps_listed_here() -> None:
    assert list(DECLARED) == WORLDS


async def test_a_chat_lacks_what_is_listed_here_and_nothing_else(world: World) -> None:
    listed = DECLARED[world.name]

    assert frozenset(Ability) - world.abilities == listed.abilities
    assert world.gaps == listed.gaps


async def test_what_is_said_never_to_happen_does_not_happen(world: World) -> None:
    for gap in world.gaps:
        with pytest.raises(NotImplementedError):
            await brought_about(gap, world)


async def brought_about(gap: Gap, world: World) -> None:
    """Do what can happen only where there is no such gap."""
    match gap:
        case Gap.TROUBLE:
            world.trouble(Trouble.BROKEN)
        case Gap.DELETION:
            await world.delete_room(NOWHERE)
        case Gap.STRANGERS:
            await world.command(STRANGER, "help")
        case Gap.LATENESS:
            await world.press_late("amira", NO_MESSAGE, "Acknowledge")
        case _:
            assert_never(gap)
