"""What holds an alert back, and until when."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hush import (
    BY_ALERT,
    BY_ENDED,
    Held,
    Hush,
    Inhibition,
    Inhibitor,
    Silence,
    Standing,
    holder_of,
    inhibitors_of,
    longest_grace,
    place_of,
    places_for,
    standing,
)
from bot.domain.maintenance import MaintenanceWindow, Once
from bot.domain.matchers import parse_matchers
from bot.domain.severity import Severity
from tests.builders import HOUR, MINUTE, NOW, SECOND

DRIFT = {"alertname": "DriftHigh", "cluster": "eu"}


def a_silence(number: int = 12, match: str = 'alertname=~"Drift.*"', **changes: Any) -> Silence:
    fields: dict[str, Any] = {
        "service": None,
        "author": "p-amira",
        "reason": "planned load test",
        "created_at": NOW,
        "starts_at": NOW,
        "ends_at": NOW + HOUR,
    }
    return Silence(number, parse_matchers(match), **{**fields, **changes})


def a_rule(source: str, target: str, *equal: str, name: str = "down") -> Inhibition:
    return Inhibition(name, parse_matchers(source), parse_matchers(target), equal)


def a_window(name: str, match: str = "", *services: str) -> MaintenanceWindow:
    return MaintenanceWindow(name, Once(NOW, NOW + HOUR), services, parse_matchers(match))


def inhibited_by(rule: Inhibition, *alerts: Mapping[str, str]) -> Hush:
    """What holds back while these alerts fire, each called by its name."""
    places = {
        (one.rule, one.key, one.is_target): labels["alertname"]
        for labels in alerts
        for one in inhibitors_of([rule], "a-1", labels)
    }
    return Hush(rules=(rule,), inhibitors=places)


def test_nothing_holds_back_by_itself() -> None:
    assert Hush().held(DRIFT, "features") is None
    assert not Hush(rules=[a_rule('a="1"', 'b="2"')]).is_any
    assert Hush([a_silence()]).is_any


def test_a_silence_is_half_open() -> None:
    silence = a_silence()
    times = (NOW - SECOND, NOW, NOW + HOUR - SECOND, NOW + HOUR)
    assert [silence.is_in_force(at) for at in times] == [False, True, True, False]


@pytest.mark.parametrize(
    ("match", "named", "service", "is_held"),
    [
        ('alertname=~"Drift.*"', None, None, True),
        ('alertname="Other"', None, None, False),
        ("", "features", "features", True),
        ("", "features", "gateway", False),
        ("", "features", None, False),
        ('alertname=~"Drift.*"', "features", "gateway", False),
        ('alertname="Other"', "features", "features", False),
        ('alertname=~"Drift.*",cluster="eu"', "features", "features", True),
    ],
)
def test_a_silence_holds_what_satisfies_all_that_it_says(
    match: str,
    named: str | None,
    service: str | None,
    is_held: bool,
) -> None:
    hush = Hush(silences=[a_silence(match=match, service=named)])
    held = hush.held(DRIFT, service)
    assert held == (Held("silence:12", "silence S-12: planned load test") if is_held else None)


def test_of_several_silences_the_one_that_ends_last_is_the_reason() -> None:
    silences = [a_silence(1), a_silence(2, ends_at=NOW + 2 * HOUR, is_maintenance=True), a_silence(3)]
    assert Hush(silences=silences).held(DRIFT, None) == Held("silence:2", "maintenance S-2: planned load test")


def test_a_window_holds_what_it_covers_and_a_silence_goes_first() -> None:
    windows = [a_window("other", 'job="x"'), a_window("move", "", "features")]
    assert Hush(windows=windows).held(DRIFT, "features") == Held("maintenance:move", "maintenance window move")
    assert Hush(windows=windows).held(DRIFT, "gateway") is None
    both = Hush([a_silence()], windows)
    assert both.held(DRIFT, "features") == Held("silence:12", "silence S-12: planned load test")


@pytest.mark.parametrize(
    ("equal", "source", "target", "is_held"),
    [
        (("cluster",), {"cluster": "eu"}, {"cluster": "eu"}, True),
        (("cluster",), {"cluster": "eu"}, {"cluster": "us"}, False),
        (("cluster",), {}, {"cluster": ""}, True),
        (("cluster",), {}, {}, True),
        (("cluster",), {"cluster": "eu"}, {}, False),
        (("cluster", "zone"), {"cluster": "eu"}, {"cluster": "eu", "zone": ""}, True),
        (("cluster", "zone"), {"cluster": "eu", "zone": "a"}, {"cluster": "eu"}, False),
        ((), {"cluster": "eu"}, {"cluster": "us"}, True),
    ],
)
def test_an_alert_inhibits_those_with_the_same_values_and_missing_equals_empty(
    equal: tuple[str, ...],
    source: dict[str, str],
    target: dict[str, str],
    is_held: bool,
) -> None:
    rule = a_rule('alertname="Down"', 'severity="warning"', *equal)
    hush = inhibited_by(rule, {"alertname": "Down", **source})
    held = hush.held({"alertname": "Slow", "severity": "warning", **target}, None)
    assert (held is not None) is is_held
    if held is not None:
        assert held.reason == "inhibited (down) by Down"
        assert hush.holds(held.by)
        assert not Hush(rules=(rule,)).holds(held.by)
        assert not Hush(inhibitors=hush.inhibitors).holds(held.by), "the rule is gone"


def test_an_alert_on_both_sides_is_held_by_one_that_is_on_the_other_side_only() -> None:
    rule = a_rule('alertname=~"Down|Gone"', 'severity="warning"')
    both = {"alertname": "Down", "severity": "warning"}
    plain = {"alertname": "Slow", "severity": "warning"}
    outside = {"alertname": "Gone"}

    assert inhibited_by(rule, both).held(both, None) is None, "it inhibits itself"
    assert inhibited_by(rule, both, {**both, "alertname": "Gone"}).held(both, None) is None
    held = inhibited_by(rule, both).held(plain, None)
    assert held is not None
    assert inhibited_by(rule, both).holds(held.by)
    assert inhibited_by(rule, outside).holds(held.by)

    held = inhibited_by(rule, both, outside).held(both, None)
    assert held is not None
    assert inhibited_by(rule, outside).holds(held.by)
    assert not inhibited_by(rule, both).holds(held.by), "what inhibits it now is a target as well"


@pytest.mark.parametrize(
    ("seconds", "severity", "is_held"),
    [(119, Severity.SEV3, True), (120, Severity.SEV3, False), (0, Severity.SEV2, False), (0, None, True)],
)
def test_what_is_not_critical_waits_for_the_grace_after_the_end(
    seconds: int, severity: Severity | None, is_held: bool
) -> None:
    rule = a_rule('alertname="Down"', 'severity="warning"')
    place = (rule.rule, rule.key_of({}), False)
    found = [Standing(place, "Down", NOW), Standing(("other", "k", False), "Gone", NOW)]
    firing, ended = standing([rule], found, NOW + seconds * SECOND)
    hush = Hush(rules=(rule,), inhibitors=firing, ended=ended)
    held = hush.held({"severity": "warning"}, None, severity)
    assert firing == {}
    assert (held is not None) is is_held
    if held is not None:
        assert held.reason == "inhibited (down) by Down, which has just ended"
        assert hush.is_any
        assert hush.holds(held.by)
        assert not Hush(rules=(rule,)).holds(held.by)
        assert not hush.holds(held.by.replace(BY_ENDED, BY_ALERT)), "what it held while it fired is looked at anew"
        again, _ = standing([rule], [Standing(place, "Down")], NOW)
        assert Hush(rules=(rule,), inhibitors=again).holds(held.by), "it fires again"


def test_the_longest_grace_counts_and_without_a_rule_there_is_none() -> None:
    rules = [a_rule('a="1"', 'b="2"'), replace(a_rule('a="1"', 'b="2"'), grace=HOUR)]
    assert longest_grace(rules) == HOUR
    assert longest_grace([]) == timedelta()


def test_a_rule_that_says_something_else_is_another_one_and_a_new_name_makes_none() -> None:
    first = a_rule('a="1"', 'b="2"', "x", "y")
    assert first.rule == a_rule('a="1"', 'b="2"', "y", "x", name="renamed").rule
    others = (a_rule('a="1"', 'b="3"', "x", "y"), a_rule('a="2"', 'b="2"', "x", "y"), a_rule('a="1"', 'b="2"', "x"))
    assert len({first.rule, *(rule.rule for rule in others)}) == 4


def test_an_alert_is_looked_up_where_it_may_be_held_and_written_down_where_it_holds() -> None:
    rule = a_rule('alertname="Down"', 'severity="warning"', "cluster")
    other = a_rule('alertname="Gone"', 'severity="info"')
    labels = {"alertname": "Down", "severity": "warning", "cluster": "eu"}
    [found] = inhibitors_of([rule, other], "a-1", labels)
    assert found == Inhibitor(rule.rule, rule.key_of({"cluster": "eu"}), "a-1", is_target=True)
    assert places_for([rule, other], labels) == [(rule.rule, found.key)]
    assert place_of("silence:12") is None


def test_a_key_tells_which_window_or_rule_of_the_file_it_is_of() -> None:
    rule = a_rule('alertname="Down"', 'severity="warning"', "cluster")
    keys = ["silence:12", "maintenance:move", f"{BY_ALERT}{rule.rule}:k", f"{BY_ENDED}{rule.rule}:k:outside"]
    holders = [holder_of(key, [rule]) for key in [*keys, f"{BY_ALERT}gone:k"]]
    assert holders == [None, "maintenance:move", "inhibition:down", "inhibition:down", None]


def test_what_has_ended_holds_no_more() -> None:
    hush = Hush([a_silence()], [a_window("move")])
    keys = ("silence:12", "silence:1", "silence:123", "maintenance:move", "maintenance:mov")
    assert [hush.holds(key) for key in keys] == [True, False, False, True, False]


VALUES = st.sampled_from(["", "a", "b"])
LABELS = st.dictionaries(st.sampled_from(["x", "y", "z"]), VALUES)
MATCHES = st.sampled_from(['x="a"', 'x!="a"', 'y=~"a|b"', 'z="", x="b"', 'z!~"a"'])
EQUAL = st.lists(st.sampled_from(["x", "y", "z"]), unique=True).map(tuple)


@given(MATCHES, MATCHES, EQUAL, st.lists(LABELS, max_size=4), LABELS)
def test_it_inhibits_as_alertmanager_says(
    source: str, target: str, equal: tuple[str, ...], firing: list[dict[str, str]], labels: dict[str, str]
) -> None:
    """Held against the rule in the words of Alertmanager's documentation, for any alerts that fire."""
    rule = Inhibition("r", parse_matchers(source), parse_matchers(target), equal)

    def has(side: str, of: dict[str, str]) -> bool:
        return all(matcher.matches(of) for matcher in parse_matchers(side))

    expected = has(target, labels) and any(
        has(source, other)
        and all(other.get(name, "") == labels.get(name, "") for name in equal)
        and not (has(source, labels) and has(target, other))
        for other in firing
    )
    hush = inhibited_by(rule, *({"alertname": "A", **other} for other in firing))
    held = hush.held(labels, None)
    assert (held is not None) is expected
    assert held is None or hush.holds(held.by)
    # What is held by nobody else any more is let go.
    assert held is None or not Hush(rules=(rule,)).holds(held.by)


@given(st.lists(st.tuples(MATCHES, st.integers(-3, 3), st.integers(1, 3)), max_size=5), LABELS, st.integers(-4, 7))
def test_an_alert_is_held_exactly_while_something_covers_it(
    wishes: list[tuple[str, int, int]], labels: dict[str, str], minutes: int
) -> None:
    at = NOW + minutes * MINUTE
    silences = [
        a_silence(number, match, starts_at=NOW + start * MINUTE, ends_at=NOW + (start + lasts) * MINUTE)
        for number, (match, start, lasts) in enumerate(wishes, 1)
    ]
    hush = Hush([silence for silence in silences if silence.is_in_force(at)])
    covering = {s.key for s in silences if s.starts_at <= at < s.ends_at and s.covers(labels, None)}
    held = hush.held(labels, None)
    assert (held.by in covering) if held is not None else not covering
