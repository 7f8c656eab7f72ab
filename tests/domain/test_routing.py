"""Where alerts go."""

from dataclasses import replace

import pytest

from bot.domain.alert_rules import AlertRule
from bot.domain.matchers import parse_matchers
from bot.domain.organisation import Policy, Route, Service
from bot.domain.routing import destination, policy_for
from tests.builders import a_policy, a_step, an_organisation, to_person

ORG = an_organisation(
    services=(
        Service("gateway", team="ml", policy="own"),
        Service("store", team="data"),
    ),
    policies=tuple(Policy(name, (a_step(to_person("p-amira")),)) for name in ("own", "special", "all")),
    routes=(
        Route(parse_matchers('team="ml"'), service="gateway"),
        Route(parse_matchers('tier="gold"'), policy="special"),
        Route(policy="all"),
    ),
)


@pytest.mark.parametrize(
    ("labels", "service", "policy", "team"),
    [
        ({"team": "ml"}, "gateway", "own", "ml"),
        ({"team": "ml", "tier": "gold"}, "gateway", "own", "ml"),
        ({"team": "ml", "service": "store"}, "gateway", "own", "ml"),
        ({"tier": "gold"}, None, "special", None),
        ({"tier": "gold", "service": "gateway"}, "gateway", "special", "ml"),
        ({"service": "store"}, "store", "all", "data"),
        ({"service": "gateway"}, "gateway", "own", "ml"),
        ({"service": "unheard of"}, None, "all", None),
        ({}, None, "all", None),
    ],
)
def test_the_first_route_that_matches_decides(
    labels: dict[str, str], service: str | None, policy: str | None, team: str | None
) -> None:
    found = destination(ORG, labels)
    assert (found.service.name if found.service else None, found.policy, found.team) == (service, policy, team)


def test_without_any_route_an_alert_still_has_a_group_and_its_service() -> None:
    org = an_organisation(routes=())
    found = destination(org, {"service": "inference-gateway", "alertname": "Slow"})
    assert (found.policy, found.team) == ("ml-oncall", "ml-platform")
    assert destination(org, {"service": "feature-store"}).policy is None
    assert len(found.group_key) == 32


def test_alerts_of_one_name_and_service_share_a_group_whatever_their_severity() -> None:
    org = an_organisation(routes=(Route(policy="ml-oncall"),))
    slow = {"service": "feature-store", "alertname": "Slow"}
    key = destination(org, slow).group_key
    assert destination(org, {**slow, "severity": "critical", "pod": "a"}).group_key == key
    assert destination(org, {**slow, "alertname": "Down"}).group_key != key
    assert destination(org, {**slow, "service": "inference-gateway"}).group_key != key


def test_a_service_without_a_policy_is_paged_for_by_the_route_that_catches_all() -> None:
    assert policy_for(ORG, ORG.service("gateway")) == "own"
    assert policy_for(ORG, ORG.service("store")) == "all"
    assert policy_for(ORG, None) == "all"
    assert policy_for(an_organisation(routes=(), policies=(a_policy(),)), None) is None


RULED = replace(
    ORG,
    alert_rules=(
        AlertRule("paged", parse_matchers('tier="gold"'), policy="own", team="gold"),
        AlertRule("named", service="store", changes=(("group_by", ("zone",)),)),
        AlertRule("both", parse_matchers('zone="b"'), service="gateway", policy="special"),
    ),
)


@pytest.mark.parametrize(
    ("labels", "rule", "policy", "team"),
    [
        ({"tier": "gold"}, "paged", "own", "gold"),
        ({"tier": "gold", "service": "store"}, "paged", "own", "gold"),
        ({"service": "store"}, "named", "all", "data"),
        ({"team": "ml", "zone": "b"}, "both", "special", "ml"),
        ({"team": "ml", "zone": "a"}, None, "own", "ml"),
        ({"zone": "b"}, None, "all", None),
        ({}, None, "all", None),
    ],
)
def test_a_rule_goes_before_the_route_which_goes_before_the_service(
    labels: dict[str, str], rule: str | None, policy: str, team: str | None
) -> None:
    found = destination(RULED, labels)
    assert (found.rule.name if found.rule else None, found.policy, found.team) == (rule, policy, team)
    assert found.service_name == (found.service.name if found.service else None)


def test_the_rules_of_a_name_are_those_for_all_where_it_changes_nothing() -> None:
    assert RULED.rules_of("named") == replace(ORG.rules, group_by=("zone",))
    assert RULED.rules_of("paged") == RULED.rules_of("taken away") == RULED.rules_of(None) == ORG.rules
