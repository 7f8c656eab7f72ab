"""An attack on a chat's door shows in the audit: every kind of it, from where, and how much there was."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.chat.refusals import Refusals


class Audit:
    """What was written, and the clock by which it was."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.lines: list[str] = []
        self.is_away = False

    def now(self) -> datetime:
        return self.at

    async def denied(self, what: str) -> None:
        if self.is_away:
            raise ConnectionError("the database is away")
        self.lines.append(what)


@pytest.fixture
def audit() -> Audit:
    return Audit()


@pytest.fixture
def refusals(audit: Audit) -> Refusals:
    return Refusals("slack", audit, audit.denied)


async def test_a_probe_hides_no_forged_request_with_the_same_status(audit: Audit, refusals: Refusals) -> None:
    await refusals.note("unsigned", status=401, address="192.0.2.1")
    await refusals.note("forged", status=401, address="203.0.113.9")

    assert audit.lines == ["unsigned, from 192.0.2.1", "forged, from 203.0.113.9"]


async def test_what_was_left_out_is_counted(audit: Audit, refusals: Refusals) -> None:
    for _ in range(42):
        await refusals.note("forged", status=401, address="203.0.113.9")
    audit.at += timedelta(minutes=1)
    await refusals.note("unsigned", status=401)
    await refusals.note("forged", status=401, address="203.0.113.7")

    assert audit.lines == [
        "forged, from 203.0.113.9",
        "forged: 41 more",
        "unsigned",
        "forged, from 203.0.113.7",
    ]


async def test_what_was_left_out_is_counted_at_the_stop_too(audit: Audit, refusals: Refusals) -> None:
    for _ in range(3):
        await refusals.note("forged")
    await refusals.note("unsigned")

    await refusals.close()

    assert audit.lines == ["forged", "unsigned", "forged: 2 more"]


async def test_a_refusal_stays_one_while_the_audit_is_away(audit: Audit, refusals: Refusals) -> None:
    audit.is_away = True
    await refusals.note("forged")
    audit.is_away = False
    audit.at += timedelta(minutes=1)

    await refusals.note("forged")

    assert audit.lines == ["forged"]
