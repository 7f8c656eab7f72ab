"""How long things are kept stands in tocsin.yaml."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config.building import build
from bot.config.file import File
from bot.domain.retention import USUAL_RETENTION, RetentionRules
from tests.config.files import RIGHT, told


def test_it_is_taken_over_as_written() -> None:
    given = {"deliveries": "7d", "deliveries_size": "500 MB", "quarantined": "90d", "receipts": "14d", "changes": "60d"}
    assert build(File.model_validate({"retention": given}), {}).retention == RetentionRules(
        timedelta(days=7), 500_000_000, timedelta(days=90), timedelta(days=14), timedelta(days=60)
    )


@pytest.mark.parametrize("written", ["10MB", "1500MB", "5GB", "2TB"])
def test_a_size_is_shown_as_it_is_written(written: str) -> None:
    assert str(File.model_validate({"retention": {"deliveries_size": written}}).retention.deliveries_size) == written


def test_without_the_section_the_usual_holds() -> None:
    assert build(File(), {}).retention == USUAL_RETENTION


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("deliveries: 5m", "too short or too long; write 1h to 1826d"),
        ("deliveries_size: 5", "'5' is not a size; write for example 500MB or 5GB"),
        ("deliveries_size: 1MB", "'1MB' is too little; write 10MB or more"),
        ("deliveries_size: [5GB]", "a list or a section stands where one value belongs"),
        ("receipts: 1h", "too short or too long; write 2d to 1826d"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_remedy(tmp_path: Path, line: str, complaint: str) -> None:
    problems = told(tmp_path / "tocsin.yaml", f"{RIGHT}retention:\n  {line}\n")
    assert [problem for problem in problems if complaint in problem], problems
