"""Rules of the file: what is done otherwise with some of the alerts."""

import pytest

from bot.domain.alert import AlertState
from bot.domain.incident import Status
from bot.domain.severity import Severity
from tests.builders import MINUTE
from tests.handlers.alarms import Alarms
from tests.handlers.talking import Talk


@pytest.fixture
def alarms(talk: Talk) -> Alarms:
    """Acme AI under alarm."""
    return Alarms(talk)


async def test_a_rule_changes_how_bad_an_alert_is_who_is_called_and_whose_it_is(alarms: Alarms) -> None:
    alarms.configured(
        "rules: [{name: bill, match: 'alertname=~\"Billing.*\"', severity: SEV2, policy: rest, team: data,"
        " runbook: https://r.example/billing}]"
    )
    await alarms.fires("BillingStuck", "info", service="gateway", runbook="https://r.example/alert")
    [incident] = await alarms.incidents()
    assert (incident.severity, incident.team, incident.rule) == (Severity.SEV2, "data", "bill")
    assert incident.runbook == "https://r.example/billing"
    assert await alarms.called() == ["p-omar"]


async def test_the_first_rule_that_fits_decides_alone(alarms: Alarms) -> None:
    alarms.configured(
        "rules: [{name: one, service: store, open_from: SEV5}, {name: two, service: store, severity: SEV1},"
        " {name: all, severity: SEV2}]"
    )
    await alarms.fires("Slow", "info", service="store")
    await alarms.fires("Odd", "info")
    first, second = await alarms.incidents()
    assert (first.rule, first.severity) == ("one", Severity.SEV5)
    assert (second.rule, second.severity) == ("all", Severity.SEV2)


async def test_alerts_that_no_rule_fits_go_on_as_they_did(alarms: Alarms) -> None:
    alarms.configured("rules: [{name: one, service: store, open_from: SEV1, policy: data-oncall}]")
    await alarms.fires("Slow", "error", service="gateway")
    await alarms.fires("Lost", "error")
    await alarms.fires("Full", "error", service="store")
    first, second = await alarms.incidents()
    assert (first.rule, second.rule) == (None, None)
    assert await alarms.called(1) == ["p-amira"]
    assert await alarms.called(2) == ["p-amira"], "without routes all go to the first policy"
    [full] = [alert for alert in await alarms.alerts() if alert.title == "Full"]
    assert (full.state, full.reason) == (AlertState.SUPPRESSED, "milder than SEV1")


async def test_a_rule_groups_by_labels_of_its_own(alarms: Alarms) -> None:
    alarms.configured("rules: [{name: zones, service: store, group_by: [zone]}]")
    await alarms.fires("Slow", service="store", zone="a")
    await alarms.fires("Full", service="store", zone="a")
    await alarms.fires("Full", service="store", zone="b")
    assert [incident.alerts.total for incident in await alarms.incidents()] == [2, 1]


async def test_a_severity_never_parts_a_group_whatever_a_rule_says(alarms: Alarms) -> None:
    alarms.configured("rules: [{name: zones, service: store, group_by: [alertname, severity]}]")
    await alarms.fires("Slow", "error", service="store", severity_label="x")
    await alarms.fires("Slow", "critical", service="store", severity_label="y")
    [incident] = await alarms.incidents()
    assert incident.severity is Severity.SEV2


@pytest.mark.parametrize(("minutes", "refs"), [(14, 1), (16, 2)])
async def test_a_rule_has_its_own_group_window(alarms: Alarms, minutes: int, refs: int) -> None:
    alarms.configured("rules: [{name: slow, service: store, group_window: 15m}]")
    await alarms.fires("Slow", service="store")
    await alarms.ends("Slow", service="store")
    await alarms.talk.done("amira", "resolve INC-1")
    alarms.talk.clock.forward(minutes * MINUTE)
    await alarms.fires("Slow", service="store")
    assert len(await alarms.incidents()) == refs


async def test_a_longer_window_of_one_group_does_not_lengthen_that_of_another(alarms: Alarms) -> None:
    alarms.configured("rules: [{name: slow, service: store, group_window: 15m}]")
    for service in ("store", "disks"):
        await alarms.fires("Slow", service=service)
        await alarms.ends("Slow", service=service)
    await alarms.talk.done("amira", "resolve INC-1")
    await alarms.talk.done("amira", "resolve INC-2")
    alarms.talk.clock.forward(10 * MINUTE)
    await alarms.take([alarms.event("Slow", True, "error", {"service": name}) for name in ("store", "disks")])
    assert [incident.service for incident in await alarms.incidents()] == ["store", "disks", "disks"]


async def test_a_rule_lets_incidents_resolve_by_themselves(alarms: Alarms) -> None:
    alarms.configured("rules: [{name: brief, service: store, resolve: auto, quiet_time: 3m}]")
    for service in ("store", "disks"):
        await alarms.fires("Slow", service=service)
        await alarms.ends("Slow", service=service)
    await alarms.passes(4 * MINUTE)
    assert [incident.status for incident in await alarms.incidents()] == [Status.RESOLVED, Status.TRIAGE]


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"app": "store"}, "store"),
        ({"job": "gateway"}, "gateway"),
        ({"service": "no such", "job": "gateway"}, "gateway"),
        ({"service": "store", "app": "gateway"}, "store"),
        ({"component": "no such"}, None),
    ],
)
async def test_labels_of_several_names_lead_to_a_service(
    alarms: Alarms, labels: dict[str, str], service: str | None
) -> None:
    alarms.configured()
    await alarms.fires("Slow", **labels)
    [incident] = await alarms.incidents()
    assert incident.service == service


async def test_which_labels_name_a_service_can_be_configured(alarms: Alarms) -> None:
    alarms.configured("incidents: {service_labels: [system]}")
    await alarms.fires("Slow", system="store", service="gateway")
    [incident] = await alarms.incidents()
    assert incident.service == "store"


@pytest.mark.parametrize(
    ("annotated", "shown"),
    [("https://r.example/slow", "https://r.example/slow"), (None, "https://r.example/gateway")],
)
async def test_the_first_message_and_the_card_say_what_is_at_hand(
    alarms: Alarms, annotated: str | None, shown: str
) -> None:
    alarms.configured()
    await alarms.fires("Slow", service="gateway", **({"runbook": annotated} if annotated else {}))
    [opened] = [stored.event for stored in await alarms.talk.timeline() if stored.event.kind == "opened_by_alert"]
    told = alarms.talk.desk.speech().event(opened)
    for word in ("of ml", f"Runbook: {shown}", "Dashboards: https://g.example/1", "depends on store"):
        assert word in told
    card = (await alarms.talk.says("amira", "status INC-1")).card
    assert card is not None
    fields = {field.label: field.value for field in card.fields}
    assert (fields["Service"], fields["Runbook"]) == ("gateway of ml", shown)
    assert "Dashboards: https://g.example/1\nDepends on: store" in card.body


async def test_a_group_rings_no_oftener_than_its_rule_says_and_reopens_quietly(alarms: Alarms) -> None:
    alarms.configured("rules: [{name: seldom, service: store, repeat: {at_most: 2, within: 1h}}]")
    for _ in range(4):
        await alarms.fires("Slow", service="store")
        await alarms.ends("Slow", service="store")
        await alarms.talk.done("amira", "resolve INC-1")
        alarms.talk.clock.forward(12 * MINUTE)
    [incident] = await alarms.incidents()
    assert incident.alerts.total == 4
    assert await alarms.called() == ["p-lina", "p-lina"]
    assert (await alarms.happened()).count("ring_spared") == 2
    alarms.talk.clock.forward(30 * MINUTE)
    await alarms.fires("Slow", service="store")
    assert await alarms.called() == ["p-lina"] * 3
