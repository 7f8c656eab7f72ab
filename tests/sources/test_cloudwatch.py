"""CloudWatch: an alarm fires and ends, and no data is no recovery."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.alert import AlertEvent
from bot.ports.sources import Unreadable
from integrations.sources.cloudwatch import SOURCE
from tests.sources.reading import read, sample

SAGEMAKER = Path(__file__).parent.parent / "samples" / "sagemaker" / "alarm.json"


def alarm(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sample(SOURCE)["Message"])
    return {**found, **changes}


def told(**changes: Any) -> list[AlertEvent]:
    return read(SOURCE, {**sample(SOURCE), "Message": json.dumps(alarm(**changes))})


def test_an_alarm_says_what_and_where() -> None:
    (event,) = told()
    assert event.title == "features-db-cpu"
    assert event.summary == "The feature store's database is busy."
    assert event.labels["DBInstanceIdentifier"] == "features-db"
    assert (event.labels["namespace"], event.labels["metric"]) == ("AWS/RDS", "CPUUtilization")
    assert event.starts_at is not None
    assert event.starts_at.isoformat() == "2026-11-22T22:01:14.682000+00:00"
    assert event.severity is None


def test_an_alarm_on_a_metric_of_sagemaker_says_which_endpoint_and_feature() -> None:
    (event,) = read(SOURCE, json.loads(SAGEMAKER.read_text()))
    assert event.labels["EndpointName"] == "fraud-scoring"
    assert event.labels["ScheduleName"] == "fraud-scoring-hourly"
    assert event.labels["metric"] == "feature_baseline_drift_amount"
    assert (event.title, event.severity) == ("fraud-scoring-amount-drift", None)


def test_dimensions_are_read_in_either_case() -> None:
    (event,) = told(Trigger={"Dimensions": [{"Name": "InstanceId", "Value": "i-1"}, 7, {"Value": "x"}]})
    assert event.labels["InstanceId"] == "i-1"


def test_a_composite_alarm_has_no_trigger() -> None:
    (event,) = told(Trigger=None, AlarmRule="ALARM(a) AND ALARM(b)")
    assert event.is_firing


def test_no_data_fires_mildly_where_nothing_fired() -> None:
    (event,) = told(NewStateValue="INSUFFICIENT_DATA", OldStateValue="OK")
    assert (event.is_firing, event.severity, event.title) == (True, "warning", "features-db-cpu: no data")


def test_no_data_neither_ends_nor_eases_an_alarm() -> None:
    assert told(NewStateValue="INSUFFICIENT_DATA", OldStateValue="ALARM") == []


def test_an_alarm_without_its_arn_is_known_by_account_region_and_name() -> None:
    (one,), (same,), (other,) = (
        told(AlarmArn=None),
        told(AlarmArn=None, NewStateValue="OK"),
        told(AlarmArn=None, Region="US East (N. Virginia)"),
    )
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_an_alarm_may_come_without_its_envelope() -> None:
    assert read(SOURCE, alarm()) == told()


@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_what_sns_says_of_subscriptions_is_no_alert(kind: str) -> None:
    assert read(SOURCE, {**sample(SOURCE), "Type": kind, "Message": "You have chosen to subscribe"}) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"Type": "Notification"}, "neither a notification"),
        ({"Type": "Notification", "Message": '{"source": "aws.ec2"}'}, "not of an alarm"),
        ({"Type": "Notification", "Message": "7"}, "not of an alarm"),
        ({"Type": "Notification", "Message": "The disk is full"}, "not JSON"),
        (alarm(NewStateValue="?"), "none of ALARM"),
        (alarm(AlarmName=""), "no name"),
    ],
)
def test_what_is_no_alarm_is_told_of(body: Any, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(SOURCE, body)
