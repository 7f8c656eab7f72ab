"""The conversation: opened, answered, skipped, gone back in, handed over, finished, waived."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.effects import AskQuestion, Say
from bot.domain.incident import Status
from bot.domain.postmortem import State
from bot.domain.postmortem_deciding import (
    Outcome,
    Sitting,
    answer,
    back,
    finish,
    hand_over,
    move_on,
    pause,
    skip,
    take_up,
    waive,
)
from bot.domain.timeline import Actor, EventKind
from tests.builders import AMIRA, NOW, an_answered_incident, an_ended_incident, of_type
from tests.domain.postmortems import (
    SCRIPT,
    a_given,
    a_sitting,
    all_answered,
    an_action,
    an_answer,
    begun,
    carried_on,
    prompt,
)
from tests.domain.refused import refusal_of

CLOSED = an_ended_incident(Status.CLOSED)
DECISIONS: list[Callable[[Sitting], Outcome]] = [take_up, move_on, back, pause, finish]


def asked(outcome: Outcome) -> list[str | None]:
    return [effect.question for effect in of_type(outcome.effects, AskQuestion)]


def test_opening_tells_the_room_and_asks_the_first_question() -> None:
    outcome = begun()
    assert [type(effect) for effect in outcome.effects] == [Say, AskQuestion]
    assert asked(outcome) == ["facilitator"]
    assert [event.kind for event in outcome.events] == [EventKind.POSTMORTEM_OPENED]
    assert (outcome.postmortem.state, outcome.postmortem.script) == (State.DRAFT, SCRIPT.digest)


def test_an_incident_that_goes_on_is_not_looked_back_on() -> None:
    assert refusal_of(begun, an_answered_incident()).key == "postmortem.early"


def test_into_a_closed_room_nothing_is_said_and_the_owner_is_asked_alone() -> None:
    assert begun(CLOSED).effects == (AskQuestion("facilitator", "p-omar"),)
    assert take_up(a_sitting(incident=CLOSED, owner=None)).effects == ()
    assert finish(a_sitting(*all_answered(), incident=CLOSED, current=None)).effects == ()


def test_an_answer_is_kept_and_the_next_question_asked() -> None:
    outcome = answer(a_sitting(), a_given("facilitator", "lina"))
    [kept] = outcome.answers
    assert (kept.question, kept.number, kept.person, kept.text, kept.at) == ("facilitator", 1, "p-omar", "lina", NOW)
    assert (outcome.postmortem.state, outcome.postmortem.current) == (State.COLLECTING, "timeline")
    assert asked(outcome) == ["timeline"]
    assert outcome.reply.fields["done"] == 1


def test_whoever_answers_first_leads_where_nobody_does() -> None:
    assert answer(a_sitting(owner=None, actor=AMIRA), a_given("facilitator")).postmortem.owner == "p-amira"


def test_the_last_answer_leaves_nothing_to_ask_but_the_end() -> None:
    outcome = answer(a_sitting(*all_answered()[:-1], current="review"), a_given("review"))
    assert (outcome.postmortem.current, asked(outcome)) == (None, [None])


def test_an_anonymous_answer_has_no_author_and_neither_has_its_skip() -> None:
    assert answer(a_sitting(current="closing"), a_given("closing")).answers[0].person is None
    assert skip(a_sitting(current="closing"), prompt("closing"), "no time", "a-new").answers[0].person is None


def test_an_edit_is_another_version_and_asks_nothing() -> None:
    sitting = a_sitting(an_answer("summary"), current="impact")
    outcome = answer(sitting, a_given("summary", seen=1))
    assert outcome.answers[0].number == 2
    assert (outcome.postmortem.current, asked(outcome)) == ("impact", [])
    assert outcome.reply.key == "reply.postmortem_edited"


def test_a_question_can_be_answered_before_its_turn() -> None:
    outcome = answer(a_sitting(), a_given("impact"))
    assert (outcome.postmortem.current, asked(outcome)) == ("facilitator", [])


@pytest.mark.parametrize("known", [None, 0, 2])
def test_who_has_not_seen_what_stands_there_is_told(known: int | None) -> None:
    sitting = a_sitting(an_answer("summary", "it was slow"), current="impact")
    refusal = refusal_of(answer, sitting, a_given("summary", seen=known))
    assert (refusal.key, refusal.fields["text"], refusal.fields["person"]) == (
        "postmortem.changed",
        "it was slow",
        "p-omar",
    )


def test_a_form_that_saw_more_than_there_is_names_nobody() -> None:
    assert refusal_of(answer, a_sitting(), a_given("summary", seen=1)).fields["person"] is None


def test_actions_are_collected_one_by_one_until_enough() -> None:
    sitting = a_sitting(current="actions")
    first = answer(sitting, a_given("actions"))
    sitting = carried_on(sitting, first)
    second = answer(sitting, a_given("actions"))
    assert [first.answers[0].item, second.answers[0].item] == [1, 2]
    assert second.postmortem.current == "actions"
    assert asked(second) == ["actions"]
    assert asked(move_on(carried_on(sitting, second))) == ["declined"]


def test_one_action_of_several_is_changed() -> None:
    sitting = a_sitting(an_action(1), an_action(2), current="declined")
    [kept] = answer(sitting, a_given("actions", item=2, seen=2)).answers
    assert (kept.item, kept.number) == (2, 2)
    assert refusal_of(answer, sitting, a_given("actions", item=3, seen=2)).key == "postmortem.no_item"


def test_a_skipped_list_can_still_be_begun() -> None:
    skipped = an_answer("actions", "", skipped="none needed")
    [kept] = answer(a_sitting(skipped, current="actions"), a_given("actions")).answers
    assert (kept.item, kept.number) == (1, 2)


def test_skipping_wants_a_reason_unless_the_question_is_optional() -> None:
    outcome = skip(a_sitting(), prompt("facilitator"), " nobody is left ", "a-new")
    assert outcome.answers[0].skipped == "nobody is left"
    assert asked(outcome) == ["timeline"]
    assert refusal_of(skip, a_sitting(), prompt("facilitator"), " ", "a-new").key == "postmortem.reason"
    assert skip(a_sitting(current="surprise"), prompt("surprise"), "", "a-new").answers[0].skipped == ""


def test_skipping_a_list_ends_it_and_what_is_answered_is_not_skipped() -> None:
    outcome = skip(a_sitting(current="actions"), prompt("actions"), "nothing to do", "a-new")
    assert (outcome.postmortem.current, outcome.reply.key) == ("declined", "reply.postmortem_skipped")
    answered = a_sitting(an_answer("facilitator"))
    assert refusal_of(skip, answered, prompt("facilitator"), "late", "a-new").key == "postmortem.skip_answered"
    again = a_sitting(an_answer("facilitator", "", skipped="first"))
    assert skip(again, prompt("facilitator"), "second", "a-new").answers[0].number == 2


def test_going_back_asks_the_question_before_and_ends_the_pause() -> None:
    outcome = back(a_sitting(an_answer("facilitator"), current="timeline", is_paused=True))
    assert (asked(outcome), outcome.postmortem.is_paused) == (["facilitator"], False)
    assert asked(back(a_sitting(*all_answered(), current=None))) == ["review"]
    assert refusal_of(back, a_sitting()).key == "postmortem.first"


def test_after_going_back_a_new_answer_or_the_old_one_leads_on_to_what_is_left() -> None:
    sitting = a_sitting(an_answer("facilitator"), an_answer("timeline"))
    assert asked(answer(sitting, a_given("facilitator"))) == ["summary"]
    assert asked(move_on(sitting)) == ["summary"]
    assert asked(move_on(a_sitting(*all_answered(), current="review"))) == [None]


def test_moving_on_wants_an_answer_there() -> None:
    assert refusal_of(move_on, a_sitting()).key == "postmortem.unanswered"
    assert refusal_of(move_on, a_sitting(*all_answered(), current=None)).key == "postmortem.all_asked"


def test_a_pause_says_nothing_in_the_room_and_taking_up_asks_again() -> None:
    paused = pause(a_sitting())
    assert (paused.postmortem.is_paused, paused.effects) == (True, ())
    taken = take_up(a_sitting(is_paused=True))
    assert (taken.postmortem.is_paused, asked(taken)) == (False, ["facilitator"])


def test_it_is_handed_over_to_another_one() -> None:
    outcome = hand_over(a_sitting(), "p-lina")
    assert (outcome.postmortem.owner, asked(outcome)) == ("p-lina", ["facilitator"])
    assert refusal_of(hand_over, a_sitting(), "p-omar").key == "postmortem.owner_already"
    assert hand_over(a_sitting(state=State.IN_REVIEW, current=None), "p-lina").effects == ()


def test_it_is_finished_when_nothing_is_left() -> None:
    outcome = finish(a_sitting(*all_answered(), state=State.COLLECTING, current=None))
    assert (outcome.postmortem.state, outcome.postmortem.finished_at) == (State.IN_REVIEW, NOW)
    assert [event.kind for event in outcome.events] == [EventKind.POSTMORTEM_FINISHED]
    left = refusal_of(finish, a_sitting(*all_answered()[2:]))
    assert (left.key, left.fields["numbers"]) == ("postmortem.unfinished", "1, 2")


def test_an_answer_can_be_changed_in_review_and_not_after_it() -> None:
    review: dict[str, Any] = {"state": State.IN_REVIEW, "current": None}
    assert answer(a_sitting(an_answer("summary"), **review), a_given("summary", seen=1)).effects == ()
    assert refusal_of(answer, a_sitting(state=State.APPROVED), a_given("summary")).key == "postmortem.state"


def test_it_is_waived_with_a_reason_by_somebody_who_is_named() -> None:
    outcome = waive(a_sitting(actor=AMIRA), " a known fault ")
    assert (outcome.postmortem.state, outcome.postmortem.waived_by) == (State.WAIVED, "p-amira")
    assert outcome.postmortem.waived_reason == "a known fault"
    assert [event.kind for event in outcome.events] == [EventKind.POSTMORTEM_WAIVED]
    assert refusal_of(waive, a_sitting(), " ").key == "postmortem.waive_reason"
    assert refusal_of(waive, a_sitting(state=State.PUBLISHED), "late").key == "postmortem.state"


@pytest.mark.parametrize("decide", DECISIONS)
@pytest.mark.parametrize("state", [State.WAIVED, State.IN_REVIEW, State.CLOSED])
def test_what_asks_no_more_is_left_as_it_is(decide: Callable[[Sitting], Outcome], state: State) -> None:
    assert refusal_of(decide, a_sitting(state=state, current=None)).key == "postmortem.state"


def test_a_part_of_tocsin_may_open_what_nobody_leads_yet() -> None:
    sitting = a_sitting(owner=None, actor=Actor(part="timer"))
    assert asked(take_up(sitting)) == ["facilitator"]
