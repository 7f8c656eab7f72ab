"""What is said, and how it is said to whom."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.message import Message
from bot.domain.phrases import Misread
from bot.domain.refusal import Refusal
from bot.domain.timeline import Actor, Event, EventKind
from bot.wording.speech import Speech
from tests.builders import NOW, a_person, an_organisation

ORG = an_organisation()
ROOM = Speech(ORG)


def of(kind: EventKind, **fields: str | int | None) -> str:
    return ROOM.event(Event(kind, Actor(person="p-omar"), NOW, fields))


@pytest.mark.parametrize(
    ("timezone", "said"),
    [
        ("Asia/Dubai", "Wed 7 Jan 2026, 03:00 UTC+4"),
        ("Europe/Berlin", "Wed 7 Jan 2026, 00:00 CET"),
        ("Asia/Kathmandu", "Wed 7 Jan 2026, 04:45 UTC+5:45"),
        ("America/New_York", "Tue 6 Jan 2026, 18:00 EST"),
        ("UTC", "Tue 6 Jan 2026, 23:00 UTC"),
    ],
)
def test_an_instant_is_told_on_the_readers_clock(timezone: str, said: str) -> None:
    reader = a_person("omar", timezone=timezone)

    assert Speech(ORG, reader).at(NOW) == said


def test_the_zones_name_follows_the_season() -> None:
    reader = a_person("omar", timezone="Europe/Berlin")

    assert Speech(ORG, reader).at(datetime(2026, 7, 7, 12, tzinfo=UTC)) == "Tue 7 Jul 2026, 14:00 CEST"


@pytest.mark.parametrize("timezone", ["", "Mars/Olympus", "../etc", "Asia"])
def test_a_zone_that_does_not_exist_gives_way_to_the_organisations(timezone: str) -> None:
    assert Speech(ORG, a_person("omar", timezone=timezone)).at(NOW) == ROOM.at(NOW) == "Wed 7 Jan 2026, 03:00 UTC+4"


def test_a_room_hears_the_organisations_clock_and_each_reader_their_own() -> None:
    message = Message("remind.followup", {"ref": "INC-1", "title": "t", "text": "x", "due_at": NOW.isoformat()})
    reader = a_person("omar", timezone="Europe/Berlin")

    assert "03:00 UTC+4" in ROOM.say(message)
    assert "00:00 CET" in Speech(ORG, reader).say(message)


def test_people_are_named_and_those_who_left_are_called_so() -> None:
    assert ROOM.name("p-amira") == "amira"
    assert ROOM.name("p-gone") == "someone who has left"
    assert of(EventKind.PAGED, people="p-amira,p-gone,p-lina", step=2) == (
        "Called: amira, someone who has left, lina (step 2)."
    )


def test_a_step_of_a_later_round_is_named_as_people_count() -> None:
    assert of(EventKind.PAGED, people="p-amira", step=1, round=2) == "Called: amira (step 1), round 2."
    assert of(EventKind.PAGED, people="p-amira", step=0, person="p-lina") == "Called by lina: amira."
    assert of(EventKind.NOBODY_TO_PAGE, step=1, round=2, policy="ml-oncall") == (
        "Nobody could be called at step 1 of the policy ml-oncall in round 2: there is nobody in it now."
    )


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        (Actor(person="p-omar"), "omar closed it."),
        (Actor(part="escalation"), "Tocsin closed it."),
        (Actor(part="source:prom"), "Tocsin (prom) closed it."),
        (Actor(part="source:{ref}"), "Tocsin ({ref}) closed it."),
    ],
)
def test_who_did_something_is_named(actor: Actor, said: str) -> None:
    event = Event(EventKind.STATUS_CHANGED, actor, NOW, {"before": "resolved", "status": "closed", "summary": ""})

    assert ROOM.event(event) == said


def test_a_reason_that_was_not_given_leaves_no_hole() -> None:
    change = {"before": "SEV3", "severity": "SEV2"}

    assert of(EventKind.SEVERITY_CHANGED, **change, reason="") == "omar changed the severity from SEV3 to SEV2."
    assert of(EventKind.SEVERITY_CHANGED, **change, reason=None) == "omar changed the severity from SEV3 to SEV2."
    assert of(EventKind.SEVERITY_CHANGED, **change, reason="worse") == (
        "omar changed the severity from SEV3 to SEV2: worse."
    )


def test_who_takes_a_role_themselves_is_not_named_twice() -> None:
    assert of(EventKind.ROLE_ASSIGNED, role="scribe", person="p-omar") == "omar is scribe now."
    assert of(EventKind.ROLE_ASSIGNED, role="scribe", person="p-lina") == "lina is scribe now (by omar)."


def test_a_status_has_a_sentence_of_its_own_where_it_deserves_one() -> None:
    move = {"before": "triage", "summary": ""}

    assert of(EventKind.STATUS_CHANGED, **move, status="resolved") == "omar resolved it."
    assert of(EventKind.STATUS_CHANGED, **move, status="triage") == "omar moved it from triage to triage."


def test_one_is_told_from_many() -> None:
    assert of(EventKind.ALERTS_RESOLVED, count=1, firing=0) == "An alert is over."
    assert of(EventKind.ALERTS_RESOLVED, count=3, firing=2) == "3 alerts are over; still firing: 2."


def test_refusals_and_misread_times_are_told_in_words() -> None:
    assert ROOM.refuse(Refusal("severity.unknown", given="9")) == (
        "“9” is no severity. Use 1 to 5: SEV1 is the worst, SEV5 the mildest."
    )
    assert ROOM.misread(Misread("phrase.past", "yesterday")) == ("“yesterday” has passed already. Give a time to come.")


@given(st.text())
def test_what_people_write_is_never_read_as_a_sentence(text: str) -> None:
    assert of(EventKind.NOTE, text=f"x{text}") == f"omar noted: x{text}"


@pytest.mark.parametrize("text", ["{by}", "{0}", "{by.__class__}", "[: {text}]", "%s", "{{", "}", "[", "|"])
def test_marks_of_the_catalogues_own_language_mean_nothing_in_what_people_write(text: str) -> None:
    assert of(EventKind.NOTE, text=text) == f"omar noted: {text}"


@pytest.mark.parametrize("instant", ["soon", "2026-13-01", "2026-01-06T23:00:00", "{due_at}"])
def test_an_instant_that_cannot_be_read_is_shown_as_it_is(instant: str) -> None:
    assert f"due {instant}." in of(EventKind.UPDATE_OVERDUE, due_at=instant).replace(" How", "How")


def test_what_the_catalogue_lacks_is_shown_by_its_key_and_breaks_nothing() -> None:
    assert ROOM.say(Message("timeline.of_tomorrow", {"by": "person:p-omar"})) == "timeline.of_tomorrow"


def test_an_old_event_that_lacks_a_field_still_makes_a_sentence() -> None:
    assert of(EventKind.ROLE_ASSIGNED) == "– is – now (by omar)."


def test_distances_and_durations_are_told() -> None:
    assert ROOM.relative(NOW + timedelta(minutes=20), NOW) == "in 20 minutes"
    assert ROOM.relative(NOW - timedelta(days=3), NOW) == "3 days ago"
    assert ROOM.duration(timedelta(minutes=90)) == "1h 30m"


GERMAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgctxt "timeline.acknowledged"
msgid "{by} [answered too; {person} has it|has it: nobody else is called]."
msgstr "{by} [hat auch geantwortet; {person} kümmert sich|kümmert sich: niemand sonst wird gerufen]."

msgctxt "timeline.alerts_joined"
msgid "An alert fires[: {titles}]."
msgid_plural "{count} alerts fire[: {titles}]."
msgstr[0] "Ein Alarm schlägt an[: {titles}]."
msgstr[1] "{count} Alarme schlagen an[: {titles}]."

msgctxt "timeline.swept"
msgid "Tocsin found nothing ahead of this incident and set its next step."
msgstr "Ein Fehler {"

msgctxt "word.scribe"
msgid "scribe"
msgstr "Protokollant"
"""


@pytest.fixture
def german(tmp_path: Path) -> Speech:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(GERMAN, encoding="utf-8")
    return Speech(ORG, a_person("omar", language="de-AT"), locales=tmp_path)


def test_a_reader_is_spoken_to_in_their_language(german: Speech) -> None:
    def said(kind: EventKind, **fields: str | int | None) -> str:
        return german.event(Event(kind, Actor(person="p-omar"), NOW, fields))

    assert said(EventKind.ACKNOWLEDGED) == "omar kümmert sich: niemand sonst wird gerufen."
    assert said(EventKind.ALERTS_JOINED, count=1, titles="") == "Ein Alarm schlägt an."
    assert said(EventKind.ALERTS_JOINED, count=2, titles="a; b") == "2 Alarme schlagen an: a; b."
    assert "Protokollant" in said(EventKind.ROLE_ASSIGNED, role="scribe", person="p-lina")
    assert german.at(NOW) == "Mi. 7 Jän. 2026, 03:00 UTC+4"


def test_what_is_not_translated_or_not_readable_is_said_in_english(german: Speech) -> None:
    assert german.word("triage") == "triage"
    assert german.event(Event(EventKind.SWEPT, Actor(part="sweeper"), NOW)).startswith("Tocsin found nothing")


@pytest.mark.parametrize("language", ["", "xx", "../../etc", "de/../..", "x" * 500, "\0"])
def test_an_unknown_language_is_english(language: str) -> None:
    speech = Speech(ORG, a_person("omar", language=language))

    assert speech.word("triage") == "triage"
    assert speech.at(NOW) == "Wed 7 Jan 2026, 03:00 UTC+4"


@pytest.mark.parametrize(
    "message",
    [
        Message("notice.silence_ended", {"ref": "S-1", "person": "p-omar", "what": "x", "hidden": 1, "held": 1}),
        Message("announce.escalation_exhausted", {"ref": "INC-1", "title": "Slow", "steps": 1}),
        Message("timeline.escalation_exhausted", {"steps": 1}),
    ],
    ids=lambda message: message.key,
)
def test_one_is_not_told_of_as_of_many(message: Message) -> None:
    assert not re.search(r"\b1 (alerts|steps|of them still fire)\b", ROOM.say(message))
