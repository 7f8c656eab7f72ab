"""Which earlier incidents are like one, and in what."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.resemblance import MOST, Earlier, Likeness, alike
from tests.builders import NOW, an_incident

NOW_HERE = an_incident(title="Gateway answers slowly", service="inference-gateway", group_key="g-1")


def earlier(number: int = 7, title: str = "Disk full", **changes: Any) -> Earlier:
    return replace(Earlier(f"i-{number}", number, title, None, None, NOW), **changes)


def ways(one: Earlier) -> list[str]:
    return [way.value for _, found in alike(NOW_HERE, [one]) for way in found]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Gateway answers slowly", True),
        ("The gateway slowly comes back", True),
        ("GATEWAY: slowly, it answers", True),
        ("Gateway of the second region refuses everything since this morning", False),
        ("Disk full", False),
        ("500 500 500", False),
        ("", False),
    ],
)
def test_a_title_is_like_another_when_they_share_a_third_of_their_words(title: str, expected: bool) -> None:
    assert (ways(earlier(title=title)) == ["title"]) is expected


def test_a_title_in_another_script_is_compared_as_well() -> None:
    incident = replace(NOW_HERE, title="البوابة بطيئة جدا")
    [(_, found)] = alike(incident, [earlier(title="البوابة بطيئة")])
    assert found == (Likeness.TITLE,)


def test_words_that_every_title_has_make_nothing_alike() -> None:
    assert alike(replace(NOW_HERE, title="the and for"), [earlier(title="the and for")]) == ()


def test_the_same_service_and_the_same_alert_count_where_there_are_any() -> None:
    assert ways(earlier(service="inference-gateway")) == ["service"]
    assert ways(earlier(group_key="g-1", service="inference-gateway")) == ["alert", "service"]
    nothing = replace(NOW_HERE, service=None, group_key=None)
    assert alike(nothing, [earlier()]) == ()


def test_those_that_are_most_alike_stay_and_the_newest_comes_first() -> None:
    same_service = [earlier(number, service="inference-gateway") for number in (20, 19, 18, 17)]
    old = [earlier(3, group_key="g-1"), earlier(2, "Gateway answers slowly"), earlier(1, "Gateway slowly")]
    found = alike(NOW_HERE, [*same_service, *old])
    assert [one.ref for one, _ in found] == ["INC-20", "INC-19", "INC-3", "INC-2", "INC-1"]
    assert len(found) == MOST
