"""What further reports do to an alert."""

from datetime import datetime

import pytest

from bot.domain.alert import Absorbed, Alert, AlertState, LiveAlert, absorb, expire
from bot.domain.severity import Severity
from tests.builders import MINUTE, NOW

LIVE = LiveAlert("a-1", AlertState.FIRING, Severity.SEV3, "i-42", NOW)


@pytest.mark.parametrize(
    ("severity", "meaning"),
    [
        (Severity.SEV2, Absorbed.WORSENED),
        (Severity.SEV3, Absorbed.REPEATED),
        (Severity.SEV4, Absorbed.REPEATED),
    ],
)
def test_a_report_that_it_fires_still_is_a_repeat_unless_it_is_worse(severity: Severity, meaning: Absorbed) -> None:
    after, meant = absorb(LIVE, is_firing=True, severity=severity, received_at=NOW + MINUTE)
    assert meant is meaning
    assert after == LIVE._replace(severity=severity, reports=1, last_at=NOW + MINUTE)


@pytest.mark.parametrize("received_at", [NOW - MINUTE, NOW, NOW + MINUTE])
def test_reports_that_say_what_is_known_do_together_what_each_does_alone(received_at: datetime) -> None:
    alone = LIVE
    for _ in range(3):
        alone, _meant = absorb(alone, is_firing=True, severity=LIVE.severity, received_at=received_at)
    assert LIVE.repeated(3, received_at) == alone


def test_a_resolve_ends_it_and_counts_as_a_report() -> None:
    after, meant = absorb(LIVE, is_firing=False, severity=Severity.SEV1, received_at=NOW + MINUTE)
    assert meant is Absorbed.RESOLVED
    assert after == LIVE._replace(state=AlertState.RESOLVED, reports=1, last_at=NOW + MINUTE, resolved_at=NOW + MINUTE)


@pytest.mark.parametrize("is_firing", [True, False])
def test_a_report_received_earlier_does_not_turn_the_last_time_back(is_firing: bool) -> None:
    after, _ = absorb(LIVE, is_firing=is_firing, severity=Severity.SEV3, received_at=NOW - MINUTE)
    assert after.last_at == NOW


def test_an_alert_nobody_reports_any_more_ends_with_that_reason() -> None:
    ended = expire(LIVE, NOW + MINUTE)
    assert (ended.state, ended.reason, ended.resolved_at) == (AlertState.RESOLVED, "expired", NOW + MINUTE)
    assert ended.last_at == NOW


@pytest.mark.parametrize("state", AlertState)
def test_an_alert_lives_until_it_is_resolved(state: AlertState) -> None:
    alert = Alert("a", "prom", "f", state, Severity.SEV3, "Slow", {}, first_at=NOW, last_at=NOW)
    assert alert.is_live == (state is not AlertState.RESOLVED)
