"""Finding one's way in the organisation."""

from datetime import timedelta

import pytest

from bot.domain.access import Access, Viewer
from bot.domain.heartbeat import Heartbeat
from bot.domain.organisation import Account, IncidentRules, Organisation
from bot.domain.severity import Severity
from tests.builders import HOUR, MINUTE, a_person, an_organisation

ORG = an_organisation()


def test_everything_is_found_by_its_name() -> None:
    amira = ORG.people[0]
    assert ORG.person("p-amira") == amira
    assert ORG.service("feature-store") == ORG.services[1]
    assert ORG.team("ml-platform") == ORG.teams[0]
    assert ORG.schedule("ml-primary") == ORG.schedules[0]
    assert ORG.policy("ml-oncall") == ORG.policies[0]


def test_what_is_not_there_is_none() -> None:
    assert ORG.person("p-gone") is None
    assert ORG.person_named("gone") is None
    assert ORG.person_behind(Account("telegram", "", "1")) is None
    assert ORG.service("gone") is ORG.service(None) is None
    assert ORG.team("gone") is ORG.team(None) is None
    assert ORG.schedule("gone") is None
    assert ORG.policy("gone") is ORG.policy(None) is None


@pytest.mark.parametrize("name", ["omar", "@omar", "@Omar", "OMAR"])
def test_a_person_is_found_however_the_name_is_typed(name: str) -> None:
    found = ORG.person_named(name)
    assert found is not None
    assert found.id == "p-omar"


def test_a_name_written_exactly_goes_before_one_that_differs_in_case() -> None:
    small, tall = a_person("sam"), a_person("Sam")
    org = an_organisation(people=(small, tall))
    assert org.person_named("sam") == small
    assert org.person_named("Sam") == tall


def test_an_account_leads_to_its_person_in_its_own_workspace_only() -> None:
    assert ORG.person_behind(Account("slack", "T1", "UOMAR")) == ORG.person("p-omar")
    assert ORG.person_behind(Account("slack", "T2", "UOMAR")) is None


def test_a_person_reads_with_their_own_access() -> None:
    assert a_person("noor", Access.VIEWER).viewer == Viewer("p-noor", Access.VIEWER)


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("critical", Severity.SEV2),
        (" Warning ", Severity.SEV4),
        ("page", Severity.SEV1),
        ("never mapped", Severity.SEV3),
        ("sev5", Severity.SEV5),
        ("SEV1", Severity.SEV1),
        ("", Severity.SEV3),
        (None, Severity.SEV3),
    ],
)
def test_a_word_nobody_mapped_is_taken_for_one_that_pages(label: str | None, severity: Severity) -> None:
    org = an_organisation(severities=(*ORG.severities, ("PAGE", Severity.SEV1)))
    assert org.severity_for(label) is severity


def test_only_the_worst_owe_regular_updates_by_default() -> None:
    rules = IncidentRules()
    assert [rules.update_interval(severity) for severity in Severity] == [HOUR / 2, HOUR, None, None, None]
    assert rules.commander_within == timedelta(minutes=10)


def test_an_organisation_may_be_nearly_empty() -> None:
    org = Organisation(name="Two people and a bell", timezone="UTC", people=())
    assert org.policy("any") is None
    assert org.person("any") is None


def test_a_heartbeat_is_found_by_its_name() -> None:
    backup = Heartbeat("backup", HOUR, MINUTE, None, Severity.SEV3)
    org = an_organisation(heartbeats=(backup,))
    assert org.heartbeat("backup") is backup
    assert org.heartbeat("other") is None


def test_who_needs_whom_is_known_both_ways() -> None:
    org = an_organisation()
    assert (org.needed, org.needing) == (
        {"inference-gateway": ("feature-store",)},
        {"feature-store": ("inference-gateway",)},
    )
