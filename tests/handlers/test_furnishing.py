"""What a room is of use without comes late rather than never, and nothing else waits for it."""

from collections import Counter
from dataclasses import replace

from bot.ports import chat as ask
from bot.ports.chat import MessageRef
from tests.builders import SECOND
from tests.handlers.delivering import ROOM, Works
from tests.handlers.talking import Talk

FURNITURE = (ask.SetTopic, ask.KeepLink, ask.Pin)


async def test_what_a_room_is_furnished_with_comes_when_the_chat_is_mended_and_nothing_waits_for_it(
    works: Works,
) -> None:
    works.slack.breaks = lambda effect: isinstance(effect, FURNITURE)
    for _ in range(5):
        works.talk.clock.forward(SECOND)
        await works.turn()
    said = [effect for effect in works.slack.told.values() if isinstance(effect, ask.Post)]
    works.slack.breaks = lambda _effect: False
    await works.turns(3)

    assert len(said) == 2
    furnished = [effect for effect in works.slack.told.values() if isinstance(effect, FURNITURE)]
    assert Counter(type(effect) for effect in furnished) == Counter(FURNITURE)
    assert ask.Pin(MessageRef(ROOM, "m1")) in furnished


async def test_a_room_gets_no_link_that_only_this_machine_could_open(talk: Talk) -> None:
    works = Works(replace(talk, desk=replace(talk.desk, public_url="http://127.0.0.1:8080")))
    await talk.done("lina", "declare GPU nodes down")
    await works.turns(3)

    furnished = Counter(type(effect) for effect in works.slack.told.values() if isinstance(effect, FURNITURE))
    assert furnished == Counter((ask.SetTopic, ask.Pin))


async def test_a_link_that_was_left_is_given_up_where_only_this_machine_could_open_it(talk: Talk, works: Works) -> None:
    works.slack.breaks = lambda effect: isinstance(effect, FURNITURE)
    await works.turn()
    alone = Works(replace(talk, desk=replace(talk.desk, public_url="http://localhost:8080")))
    await alone.turns(3)

    furnished = Counter(type(effect) for effect in alone.slack.told.values() if isinstance(effect, FURNITURE))
    assert furnished == Counter((ask.SetTopic, ask.Pin))
    assert "slack" not in {effect.chat for effect in await works.dead()}


async def test_what_a_room_is_furnished_with_waits_as_long_as_its_chat_wants(talk: Talk, works: Works) -> None:
    works.slack.waits = (ask.Pin,)
    for _ in range(3):
        talk.clock.forward(SECOND)
        await works.turn()
    [pin] = [key for key in works.slack.asked if key.endswith(":pin")]

    assert sum(times for key, times in works.slack.asked.items() if ":pin" in key) == 1
    works.slack.waits = ()
    await works.turns(1)
    assert [effect for key, effect in works.slack.told.items() if ":pin" in key] == [ask.Pin(MessageRef(ROOM, "m1"))]
    assert pin not in works.slack.told


async def test_a_card_that_had_to_be_written_anew_is_pinned_anew(talk: Talk, works: Works) -> None:
    await works.turns(3)
    works.slack.written_anew = "m2"

    await talk.done("lina", "sev INC-1 2 only one host")
    await works.turns(3)

    pins = [effect.message.message for effect in works.slack.told.values() if isinstance(effect, ask.Pin)]
    assert pins == ["m1", "m2"]


async def test_what_is_left_when_the_incident_is_closed_is_not_told_any_more(talk: Talk, works: Works) -> None:
    works.slack.breaks = lambda effect: isinstance(effect, FURNITURE)
    for _ in range(3):
        talk.clock.forward(SECOND)
        await works.turn()
    await talk.done("lina", "cancel INC-1 it was a test")
    works.slack.breaks = lambda _effect: False
    await works.turns(3)

    assert not [effect for effect in works.slack.told.values() if isinstance(effect, FURNITURE)]
    assert "slack" not in {effect.chat for effect in await works.dead()}


async def test_a_card_whose_pin_breaks_is_posted_once(works: Works) -> None:
    works.slack.breaks = lambda effect: isinstance(effect, ask.Pin)
    for _ in range(5):
        works.talk.clock.forward(SECOND)
        await works.turn()

    cards = [key for key, effect in works.slack.told.items() if isinstance(effect, ask.Post) and key.endswith(":card")]
    assert len(cards) == 1
    assert works.slack.asked[cards[0]] == 1
