"""Maintenance windows and inhibiting rules of a file: what they mean, and what can't be right."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.config.building import build, digest, stored_body
from bot.config.checking import check
from bot.config.reading import read_text
from bot.domain.hush import Inhibition
from bot.domain.maintenance import MaintenanceWindow, Once, Weekly
from bot.domain.matchers import parse_matchers
from bot.domain.organisation import Organisation

TEXT = """\
organisation: {timezone: Asia/Dubai}
services: [{name: feature-store}]
maintenance:
  - {name: move, services: [feature-store], from: 2026-12-01T22:00, until: 2026-12-02T02:00}
  - {name: batch, match: 'job="batch"', timezone: Europe/Berlin, days: [Sat, sunday], at: "02:00", for: 2h}
inhibit:
  - {name: down, source: 'alertname="Down"', target: 'severity="warning"', equal: [cluster], grace: 90s}
"""


def complaints(text: str) -> str:
    reading = read_text(text, "tocsin.yaml")
    return " ".join(map(str, (*reading.problems, *check(reading.tree))))


def built(text: str = TEXT) -> Organisation:
    file = read_text(text, "tocsin.yaml").file
    assert file is not None
    return build(file, {})


def test_they_belong_to_the_organisation() -> None:
    org = built()
    once = Once(datetime(2026, 12, 1, 18, tzinfo=UTC), datetime(2026, 12, 1, 22, tzinfo=UTC))
    assert org.maintenance == (
        MaintenanceWindow("move", once, ("feature-store",)),
        MaintenanceWindow(
            "batch",
            Weekly((5, 6), time(2), timedelta(hours=2), "Europe/Berlin"),
            (),
            parse_matchers('job="batch"'),
        ),
    )
    source, target = parse_matchers('alertname="Down"'), parse_matchers('severity="warning"')
    assert org.inhibitions == (Inhibition("down", source, target, ("cluster",), timedelta(seconds=90)),)


def test_a_change_of_either_is_another_version() -> None:
    changes = (("T02:00}", "T03:00}"), ("for: 2h", "for: 3h"), ("cluster", "zone"), ("90s", "60s"))
    changed = (TEXT.replace(before, after) for before, after in changes)
    digests = {digest(stored_body(built(text))) for text in (TEXT, *changed)}
    assert len(digests) == 5


def test_a_time_that_the_clock_shows_twice_begins_with_the_first_and_ends_with_the_last() -> None:
    text = TEXT.replace("Asia/Dubai", "Europe/Berlin").replace("2026-12-01T22:00", "2026-10-25T02:30")
    [window, _] = built(text.replace("2026-12-02T02:00", "2026-10-25T02:45")).maintenance
    assert window.time == Once(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 45, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "instead", "why"),
    [
        ("services: [feature-store],", "", "this would hold back every alert"),
        ("services: [feature-store],", "services: [feature-stor],", "did you mean 'feature-store'?"),
        ("until: 2026-12-02T02:00", "until: 2026-12-01T22:00", "it would be over before it begins"),
        (", until: 2026-12-02T02:00", "", "'until' is missing"),
        (", from: 2026-12-01T22:00, until: 2026-12-02T02:00", "", "it has no time"),
        ("until: 2026-12-02T02:00", "days: [mon]", "'from' is for once and 'days' for every week"),
        ("until: 2026-12-02T02:00", "until: 2026-12-02T02:00Z", "this time has an offset"),
        ("until: 2026-12-02T02:00", "until: 3026-12-02T02:00", "the year 3026 is out of reach"),
        ("until: 2026-12-02T02:00", "until: tomorrow", "'tomorrow' is not a date and a time"),
        ("until: 2026", "untill: 2026", "did you mean 'until'?"),
        ("days: [Sat, sunday]", "days: [weekend]", "is no day of the week"),
        ("days: [Sat, sunday]", "days: [sab]", "is no day of the week"),
        ('at: "02:00"', 'at: "24:00"', "'24:00' is no time of day"),
        (', at: "02:00"', "", "'at' is missing"),
        ("for: 2h", "for: 8d", "'for' is too short or too long"),
        ("name: batch", "name: move", "is the name of another maintenance window"),
        ("source: 'alertname=\"Down\"', ", "", "'source' is missing"),
        ("'severity=\"warning\"'", "'severity'", "one of =, !=, =~, !~ was expected"),
        ("equal: [cluster]", "equal: [a b]", "is not the name of a label"),
    ],
)
def test_what_can_not_be_right_is_said(written: str, instead: str, why: str) -> None:
    assert written in TEXT
    assert why in complaints(TEXT.replace(written, instead))


def test_what_is_right_is_not_complained_of() -> None:
    assert not any(word in complaints(TEXT) for word in ("maintenance", "inhibit", "window"))
