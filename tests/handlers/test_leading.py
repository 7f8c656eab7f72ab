"""What is announced, and what is written to a person, leads to the incident's room, and no page waits for one."""

from bot.ports import chat as ask
from bot.ports.chat import ChatEffect
from tests.builders import SECOND
from tests.handlers.delivering import ROOM, Works


def announced(works: Works) -> list[ask.Announce]:
    return [effect for effect in works.slack.told.values() if isinstance(effect, ask.Announce)]


def pages(works: Works) -> list[ask.Direct]:
    return [effect for effect in works.slack.told.values() if isinstance(effect, ask.Direct) and effect.is_page]


def opens(effect: ChatEffect) -> bool:
    return isinstance(effect, ask.OpenRoom)


async def test_an_announcement_leads_to_the_room_which_opens_first(works: Works) -> None:
    for _ in range(3):
        await works.turn()
        works.talk.clock.forward(SECOND)

    assert [one.about for one in announced(works)] == [ROOM]


async def test_an_announcement_waits_only_so_long_for_a_room_that_does_not_open(works: Works) -> None:
    works.slack.breaks = opens
    await works.turn()
    assert announced(works) == []
    await works.turns(1)

    assert [one.about for one in announced(works)] == [None]


async def test_a_page_goes_out_before_the_room_is_open_and_a_later_one_leads_there(works: Works) -> None:
    works.slack.breaks = opens
    await works.turn()
    assert [page.about for page in pages(works)] == [None]
    works.slack.breaks = lambda _effect: False
    await works.turns(2)
    await works.talk.done("lina", "page omar INC-1")
    await works.turn()

    assert [page.about for page in pages(works)] == [None, ROOM]
