"""What an answer must have, by its question; what is wanted is said where it is wanted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from bot.domain.postmortem_answers import Hearing, Understood, understand
from bot.domain.postmortem_fault import Misfit
from bot.domain.postmortem_times import corrected, proposed, settled, shown, written
from bot.domain.postmortem_work import written as written_action
from tests.builders import DAY, HOUR, MINUTE, NOW, a_person, an_ended_incident, an_organisation
from tests.domain.postmortems import SCRIPT, an_answer, prompt

INCIDENT = an_ended_incident(
    opened_at=NOW - HOUR, acknowledged_at=NOW - 50 * MINUTE, mitigated_at=NOW - 20 * MINUTE, resolved_at=NOW - MINUTE
)
"""Opened at 02:00 in Dubai, over at 02:59."""

OMAR = a_person("omar")
ACTION = "prevent: Limit the pool; owner lina; due in 2 weeks; P2; done when the load test passes"
FIELDS = {
    "kind": "prevent",
    "what": "Limit the pool",
    "owner": "@lina",
    "due": "tomorrow 09:00",
    "priority": "p2",
    "test": "the load test passes",
}


def hearing(**changes: Any) -> Hearing:
    given: dict[str, Any] = {
        "incident": INCIDENT,
        "org": an_organisation(),
        "person": OMAR,
        "now": NOW,
        "times": proposed(INCIDENT, None),
    }
    return Hearing(**{**given, **changes})


def heard(question: str, text: str = "", **fields: str) -> Understood:
    return understand(prompt(question), {**({"text": text} if text else {}), **fields}, hearing())


def wanted(question: str, text: str = "", **fields: str) -> tuple[str, str, Mapping[str, Any]]:
    """Where in the form something is wanted, and what."""
    with pytest.raises(Misfit) as met:
        heard(question, text, **fields)
    return met.value.field, met.value.key, met.value.fields


@pytest.mark.parametrize("question", ["view", "surprise", "pressure", "worked", "difficulty", "closing", "review"])
def test_words_are_kept_as_they_are_and_none_are_no_answer(question: str) -> None:
    assert heard(question, "  كان كل شيء بطيئاً\n\nand then 🔥  ").text == "كان كل شيء بطيئاً\n\nand then 🔥"
    assert wanted(question, " \n ")[:2] == ("text", "postmortem.empty")


@pytest.mark.parametrize(
    ("text", "kept", "part"),
    [
        ("lina", "lina", {"person": "p-lina"}),
        ("@Noor", "noor", {"person": "p-noor"}),
        ("external Jane Doe", "external Jane Doe", {"name": "Jane Doe"}),
    ],
)
def test_a_facilitator_is_somebody_who_took_no_part(text: str, kept: str, part: Mapping[str, str]) -> None:
    assert heard("facilitator", text) == Understood(kept, (part,))


def test_who_took_part_does_not_examine_themselves() -> None:
    took_part = hearing(responders=("p-omar",))
    with pytest.raises(Misfit, match="took_part"):
        understand(prompt("facilitator"), {"text": "me"}, took_part)


def test_who_was_only_called_may_facilitate() -> None:
    called = hearing(incident=an_ended_incident(participants=("p-amira", "p-lina")), responders=("p-amira",))
    assert understand(prompt("facilitator"), {"text": "lina"}, called).text == "lina"


@pytest.mark.parametrize(("text", "like"), [("lena", "lina"), ("external", None), ("somebody else", None)])
def test_a_facilitator_whom_nobody_knows_is_asked_for_again(text: str, like: str | None) -> None:
    _, key, fields = wanted("facilitator", text)
    assert (key, fields["like"]) == ("postmortem.facilitator", like)


def test_the_timeline_is_taken_as_it_is_or_told_line_by_line() -> None:
    assert heard("timeline", "OK.").parts == ()
    told = heard("timeline", "23:50 Release 42 https://ci.example/42\n\n00:10 timeouts, unverified")
    assert [part["link"] for part in told.parts] == ["https://ci.example/42", None]
    # 02:00 in Dubai is when it opened: ten to midnight was the evening before.
    assert [str(part["at"])[:16] for part in told.parts] == ["2026-01-06T19:50", "2026-01-06T20:10"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Release 42, unverified", "timeline_time"),
        ("25:70 Release 42, unverified", "timeline_time"),
        ("23:50 Release 42", "timeline_evidence"),
        ("00:10 timeouts, unverified\n23:50 release, unverified", "timeline_order"),
    ],
)
def test_a_line_of_the_timeline_has_its_time_its_evidence_and_its_place(text: str, key: str) -> None:
    assert wanted("timeline", text)[1] == f"postmortem.{key}"


def test_a_summary_has_sixty_words_at_most() -> None:
    assert heard("summary", "word " * 60).parts == ({"words": 60},)
    assert wanted("summary", "word " * 61)[2] == {"count": 61, "limit": 60}


def test_an_impact_is_a_number_with_what_it_counts() -> None:
    assert heard("impact", "1200 customers, 3.5% of requests, 40min").parts == (
        {"written": "1200 customers", "amount": "1200", "unit": "customers", "kind": "count"},
        {"written": "3.5%", "amount": "3.5", "unit": "%", "kind": "count"},
        {"written": "40min", "amount": "40", "unit": "min", "kind": "count"},
    )
    [arabic] = heard("impact", "١٢٠٠ عميل").parts
    assert arabic == {"written": "١٢٠٠ عميل", "amount": "1200", "unit": "عميل", "kind": "count"}
    assert wanted("impact", "many customers")[:2] == ("text", "postmortem.impact")
    assert wanted("impact", "5k") == ("text", "postmortem.impact", {"number": "5,000"})


def test_money_is_kept_as_written_and_told_as_understood() -> None:
    told = heard("impact", "About €5k, and د.إ 500 of refunds for 20m")
    assert told.text == "About €5k, and د.إ 500 of refunds for 20m"
    assert told.said == "5,000 EUR; 500 AED; 20 minutes"
    assert told.parts[0] == {"written": "€5k", "amount": "5000", "unit": "EUR", "kind": "money"}


def test_an_unknown_impact_names_who_finds_out() -> None:
    assert heard("impact", "unknown, @lina finds out") == Understood(
        "unknown, @lina finds out", ({"finder": "p-lina"},)
    )
    assert heard("impact", "unknown", finder="me") == Understood("unknown; omar finds out", ({"finder": "p-omar"},))
    assert wanted("impact", "unknown")[:2] == ("text", "postmortem.impact_finder")
    assert wanted("impact", "unknown", finder="somebody")[:2] == ("finder", "postmortem.impact_finder")


def test_times_are_proposed_and_taken_as_they_are() -> None:
    early = proposed(INCIDENT, NOW - 2 * HOUR)
    assert early["began"] == NOW - 2 * HOUR
    assert early["detected"] == INCIDENT.opened_at
    assert proposed(INCIDENT, NOW)["began"] == INCIDENT.opened_at
    told = heard("times", "ok")
    assert corrected(told.parts[0]) == proposed(INCIDENT, None)
    assert told.text.startswith("began 2026-01-06 22:00, detected 2026-01-06 22:00, acknowledged 2026-01-06 22:10")


@pytest.mark.parametrize(
    ("text", "name", "at"),
    [
        ("began 01:50", "began", NOW - 70 * MINUTE),
        ("Began: 21:50 UTC, detected 02:05", "detected", NOW - 55 * MINUTE),
        ("began 2026-01-06 01:50", "began", NOW - DAY - 70 * MINUTE),
        ("began 20:00", "began", NOW - 7 * HOUR),
        ("began 23:30", "began", NOW - 3 * HOUR - 30 * MINUTE),
    ],
)
def test_a_time_is_corrected_by_its_name_on_the_clock_of_who_writes(text: str, name: str, at: datetime) -> None:
    assert corrected(heard("times", text).parts[0])[name] == at


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("at two or so", "times"),
        ("began early", "time"),
        ("began", "time"),
        ("began 2026-13-45 01:50", "time"),
        ("resolved 2026-01-07 04:30", "future"),
        ("resolved 04:30", "order"),
        ("mitigated 01:30", "order"),
    ],
)
def test_a_time_that_can_not_be_is_asked_again_with_what_was_found(text: str, key: str) -> None:
    assert wanted("times", text)[:2] == ("text", f"postmortem.{key}")


def test_a_form_keeps_what_nobody_touched_and_says_which_time_is_wrong() -> None:
    times = {**proposed(INCIDENT, None), "mitigated": None}
    fields = {name: shown(at, "Asia/Dubai") for name, at in times.items()}
    kept = understand(prompt("times"), {**fields, "resolved": "02:58"}, hearing(times=times)).parts[0]
    assert corrected(kept) == {**times, "resolved": NOW - 2 * MINUTE}
    assert "mitigated" not in written(kept)
    assert wanted("times", detected="01:00")[:2] == ("detected", "postmortem.order")
    assert wanted("times", detected="early")[:2] == ("detected", "postmortem.time")
    assert wanted("times", resolved="2026-01-08 00:00")[:2] == ("resolved", "postmortem.future")


def test_times_count_as_given_only_when_somebody_gave_them() -> None:
    part = heard("times", "began 01:50").parts[0]
    assert settled(SCRIPT, ()) is None
    assert settled(SCRIPT, [an_answer("times", parts=(part,))]) == corrected(part)


def test_a_missing_beginning_is_looked_for_near_now() -> None:
    nothing = dict.fromkeys(proposed(INCIDENT, None))
    [part] = understand(prompt("times"), {"text": "began 02:50"}, hearing(times=nothing)).parts
    assert corrected(part)["began"] == NOW - 10 * MINUTE


@pytest.mark.parametrize("text", ["customer: a queue alert", "Customer – a queue alert", "customer a queue alert"])
def test_how_it_was_noticed_begins_with_its_source(text: str) -> None:
    assert heard("detection", text) == Understood(
        "customer: a queue alert", ({"source": "customer", "text": "a queue alert"},)
    )
    assert heard("detection", "alert").text == "alert"
    assert heard("detection", "a queue alert", source="customer").text == "customer: a queue alert"


def test_another_source_is_told_which_there_are() -> None:
    field, key, fields = wanted("detection", "custmer: it was slow")
    assert (field, key, fields["like"]) == ("text", "postmortem.detection", "customer")
    assert wanted("detection", "it was slow", source="telepathy")[0] == "source"
    assert wanted("detection", "")[0] == "text"


def test_conditions_are_two_or_more_each_with_its_kind() -> None:
    told = heard("conditions", "- technical: no limit\n\nprocess: no review; Organizational: one on call\nexternal: ")
    assert told.text == "technical: no limit\nprocess: no review\norganisational: one on call"
    assert wanted("conditions", "technical: no limit\nprocess:")[1] == "postmortem.conditions"
    assert wanted("conditions", "tecnical: no limit")[2]["like"] == "technical"
    assert wanted("conditions", "it was slow")[2]["like"] is None


def test_similar_ones_are_named_linked_or_none() -> None:
    assert heard("similar", "inc-12 and https://wiki.example/x").parts == (
        {"to": "INC-12"},
        {"to": "https://wiki.example/x"},
    )
    assert heard("similar", "INC-7 Smoke, postmortem: https://tocsin.example/incidents/INC-7; inc-7 again").parts == (
        {"to": "INC-7"},
        {"to": "https://tocsin.example/incidents/INC-7;"},
    )
    assert heard("similar", "None.").parts == ()
    assert wanted("similar", "the one last week")[1] == "postmortem.similar"


def test_similar_ones_that_were_found_are_taken_as_they_are() -> None:
    found = hearing(alike="INC-7 Smoke (2026-01-02, the same alert)")
    told = understand(prompt("similar"), {"text": "ok"}, found)
    assert (told.text, told.parts) == ("INC-7 Smoke (2026-01-02, the same alert)", ({"to": "INC-7"},))
    assert heard("similar", "ok") == Understood("none")


def test_what_is_not_done_has_its_reason() -> None:
    assert heard("declined", "none").parts == ()
    assert heard("declined", "No second region because it costs too much").parts == ()
    assert heard("declined", "No second region", reason="cost").text == "No second region, because cost"
    assert wanted("declined", "No second region")[:2] == ("text", "postmortem.declined")


def test_an_action_has_all_that_makes_it_one() -> None:
    [part] = heard("actions", ACTION).parts
    assert (part["kind"], part["text"], part["owner"]) == ("prevent", "Limit the pool", "p-lina")
    assert (part["priority"], part["test"]) == ("P2", "the load test passes")
    assert part["due_at"] == (NOW + 14 * DAY).isoformat()
    assert heard("actions", **FIELDS).text == (
        "prevent: Limit the pool; owner lina; due 2026-01-08; P2; done when the load test passes"
    )
    assert "owner p-gone" in written_action({**part, "owner": "p-gone"}, an_organisation())


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("kind", "", "action_kind"),
        ("kind", "prevnt", "action_kind"),
        ("what", "", "action_verb"),
        ("what", "Better monitoring", "action_verb"),
        ("what", "Monitoring of the pool", "action_verb"),
        ("what", "3 more replicas", "action_verb"),
        ("owner", "", "action_owner"),
        ("due", "", "action_due"),
        ("due", "soon", "action_due"),
        ("due", "2020-01-01", "action_due"),
        ("priority", "", "action_priority"),
        ("priority", "P9", "action_priority"),
        ("test", "", "action_test"),
    ],
)
def test_what_an_action_lacks_is_told_at_its_field(name: str, value: str, key: str) -> None:
    assert wanted("actions", **{**FIELDS, name: value})[:2] == (name, f"postmortem.{key}")


def test_an_action_for_nobody_names_who_may_be_meant() -> None:
    field, key, fields = wanted("actions", **{**FIELDS, "owner": "lena"})
    assert (field, key, fields["like"]) == ("owner", "person.unknown", "lina")


@pytest.mark.parametrize(
    "line",
    [
        "Limit the pool; owner lina; due in 2 weeks; P2; done when it passes",
        "prevent: Limit the pool",
        ACTION.replace("P2; ", "nonsense; "),
    ],
)
def test_what_a_written_action_lacks_is_told(line: str) -> None:
    assert wanted("actions", line)[0] == "text"


@pytest.mark.parametrize("verb", ["Document", "Bring back", "Implement", "Raise", "علّق"])
def test_verbs_are_verbs_whatever_they_end_with(verb: str) -> None:
    assert heard("actions", **{**FIELDS, "what": f"{verb} the limit"}).parts[0]["text"] == f"{verb} the limit"


def test_times_are_meant_in_the_organisations_zone_for_who_has_none() -> None:
    assert hearing(person=a_person("bo", timezone="")).zone == "Asia/Dubai"
