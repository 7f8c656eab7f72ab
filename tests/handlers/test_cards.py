"""An incident as a card: what it shows, what it offers, and that nothing written by others disfigures it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.access import Role, Visibility
from bot.domain.alert import Alert, AlertState
from bot.domain.cards import Card, Tone, Weight
from bot.domain.incident import AlertTally, Escalation, EscalationState, Incident, Kind, Status
from bot.domain.message import Message
from bot.domain.opening import page_reason
from bot.domain.organisation import Service
from bot.domain.severity import Severity
from bot.wording.speech import Speech
from handlers.cards import (
    LONGEST_BODY,
    LONGEST_FALLBACK,
    LONGEST_TITLE,
    LONGEST_VALUE,
    incident_card,
    page_card,
    say_card,
)
from tests.builders import (
    NOW,
    a_called_incident,
    a_followup,
    an_answered_incident,
    an_ended_incident,
    an_incident,
    an_organisation,
)

ORG = an_organisation(
    services=(Service("inference-gateway", policy="ml-oncall", runbook="https://runbooks.example/gateway"),)
)
SPEECH = Speech(ORG)
LED = ((Role.COMMANDER, "p-lina"),)


def drawn(incident: Incident, *alerts: Alert) -> Card:
    return incident_card(incident, ORG, SPEECH, alerts=alerts)


def fields(card: Card) -> dict[str, str]:
    return {field.label: field.value for field in card.fields}


def commands(card: Card) -> list[str]:
    return [button.command for button in card.actions]


def an_alert(title: str, state: AlertState = AlertState.FIRING) -> Alert:
    return Alert(f"a-{title}", "prom", title, state, Severity.SEV2, title, {}, NOW, NOW)


def test_a_card_tells_how_an_incident_stands() -> None:
    card = drawn(a_called_incident(roles=LED))

    assert card.title == "SEV2 · INC-42 · Gateway answers slowly"
    assert fields(card) == {
        "Status": "triage",
        "Severity": "SEV2",
        "Service": "inference-gateway of ml-platform",
        "Commander": "lina",
        "Acknowledged by": "nobody yet; the next people are called Wed 7 Jan 2026, 03:05 UTC+4",
        "Alerts": "2 firing of 2",
        "Opened": "Wed 7 Jan 2026, 03:00 UTC+4",
        "Next update due": "Wed 7 Jan 2026, 04:00 UTC+4",
        "Runbook": "https://runbooks.example/gateway",
    }
    assert card.fallback == "SEV2 · INC-42 · Gateway answers slowly – triage, led by lina, 2 firing of 2"


def test_the_same_incident_makes_the_same_card() -> None:
    assert drawn(a_called_incident()) == drawn(a_called_incident())


@pytest.mark.parametrize(
    ("incident", "offered"),
    [
        (a_called_incident(), ["ack", "lead", "update", "sev", "resolve"]),
        (a_called_incident(roles=LED), ["ack", "update", "sev", "mitigate", "resolve"]),
        (an_answered_incident(), ["lead", "update", "sev", "mitigate", "resolve"]),
        (an_answered_incident(roles=LED), ["update", "sev", "mitigate", "resolve"]),
        (an_answered_incident(status=Status.MITIGATED, roles=LED), ["update", "sev", "resolve"]),
        (an_ended_incident(), ["close", "reopen", "postmortem"]),
        (an_ended_incident(Status.CLOSED), ["reopen"]),
        (an_ended_incident(Status.CANCELLED), ["reopen"]),
    ],
)
def test_a_card_offers_what_can_be_done_next(incident: Incident, offered: list[str]) -> None:
    card = drawn(incident)

    assert commands(card) == [f"{verb} INC-42" for verb in offered]
    assert {button.version for button in card.actions} == {7}


def test_what_ends_an_incident_is_asked_twice() -> None:
    confirms = {button.command: button.confirm for button in drawn(an_answered_incident()).actions if button.confirm}

    assert confirms == {"resolve INC-42": "Resolve INC-42? Its reminders and calls end."}


def test_the_first_thing_to_do_stands_out() -> None:
    weights = {button.command: button.weight for button in drawn(a_called_incident()).actions}

    assert weights["ack INC-42"] is Weight.PRIMARY
    assert weights["resolve INC-42"] is Weight.DANGER
    assert weights["sev INC-42"] is Weight.PLAIN


@pytest.mark.parametrize(
    ("incident", "tone"),
    [
        (a_called_incident(), Tone.ALARM),
        (an_incident(escalation=Escalation(EscalationState.EXHAUSTED)), Tone.ALARM),
        (an_answered_incident(), Tone.WORKING),
        (an_ended_incident(), Tone.CALM),
        (an_ended_incident(Status.CLOSED), Tone.NEUTRAL),
        (an_ended_incident(Status.CANCELLED), Tone.NEUTRAL),
    ],
)
def test_a_card_has_the_mood_of_its_incident(incident: Incident, tone: Tone) -> None:
    assert drawn(incident).tone is tone


@pytest.mark.parametrize(
    ("incident", "answer"),
    [
        (an_answered_incident(), "amira"),
        (an_answered_incident(acknowledged_by=None), "somebody"),
        (an_answered_incident(acknowledged_by="p-gone"), "someone who has left"),
        (an_incident(), "nobody yet"),
        (an_incident(escalation=Escalation(EscalationState.EXHAUSTED)), "nobody; everyone was called"),
        (an_ended_incident(acknowledged_by=None, acknowledged_at=None), None),
    ],
)
def test_a_card_says_who_has_it(incident: Incident, answer: str | None) -> None:
    assert fields(drawn(incident)).get("Acknowledged by") == answer


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"kind": Kind.DRILL}, "DRILL · SEV2 · INC-42 · Gateway answers slowly"),
        ({"kind": Kind.TEST}, "TEST · SEV2 · INC-42 · Gateway answers slowly"),
        ({"visibility": Visibility.PRIVATE}, "PRIVATE · SEV2 · INC-42 · Gateway answers slowly"),
        (
            {"kind": Kind.BACKFILLED, "visibility": Visibility.PRIVATE},
            "BACKFILLED · PRIVATE · SEV2 · INC-42 · Gateway answers slowly",
        ),
    ],
)
def test_what_is_not_real_or_not_for_everyone_is_marked(changes: dict[str, object], title: str) -> None:
    assert drawn(replace(an_incident(), **changes)).title == title  # type: ignore[arg-type]


def test_the_alerts_that_fire_are_listed_once_each_and_the_rest_counted() -> None:
    alerts = [an_alert(f"GPU {number} lost") for number in range(5)]
    card = drawn(an_incident(alerts=AlertTally(30, 12)), *alerts, an_alert("over", AlertState.RESOLVED))

    assert card.body.splitlines() == [*(f"• GPU {number} lost" for number in range(5)), "… and 7 more"]
    assert drawn(an_incident(alerts=AlertTally(3, 3)), *[an_alert("GPU lost")] * 3).body == "• GPU lost"
    assert drawn(an_incident()).body == ""


def test_a_card_counts_the_followups_that_are_left() -> None:
    followups = [a_followup(), a_followup(id="f-2", done_at=NOW)]
    card = incident_card(an_ended_incident(), ORG, SPEECH, followups=followups)

    assert fields(card)["Follow-ups"] == "one open of 2"
    assert fields(card)["Resolved"] == "Wed 7 Jan 2026, 03:00 UTC+4"


def test_a_call_says_why_and_how_to_answer() -> None:
    incident = a_called_incident()
    card = page_card(page_reason(incident), incident, SPEECH)

    assert card.body == "You are called to INC-42 (SEV2, inference-gateway): Gateway answers slowly"
    assert card.tone is Tone.ALARM
    assert commands(card) == ["ack INC-42", "status INC-42"]
    assert card.fallback.endswith("answer with “ack INC-42”.")


def test_a_late_call_does_not_offer_to_take_what_somebody_has() -> None:
    incident = an_answered_incident()

    assert commands(page_card(page_reason(incident), incident, SPEECH)) == ["status INC-42"]


def test_something_said_in_the_room_carries_the_buttons_it_names() -> None:
    message = Message("timeline.all_quiet", {"by": "tocsin:alerts", "resolves_at": None})
    card = say_card(message, ("resolve",), an_answered_incident(), SPEECH)

    assert commands(card) == ["resolve INC-42"]
    assert card.body == "No alert of this incident fires any more. Is it over? Then resolve it."


HOSTILE = st.text(max_size=40) | st.sampled_from(
    ["\u202ereversed", "a\n\n\n# heading", "<!channel>", "{title}", "[x|y]", "x" * 5000, "\0\ud800", "👩‍🚀" * 500]
)


@given(HOSTILE, HOSTILE, st.booleans())
def test_long_and_hostile_text_stays_within_its_bounds(title: str, alert: str, is_private: bool) -> None:
    visibility = Visibility.PRIVATE if is_private else Visibility.OPEN
    incident = a_called_incident(title=title, service=alert, visibility=visibility)
    message = Message("timeline.note", {"by": "person:p-omar", "text": alert})
    cards = (
        drawn(incident, *(an_alert(f"{number} {alert}") for number in range(9))),
        page_card(page_reason(incident), incident, SPEECH),
        say_card(message, ("ack",), incident, SPEECH),
    )
    for card in cards:
        assert len(card.title) <= LONGEST_TITLE
        assert "\n" not in card.title + card.fallback
        assert len(card.fallback) <= LONGEST_FALLBACK
        assert len(card.body) <= LONGEST_BODY
        assert len(card.fields) <= 10
        assert len(card.actions) <= 5
        assert all(len(field.value) <= LONGEST_VALUE for field in card.fields)
        shown = card.title + card.body + "".join(field.value for field in card.fields)
        assert not {"\u202e", "\0"} & set(shown)
        shown.encode()  # half a surrogate pair could not be sent
