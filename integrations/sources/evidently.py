"""Evidently's tests of data and models, as the script that ran them sends the run's JSON.

Shape: `Snapshot.json()` of Evidently 0.7 (evidentlyai/evidently, src/evidently/core/report.py and metric_types.py), and
bodies recorded from Evidently 0.7.23. Only `labels` is ours: a run's JSON does not say which model it is about.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.domain.alert import AlertEvent
from bot.domain.identity import fingerprint
from bot.ports.sources import USUAL_ROUTES, AlertSource, Parsed, Route, Unreadable
from integrations.sources.reading import (
    LABEL_LIMIT,
    Misshapen,
    collect,
    identity_labels,
    inner,
    labels,
    line,
    named,
    sample,
    text,
    whole,
)

_SKIPPED: Final = "SKIPPED"
# A test that could not be made tells nothing good: it neither ends what it told before, nor makes it milder.
_SEVERITIES: Final = {"FAIL": "error", "ERROR": "error", "WARNING": "warning"}
_PASSED: Final = "SUCCESS"


class Evidently:
    """Reads one run a body; each of its tests is one alert, and tests that were skipped say nothing."""

    name: str = "evidently"
    sample: bytes = sample("evidently.json")
    routes: Sequence[Route] = USUAL_ROUTES

    def parse(self, body: bytes, received_at: datetime) -> Parsed:  # noqa: ARG002
        """Read a body. A run without tests could never fire: that is told of, not taken for good news."""
        run = whole(body)
        tests = run.get("tests")
        if not isinstance(tests, list) or not tests:
            raise Unreadable("the run has no tests; run the report with include_tests=True", "tests is missing")
        made = [test for test in tests if not isinstance(test, dict) or test.get("status") != _SKIPPED]
        return collect(made, lambda test: _read(run.get("labels"), test), "tests")


def _read(given: Any, test: Any) -> AlertEvent:
    if not isinstance(test, dict):
        raise Misshapen("a test is not an object")
    status = text(test.get("status"), LABEL_LIMIT)
    if status != _PASSED and status not in _SEVERITIES:
        raise Misshapen("status is none of SUCCESS, FAIL, WARNING, ERROR and SKIPPED")
    theirs = labels(given)
    metric = inner(test, "metric_config")
    settings = inner(metric, "params")
    title = line(test.get("name"))
    known_by = identity_labels({"metric": metric.get("metric_id"), "test": test.get("bound_test") or test.get("name")})
    if not all(known_by.values()):
        raise Misshapen("a test has no metric_id, or neither bound_test nor name")
    kind = text(settings.get("type"), LABEL_LIMIT).rpartition(":")[2]
    severity = _SEVERITIES.get(status)
    shown = named(
        alertname=kind or title,
        column=settings.get("column"),
        label=inner(test, "bound_test").get("label"),
        severity=severity,
    )
    return AlertEvent(
        # Not the name: it may quote a value of the reference data, which is another one tomorrow.
        fingerprint=fingerprint({**{f"label {name}": value for name, value in theirs.items()}, **known_by}),
        is_firing=status != _PASSED,
        labels={**theirs, **shown},
        title=title or kind,
        severity=severity,
        summary=text(test.get("description")),
    )


SOURCE: AlertSource = Evidently()
