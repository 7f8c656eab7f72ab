"""When a heartbeat counts as missed."""

from datetime import timedelta

from bot.domain.heartbeat import Heartbeat, missed_from
from bot.domain.severity import Severity
from tests.builders import HOUR, MINUTE, NOW

BACKUP = Heartbeat("backup", HOUR, 5 * MINUTE, None, Severity.SEV3)
LONG_AGO = NOW - timedelta(days=9)


def test_it_is_missed_a_grace_after_the_next_beat_was_due() -> None:
    missed = missed_from(BACKUP, watched_since=LONG_AGO, beat_at=NOW, up_since=LONG_AGO)
    assert missed == NOW + HOUR + 5 * MINUTE


def test_one_that_never_beat_is_waited_for_since_it_was_configured() -> None:
    missed = missed_from(BACKUP, watched_since=NOW, beat_at=None, up_since=LONG_AGO)
    assert missed == NOW + HOUR + 5 * MINUTE


def test_a_downtime_of_ours_is_nobodys_fault() -> None:
    missed = missed_from(BACKUP, watched_since=LONG_AGO, beat_at=LONG_AGO, up_since=NOW)
    assert missed == NOW + HOUR + 5 * MINUTE
