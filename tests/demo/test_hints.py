"""Hints follow what has really happened."""

from typing import Any

from bot.demo.hints import hints

CALLED_MIRA = {"person": "mira", "sent_at": "2026-03-01T09:00:00Z"}
CALLED_YOU = {"person": "robin", "sent_at": "2026-03-01T09:00:02Z"}
FIRING, RESOLVED = {"state": "firing"}, {"state": "resolved"}


def keys(**changes: Any) -> list[str]:
    incident = {
        "ref": "INC-1",
        "status": "triage",
        "acknowledged_at": None,
        "pages": [CALLED_MIRA, CALLED_YOU],
        "alerts": [FIRING],
        "postmortem": None,
    }
    return [hint.key.removeprefix("demo.hint.") for hint in hints(incident | changes)]


def test_nothing_is_proposed_before_the_newcomer_is_called() -> None:
    assert keys(pages=[CALLED_MIRA]) == []
    assert keys(pages=[CALLED_MIRA, CALLED_YOU | {"sent_at": None}]) == []


def test_who_is_called_is_told_how_to_answer_and_who_did_not() -> None:
    [hint] = hints({"status": "triage", "acknowledged_at": None, "pages": [CALLED_MIRA, CALLED_YOU]})

    assert (hint.key, hint.fields) == ("demo.hint.ack", {"name": "mira"})


def test_who_has_it_is_told_what_can_be_written() -> None:
    assert keys(status="investigating", acknowledged_at="2026-03-01T09:00:09Z") == ["run"]


def test_when_all_alerts_are_over_resolving_is_proposed() -> None:
    assert keys(status="investigating", acknowledged_at="2026-03-01T09:00:09Z", alerts=[RESOLVED]) == ["run", "resolve"]


def test_an_incident_that_nobody_took_is_still_to_be_acknowledged_when_all_alerts_are_over() -> None:
    assert keys(alerts=[RESOLVED]) == ["ack"]


def test_after_the_end_the_conversation_is_proposed_where_there_is_one() -> None:
    assert keys(status="resolved", postmortem={"state": "draft", "answers": []}) == ["interview"]
    assert keys(status="resolved") == ["after"]


def test_who_has_answered_a_question_is_told_where_the_answers_can_be_had() -> None:
    answered = {"state": "collecting", "answers": [{"question": "summary", "text": "It ran out of memory."}]}

    assert keys(status="resolved", postmortem=answered) == ["interview", "export"]
