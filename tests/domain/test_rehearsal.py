"""What happened and what would happen are compared incident by incident, and rule by rule for what is only recorded."""

from datetime import datetime, timedelta
from typing import Any

from bot.domain.noise import Episode, Rule
from bot.domain.rehearsal import Comparison, Opened, Recorded, compared, recorded_only
from tests.builders import HOUR, MINUTE, NOW, SECOND

SLOW = Rule("prom", "Slow", "gateway")


def episode(incident: str | None, began_at: datetime = NOW, lasts: timedelta | None = None, **changes: Any) -> Episode:
    ended_at = began_at + lasts if lasts is not None else None
    return Episode("a", SLOW, "f", incident, began_at, ended_at)._replace(**changes)


def opened(name: str, at: datetime = NOW, **changes: Any) -> Opened:
    given: dict[str, Any] = {"severity": "SEV2", "service": "gateway", "policy": "ml", "people": ("amira",), **changes}
    return Opened(id=name, ref=name.upper(), title="Slow", opened_at=at, **given)


def difference(now: list[Episode], would: list[Opened], then: list[Episode], did: list[Opened]) -> list[Comparison]:
    return compared(now, {one.id: one for one in would}, then, {one.id: one for one in did}, NOW)


def names(found: list[Comparison]) -> list[tuple[list[str], list[str]]]:
    """Which would be beside which were."""
    return [([one.id for one in each.now], [one.id for one in each.then]) for each in found]


def test_incidents_that_share_an_alert_belong_together_and_may_be_the_same() -> None:
    [one] = difference([episode("w1")], [opened("w1")], [episode("i1")], [opened("i1")])
    assert (one.now, one.then) == ((opened("w1"),), (opened("i1"),))
    assert one.differs == ()


def test_what_differs_is_named() -> None:
    would = opened("w1", severity="SEV3", service=None, policy="quiet", people=("omar",))
    [one] = difference([episode("w1")], [would], [episode("i1")], [opened("i1")])
    assert one.differs == ("severity", "service", "policy", "people")


def test_an_alert_that_fired_before_is_still_the_same_alert() -> None:
    before = NOW - HOUR
    [one] = difference([episode("w1")], [opened("w1")], [episode("i1", before)], [opened("i1", before)])
    assert [other.id for other in one.then] == ["i1"]


def test_an_alert_of_the_same_fingerprint_at_another_time_is_another() -> None:
    over = episode("i1", NOW - HOUR, lasts=HOUR)
    later = episode("i2", NOW + MINUTE)
    found = difference(
        [episode("w1")], [opened("w1")], [over, later], [opened("i1", NOW - HOUR), opened("i2", NOW + MINUTE)]
    )
    assert [(bool(one.now), [other.id for other in one.then]) for one in found] == [(True, []), (False, ["i2"])]
    assert [one.differs for one in found] == [("incidents",), ("incidents",)]


def test_an_incident_that_was_open_before_is_not_said_to_be_missing() -> None:
    before = NOW - SECOND
    assert difference([], [], [episode("i1", before)], [opened("i1", before)]) == []


def test_several_incidents_may_be_one_and_one_may_be_several() -> None:
    a: dict[str, Any] = {"fingerprint": "a"}
    b: dict[str, Any] = {"fingerprint": "b"}
    one, two = opened("i1"), opened("i2")
    joined = difference(
        [episode("w1", **a), episode("w1", **b)], [opened("w1")], [episode("i1", **a), episode("i2", **b)], [one, two]
    )
    assert names(joined) == [(["w1"], ["i1", "i2"])]
    parted = difference(
        [episode("w1", **a), episode("w2", NOW, **b)],
        [opened("w1", NOW + MINUTE), opened("w2")],
        [episode("i1", **a), episode("i1", **b)],
        [one],
    )
    assert names(parted) == [(["w2", "w1"], ["i1"])]
    assert [each.differs for each in (*joined, *parted)] == [("incidents",), ("incidents",)]


def test_incidents_that_hang_together_by_others_are_told_of_together_and_no_others() -> None:
    now = [episode(f"w{n}", fingerprint=f"{n}{x}") for n in (1, 2, 3, 4) for x in "ab"]
    # Two that were one hang by it on a third, whose other alert stood in an incident with an alert of the second.
    was = {"1a": "i1", "1b": "i1", "2a": "i2", "2b": "i1", "3a": "i2", "3b": "i3", "4a": "i4", "4b": "i4"}
    then = [episode(incident, fingerprint=fingerprint) for fingerprint, incident in was.items()]
    found = difference(now, [opened(f"w{n}") for n in (1, 2, 3, 4)], then, [opened(f"i{n}") for n in (1, 2, 3, 4)])
    assert names(found) == [(["w1", "w2", "w3"], ["i1", "i2", "i3"]), (["w4"], ["i4"])]


def test_alerts_in_no_incident_join_nothing() -> None:
    [one] = difference([episode("w1"), episode(None)], [opened("w1")], [episode(None)], [])
    assert one.then == ()


def test_what_is_recorded_only_is_counted_by_rule() -> None:
    other = Rule("prom", "Disk", "")
    now = [episode(None), episode(None), episode("w1"), episode(None, rule=other)]
    then = [episode(None), episode(None, NOW - SECOND), episode("i1")]
    assert recorded_only(now, then, NOW) == [Recorded(other, 1, 0), Recorded(SLOW, 2, 1)]
