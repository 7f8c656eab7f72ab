"""The commands about silences: what they show, ask back, refuse and write down."""

from datetime import timedelta

import pytest

from bot.domain.alert import AlertState
from bot.domain.severity import Severity
from bot.ids import new_id
from handlers.wishing import Written, read_words
from tests.builders import DAY, HOUR, NOW
from tests.handlers.talking import Talk
from tests.records import an_alert

DRIFT = 'silence service="features", alertname=~"Drift.*" for 2h because planned load test'


async def began(talk: Talk, name: str, ago: timedelta, *, is_live: bool, severity: Severity = Severity.SEV3) -> None:
    """An alert of this name began some time ago; `is_live`: it still fires."""
    at = NOW - ago
    over = {} if is_live else {"state": AlertState.RESOLVED, "resolved_at": at + HOUR}
    labels = {"alertname": name, "service": "features"}
    alert = an_alert(
        new_id(at), id=new_id(at), title=f"{name} is up", labels=labels, severity=severity, first_at=at, **over
    )
    async with talk.writing() as unit:
        await unit.alerts.add([alert])


async def test_first_it_shows_what_it_would_hide_and_does_nothing(talk: Talk) -> None:
    await began(talk, "DriftHigh", HOUR, is_live=True)
    await began(talk, "DriftLow", 2 * DAY, is_live=False)
    await began(talk, "DriftOld", 8 * DAY, is_live=False)
    await began(talk, "Slow", HOUR, is_live=True)

    answer = await talk.says("omar", DRIFT)

    assert answer.text.splitlines() == [
        'Silence alerts with service="features", alertname=~"Drift.*" until Wed 7 Jan 2026, 05:00 UTC+4?',
        "It would hide 2 alerts of the last 7 days; firing now: 1.",
        "· DriftHigh is up",
        "· DriftLow is up",
        "To begin it, press the button or write the same with --yes.",
    ]
    assert await talk.done("omar", "silences") == "Nothing is silenced, and no maintenance goes on."
    assert answer.card is not None
    [button] = answer.card.actions
    assert button.command == DRIFT.replace("silence ", "silence --yes ")
    assert "S-1 holds back alerts" in await talk.done("omar", button.command)


async def test_what_still_fires_since_long_ago_is_counted_too(talk: Talk) -> None:
    await began(talk, "DriftHigh", 20 * DAY, is_live=True)
    assert "It would hide 1 alert of the last 7 days; firing now: 1." in await talk.done("omar", DRIFT)


async def test_one_that_hides_criticals_says_so_and_wants_to_hear_it(talk: Talk) -> None:
    await began(talk, "DriftHigh", HOUR, is_live=False, severity=Severity.SEV1)
    answer = await talk.says("omar", DRIFT)
    assert "1 of them is critical, and would call nobody either." in answer.text
    assert answer.card is not None
    [button] = answer.card.actions
    assert "--yes --critical" in button.command
    assert "add --critical" in await talk.refused("omar", f"{DRIFT} --yes")
    assert await talk.done("omar", "silences") == "Nothing is silenced, and no maintenance goes on."
    assert "S-1" in await talk.done("omar", button.command)


async def test_silences_are_listed_with_who_until_when_and_why(talk: Talk) -> None:
    await talk.done("omar", f"{DRIFT} --yes")
    await talk.done("lina", "maintenance feature-store from tomorrow 22:00 for 3h because new disks --yes")
    assert (await talk.done("noor", "silences")).splitlines() == [
        "S-2 · service feature-store · from Thu 8 Jan 2026, 22:00 UTC+4 until Fri 9 Jan 2026, 01:00 UTC+4 · by lina · new disks",
        'S-1 · service="features", alertname=~"Drift.*" · until Wed 7 Jan 2026, 05:00 UTC+4 · by omar · planned load test',
    ]


async def test_beginning_and_ending_are_in_the_audit(talk: Talk) -> None:
    await talk.done("omar", f"{DRIFT} --yes")
    talk.clock.forward(HOUR)
    assert await talk.done("lina", "unsilence s1") == "S-1 is over."
    [begun, ended] = [entry for entry in await talk.audit() if entry.subject == "S-1"]
    assert (begun.action, begun.actor, begun.after["reason"]) == ("Silence", "person:p-omar", "planned load test")
    assert (ended.action, ended.actor) == ("Unsilence", "person:p-lina")
    assert ended.after["ends_at"] == (NOW + HOUR).isoformat()
    assert "has ended" in await talk.refused("lina", "unsilence S-1")


@pytest.mark.parametrize("words", ["1h", "for 1h", "until 06:00", "--for 1h"])
async def test_one_goes_on_for_longer_and_that_is_in_the_audit(talk: Talk, words: str) -> None:
    await talk.done("omar", f"{DRIFT} --yes")
    talk.clock.forward(HOUR)
    assert await talk.done("lina", f"silence extend s-1 {words}") == (
        'S-1 goes on holding back alerts with service="features", alertname=~"Drift.*"'
        " until Wed 7 Jan 2026, 06:00 UTC+4: planned load test."
    )
    entry = (await talk.audit())[-1]
    assert (entry.action, entry.subject, entry.actor) == ("ExtendSilence", "S-1", "person:p-lina")
    assert (entry.before, entry.after) == (
        {"ends_at": (NOW + 2 * HOUR).isoformat()},
        {"ends_at": (NOW + 3 * HOUR).isoformat()},
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("silence extend S-1", "Say for how long"),
        ("silence extend S-1 for ever", "is no duration"),
        ("silence extend S-1 until 04:00", "lasts until Wed 7 Jan 2026, 05:00 UTC+4 already"),
        ("silence extend S-1 30d", "30 days at most"),
        ("silence extend S-2 1h", "There is no silence S-2"),
        ("silence extend everything 1h", "There is no silence everything"),
    ],
)
async def test_what_can_go_on_no_longer_is_refused(talk: Talk, line: str, told: str) -> None:
    await talk.done("omar", f"{DRIFT} --yes")
    assert told in await talk.refused("omar", line)
    assert "responder" in await talk.refused("noor", "silence extend S-1 1h")
    assert "until Wed 7 Jan 2026, 05:00" in await talk.done("omar", "silences")
    talk.clock.forward(2 * HOUR)
    assert "has ended at" in await talk.refused("omar", "silence extend S-1 1h")


async def test_one_that_has_come_to_hide_criticals_goes_on_only_if_that_is_said(talk: Talk) -> None:
    await talk.done("omar", f"{DRIFT} --yes")
    await began(talk, "DriftHigh", HOUR, is_live=True, severity=Severity.SEV1)
    assert "add --critical" in await talk.refused("omar", "silence extend S-1 1h")
    assert "06:00" in await talk.done("omar", "silence extend S-1 1h --critical")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("silence for 2h because x", "silence everything"),
        ('silence alertname=~".*" for 2h because x', "silence everything"),
        ('silence alertname!="x" for 2h because x', "silence everything"),
        ('silence alertname="x" for 2h', "Say why"),
        ('silence alertname="x" because of the test', "Say for how long"),
        ('silence alertname="x" for 40d because x', "30 days at most"),
        ('silence alertname="x" for ever because x', "is no duration"),
        ('silence alertname="x" until yesterday because x', "is no time"),
        ('silence alertname=~"(" for 2h because x', "can't be read as matchers"),
        ("silence feature-stor for 2h because x", "feature-store"),
        ("silence --service nobody for 2h because x", "nobody"),
        ('maintenance alertname="x" for 2h because x', "Say which service"),
        ("maintenance for 2h because x", "Say which service"),
        ("unsilence", "Say which silence"),
        ("unsilence S-9", "There is no silence S-9"),
        ("unsilence everything", "There is no silence everything"),
    ],
)
async def test_what_can_not_be_is_refused(talk: Talk, line: str, told: str) -> None:
    assert told in await talk.refused("omar", line)


async def test_a_viewer_may_look_and_not_silence(talk: Talk) -> None:
    for line in (DRIFT, "maintenance feature-store for 1h because x", "unsilence S-1"):
        assert "responder" in await talk.refused("noor", line)
    assert await talk.done("noor", "suppressed") == "No firing alert is held back."


async def test_a_whole_service_is_named_by_an_option_or_by_its_name_alone(talk: Talk) -> None:
    for line in (
        "silence --service feature-store for 1h because x --yes",
        "silence Feature-Store for 1h because x --yes",
        "maintenance --for 1h --because x feature-store --yes",
    ):
        assert "service feature-store" in await talk.done("omar", line)


@pytest.mark.parametrize(
    ("text", "about", "clauses"),
    [
        ('a="x" for 2h because y', 'a="x"', {"for": "2h", "because": "y"}),
        ('a="down for now" until 14:05 because y', 'a="down for now"', {"until": "14:05", "because": "y"}),
        ("a=\u201cx\u201d for 2h because y", 'a="x"', {"for": "2h", "because": "y"}),
        (
            "a=x for 2h because it was down for 2h until now",
            "a=x",
            {"for": "2h", "because": "it was down for 2h until now"},
        ),
        ("a=x from tomorrow 9:00 for 2h", "a=x", {"from": "tomorrow 9:00", "for": "2h"}),
        ("for 2h", "", {"for": "2h"}),
        ("a=x", "a=x", {}),
    ],
)
def test_a_line_is_taken_apart_at_its_words(text: str, about: str, clauses: dict[str, str]) -> None:
    written = read_words(text)
    assert written == Written(about, clauses)
    assert read_words(written.line()) == written
