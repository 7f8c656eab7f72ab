"""What a file says becomes the organisation that the rules know, and a version that names nobody."""

import json
from datetime import UTC, datetime, time, timedelta

from bot.config.building import build, digest, person_entries, stored_body
from bot.config.default import read_default
from bot.config.file import File
from bot.config.reading import read_text
from bot.domain.access import Access
from bot.domain.alert_rules import RepeatLimit
from bot.domain.business_hours import BusinessHours
from bot.domain.escalation import people_of_step
from bot.domain.organisation import (
    Account,
    IncidentRules,
    Organisation,
    ResolveMode,
    Route,
    Service,
    Target,
    TargetKind,
    Team,
)
from bot.domain.rotation import Months
from bot.domain.routing import destination
from bot.domain.severity import Severity
from tests.config.files import EXAMPLE, RIGHT, SHAPE

IDS = {"amira": "id-1", "omar": "id-2"}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def read(text: str) -> File:
    file = read_text(text, "tocsin.yaml", SHAPE).file
    assert file is not None
    return file


def built(text: str = RIGHT) -> Organisation:
    return build(read(text), IDS, "v1")


def test_people_have_their_id_their_zone_and_their_accounts() -> None:
    amira, omar = built().people
    assert (amira.id, amira.access, amira.timezone) == ("id-1", Access.ADMIN, "Asia/Dubai")
    assert amira.accounts == (Account("slack", "", "U01AAA"), Account("telegram", "", "1111"))
    assert (omar.id, omar.access, omar.timezone, omar.language) == ("id-2", Access.RESPONDER, "Europe/London", "en")


def test_entries_for_the_one_table_hold_what_is_configured() -> None:
    entry, _ = person_entries(read(RIGHT))
    assert (entry.name, entry.email, entry.timezone) == ("amira", "amira@acme.example", "Asia/Dubai")


def test_everything_refers_to_people_by_id_and_to_the_rest_by_name() -> None:
    organisation = built()
    assert organisation.team("ml-platform") == Team("ml-platform", ("id-1", "id-2"), "id-2")
    assert organisation.service("features") == Service("features", depends_on=("gateway",))
    schedule = organisation.schedule("ml-primary")
    assert schedule is not None
    weekly, monthly = schedule.layers
    assert schedule.timezone == "Asia/Dubai"
    assert (weekly.people, weekly.every) == (("id-1", "id-2"), timedelta(days=7))
    assert (weekly.handoff, monthly.every) == (datetime(2026, 1, 5, 9), Months(1))  # noqa: DTZ001 - a wall clock's
    policy = organisation.policy("ml-oncall")
    assert policy is not None
    assert policy.repeat == 2
    assert [step.after for step in policy.steps] == [timedelta(), timedelta(minutes=5)]
    assert policy.steps[1].page == (Target(TargetKind.PERSON, "id-2"), Target(TargetKind.TEAM, "ml-platform"))
    assert organisation.version == "v1"


def test_alerts_go_where_the_file_says() -> None:
    organisation = built()
    matched = destination(organisation, {"team": "ml", "severity": "critical"})
    assert (matched.service, matched.policy) == (organisation.service("gateway"), "ml-oncall")
    assert destination(organisation, {"team": "web"}).policy == "quiet"
    assert destination(organisation, {"service": "features"}).policy == "quiet"


def test_without_routes_all_alerts_go_to_the_first_policy() -> None:
    organisation = built(RIGHT[: RIGHT.index("routes:")])
    assert organisation.routes == (Route(policy="ml-oncall"),)


def test_a_catch_all_that_names_a_service_pages_by_its_policy() -> None:
    text = RIGHT.replace("  - {policy: quiet}\nsources", "  - {service: gateway}\nsources")
    assert built(text).routes[-1] == Route(service="gateway", policy="ml-oncall")


def test_severities_have_a_table_by_default_and_any_case() -> None:
    organisation = built()
    assert organisation.severity_for("Critical") is Severity.SEV2
    assert organisation.severity_for("none") is Severity.SEV5
    assert organisation.severity_for("no such word") is Severity.SEV3
    assert built(RIGHT + "severities: {FATAL: sev1}\n").severities == (("fatal", Severity.SEV1),)


def test_incident_rules_have_the_defaults_of_the_rules_themselves() -> None:
    assert built().rules == IncidentRules()


def test_incident_rules_are_read() -> None:
    text = RIGHT + (
        "incidents: {open_from: SEV3, group_by: [], group_window: 1m, resolve: auto, quiet_time: 2m,"
        " alert_expiry: 3h, commander_within: 4m, update_every: {SEV2: 2h, SEV1: 15m},"
        " postmortem_from: SEV1}\n"
    )
    assert built(text).rules == IncidentRules(
        open_from=Severity.SEV3,
        group_by=(),
        group_window=timedelta(minutes=1),
        resolve=ResolveMode.AUTO,
        quiet_time=timedelta(minutes=2),
        alert_expiry=timedelta(hours=3),
        commander_within=timedelta(minutes=4),
        update_every=((Severity.SEV1, timedelta(minutes=15)), (Severity.SEV2, timedelta(hours=2))),
        postmortem_from=Severity.SEV1,
    )
    assert built(RIGHT + "incidents: {postmortem_from: none}\n").rules.postmortem_from is None


def test_what_is_kept_of_a_version_names_nobody_and_is_plain_json() -> None:
    body = json.dumps(stored_body(built()))
    for told in ("amira", "omar", "acme.example", "U01AAA", "1111", "PASSWORD", "KEY"):
        assert told not in body
    assert "id-1" in body


def test_the_example_can_be_kept_too() -> None:
    body = stored_body(build(read(EXAMPLE.read_text(encoding="utf-8")), IDS))
    assert json.loads(json.dumps(body)) == body


def test_the_same_content_has_the_same_digest_and_any_change_another() -> None:
    first = digest(stored_body(built()))
    assert first == digest(stored_body(built("# a comment\n" + RIGHT)))
    assert first != digest(stored_body(built(RIGHT.replace("repeat: 2", "repeat: 3"))))


def test_the_default_organisation_pages_the_one_who_started_it() -> None:
    reading = read_default()
    assert reading.problems == ()
    assert reading.file is not None
    organisation = build(reading.file, {"me": "id-1"})
    (me,) = organisation.people
    assert me.access is Access.ADMIN
    policy = organisation.policy(destination(organisation, {"alertname": "Anything"}).policy)
    assert policy is not None
    assert people_of_step(policy.steps[0], organisation, NOW) == ("id-1",)


def test_rules_change_what_they_name_and_are_kept() -> None:
    organisation = built(
        RIGHT
        + "rules: [{name: one, match: 'zone=\"b\"', severity: SEV2, group_by: [], resolve: auto, quiet_time: 1h, repeat: {at_most: 2, within: 1h}}]\n"
    )
    assert organisation.rules_of("one") == IncidentRules(
        group_by=(),
        resolve=ResolveMode.AUTO,
        quiet_time=timedelta(hours=1),
        repeat=RepeatLimit(2, timedelta(hours=1), Severity.SEV1),
    )
    assert stored_body(organisation)["rules"] == [
        {
            "name": "one",
            "match": 'zone="b"',
            "service": None,
            "severity": "SEV2",
            "policy": None,
            "team": None,
            "runbook": None,
            "group_by": [],
            "resolve": "auto",
            "quiet_time": 3600,
            "repeat": {"rings": 2, "within": 3600, "always_from": "SEV1"},
        }
    ]
    assert digest(stored_body(organisation)) != digest(stored_body(built()))


def test_business_hours_are_read_and_kept() -> None:
    organisation = built(
        RIGHT + "business_hours: {days: [mon, sun], begin: 8:30, end: 17:00}\noutside_hours: {SEV4: hold, SEV3: SEV4}\n"
    )
    outside = ((Severity.SEV3, Severity.SEV4), (Severity.SEV4, None))
    assert organisation.hours == BusinessHours("Asia/Dubai", frozenset({0, 6}), time(8, 30), time(17), outside)
    assert stored_body(organisation)["business_hours"] == {
        "timezone": "Asia/Dubai",
        "days": [0, 6],
        "begin": "08:30:00",
        "end": "17:00:00",
        "outside": {"SEV3": "SEV4", "SEV4": None},
    }
    assert built().hours is None
