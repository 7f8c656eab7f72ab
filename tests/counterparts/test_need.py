"""Asking for a counterpart that is not there: a reasoned skip on a desk, a failure under CI."""

import pytest

from tests.counterparts.need import missing


def test_a_missing_counterpart_skips_and_names_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="Prometheus is not on this machine: install it"):
        missing("Prometheus", "install it")


def test_a_missing_counterpart_fails_under_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="Prometheus is not on this machine: install it"):
        missing("Prometheus", "install it")
