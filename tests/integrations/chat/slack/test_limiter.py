"""Calls keep to Slack's limits for each method and channel, and pages go first."""

from integrations.chat.slack.limiter import Limiter
from integrations.chat.slack.needs import NEEDS, Call


def test_a_few_posts_go_at_once_and_then_one_a_second_in_each_channel() -> None:
    limiter = Limiter()

    waits = [limiter.wait(Call.POST, "C1", 100.0, is_page=False) for _ in range(4)]

    assert waits == [0, 0, 0, 1]
    assert limiter.wait(Call.POST, "C2", 100.0, is_page=False) == 0
    assert limiter.wait(Call.POST, "C1", 101.0, is_page=False) == 0


def test_a_minute_holds_so_many_calls_and_keeps_the_last_ones_for_pages() -> None:
    limiter = Limiter()
    limit = NEEDS[Call.POST].per_minute

    made = sum(limiter.wait(Call.POST, f"C{number}", 100.0, is_page=False) == 0 for number in range(limit))
    pages = sum(limiter.wait(Call.POST, f"U{number}", 100.0, is_page=True) == 0 for number in range(limit))

    assert (made, pages) == (limit * 0.8, limit * 0.2)
    assert limiter.wait(Call.POST, "C999", 100.0, is_page=False) == 60
    assert limiter.wait(Call.POST, "C999", 160.5, is_page=False) == 0


def test_posts_that_slack_refuses_are_left_alone_in_that_channel_only() -> None:
    limiter = Limiter()

    limiter.refused(Call.POST, "C1", 100.0, 30)

    assert limiter.wait(Call.POST, "C1", 110.0, is_page=True) == 20
    assert limiter.wait(Call.POST, "C2", 110.0, is_page=False) == 0
    assert limiter.wait(Call.UPDATE, "C1", 110.0, is_page=False) == 0
    assert limiter.wait(Call.POST, "C1", 130.0, is_page=False) == 0


def test_another_method_that_slack_refuses_is_left_alone_in_every_channel() -> None:
    limiter = Limiter()

    limiter.refused(Call.SET_TOPIC, "C1", 100.0, 30)

    assert limiter.wait(Call.SET_TOPIC, "C2", 110.0, is_page=False) == 20
    assert limiter.wait(Call.PIN, "C2", 110.0, is_page=False) == 0
    assert limiter.wait(Call.SET_TOPIC, "C2", 130.0, is_page=False) == 0
