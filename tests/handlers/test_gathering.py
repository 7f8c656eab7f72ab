"""What keeps coming is told at once the first time, and then at growing pauses, several in one."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.effects import DrawCard, TellEnds
from handlers.pace import PAUSES, Gathering
from tests.builders import MINUTE, NOW, SECOND
from tests.handlers.talking import Talk
from tests.handlers.test_storming import Sky


def test_the_first_goes_at_once_and_the_next_wait_ever_longer() -> None:
    gathering, now, waits = Gathering(), NOW, []
    for _ in range(5):
        wait = gathering.wait("a", now)
        waits.append(wait)
        if wait is not None:
            now += wait
            assert gathering.wait("a", now) is None
    assert waits == [None, *PAUSES, PAUSES[-1]]


def test_each_thing_waits_by_itself() -> None:
    gathering = Gathering()
    assert gathering.wait("a", NOW) is None
    assert gathering.wait("b", NOW) is None
    assert gathering.wait("a", NOW) == PAUSES[0]


def test_after_a_long_silence_it_goes_at_once_again() -> None:
    gathering = Gathering()
    assert gathering.wait("a", NOW) is None
    assert gathering.wait("a", NOW + 2 * MINUTE) is None
    assert gathering.wait("a", NOW + 2 * MINUTE + SECOND) == PAUSES[0] - SECOND


@given(st.lists(st.integers(1, 90), max_size=200))
def test_of_any_stream_few_go_in_a_minute(gaps: list[int]) -> None:
    gathering, now, gone = Gathering(), NOW, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if gathering.wait("a", now) is None:
            gone.append(now)
    for at in gone:
        assert sum(at <= other < at + MINUTE for other in gone) <= 3


async def test_several_ends_wait_as_one_and_a_person_s_change_is_drawn_at_once(talk: Talk) -> None:
    sky = Sky(talk)
    await sky.pours("a")
    (first,) = await sky.incidents()
    async with talk.writing() as unit:
        for effect in await talk.effects():
            await unit.outbox.done(effect, talk.clock.now())
    await sky.pours("a", severity="error", source="two")
    await sky.pours("a", source="three")
    await sky.pours("a", status="resolved", source="two")
    await sky.pours("a", status="resolved", source="three")
    waiting = await talk.effects()
    assert sum(isinstance(one.effect, TellEnds) for one in waiting) == len(talk.desk.chats)

    cards = [one for one in waiting if isinstance(one.effect, DrawCard)]
    later = talk.clock.now() + MINUTE
    async with talk.writing() as unit:
        for card in cards:
            await unit.outbox.again(card, later, "it changes too often", is_unknown=False)
    await sky.pours("a", source="four")
    assert {one.due_at for one in await talk.effects() if isinstance(one.effect, DrawCard)} == {later}

    await talk.done("amira", f"ack {first.ref}")

    drawn = [one for one in await talk.effects() if isinstance(one.effect, DrawCard)]
    assert [one.id for one in drawn] == [card.id for card in cards]
    assert all(one.due_at <= talk.clock.now() for one in drawn)
