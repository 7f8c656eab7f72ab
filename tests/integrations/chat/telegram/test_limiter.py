"""What is written keeps within Telegram's limits, and what matters more goes first."""

from integrations.chat.telegram.limiter import Limiter, Priority

GROUP, PERSON = -100, 100


class Watch:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def written(limiter: Limiter, watch: Watch, chat: int, priority: Priority, seconds: int) -> int:
    """How many messages pass within a time, when one waits for as long as it is told."""
    count, end = 0, watch.at + seconds
    while watch.at < end:
        wait = limiter.take(chat, priority)
        count += wait == 0
        watch.at += wait
    return count


def test_a_group_takes_twenty_messages_in_any_minute() -> None:
    watch = Watch()
    limiter = Limiter(now=watch)

    assert written(limiter, watch, GROUP, Priority.REPLY, 60) <= 20
    assert written(limiter, watch, GROUP, Priority.REPLY, 600) <= 201


def test_a_person_takes_one_message_a_second_and_a_few_at_once() -> None:
    watch = Watch()
    limiter = Limiter(now=watch)

    assert [limiter.take(PERSON, Priority.PAGE) for _ in range(3)] == [0, 0, 0]
    assert limiter.take(PERSON, Priority.PAGE) > 0
    assert written(limiter, watch, PERSON, Priority.PAGE, 60) <= 63


def test_cards_leave_room_for_answers() -> None:
    watch = Watch()
    limiter = Limiter(now=watch)
    written(limiter, watch, GROUP, Priority.CARD, 55)
    watch.at = 55.0

    assert limiter.take(GROUP, Priority.CARD) > 0
    assert limiter.take(GROUP, Priority.REPLY) == 0


def test_a_flood_of_cards_does_not_hold_up_a_call() -> None:
    limiter = Limiter(now=Watch())
    for chat in range(1000, 1100):
        limiter.take(chat, Priority.CARD)

    assert limiter.take(PERSON, Priority.CARD) > 0
    assert limiter.take(PERSON, Priority.PAGE) == 0


def test_who_was_told_to_wait_waits_alone_and_no_longer_than_that() -> None:
    watch = Watch()
    limiter = Limiter(now=watch)
    limiter.block(GROUP, 30)

    assert limiter.take(GROUP, Priority.PAGE) == 30
    assert limiter.take(PERSON, Priority.PAGE) == 0
    watch.at = 30.0
    assert limiter.take(GROUP, Priority.PAGE) == 0


async def test_a_short_wait_is_waited_here_and_a_long_one_is_told() -> None:
    limiter = Limiter()
    limiter.block(GROUP, 0.01)
    assert await limiter.turn(GROUP, Priority.CARD) == 0

    limiter.block(GROUP, 30)
    assert 25 < await limiter.turn(GROUP, Priority.CARD) <= 30
