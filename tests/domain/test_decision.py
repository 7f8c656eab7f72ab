"""How a decision is put together."""

import pytest

from bot.domain.access import Visibility
from bot.domain.effects import Announce, CloseRoom, DrawCard, Invite, Say, Tell
from bot.domain.incident import Kind, Status
from bot.domain.message import Message
from bot.domain.timeline import EventKind
from tests.builders import MINUTE, NOW, a_draft, an_ended_incident, an_incident, of_type


def test_a_fact_is_written_and_said_with_what_every_sentence_may_need() -> None:
    draft = a_draft()
    draft.happened(EventKind.NOTE, {"text": "cache is cold"}, occurred_at=NOW - MINUTE, loud=True, actions=("ack",))
    decision = draft.decide("noted", more=1)
    [event] = decision.events
    assert (event.kind, event.actor, event.occurred_at) == (EventKind.NOTE, draft.actor, NOW - MINUTE)
    assert event.fields == {"text": "cache is cold"}
    [say] = of_type(decision.effects, Say)
    about = {"ref": "INC-42", "title": "Gateway answers slowly", "by": "person:p-amira", "text": "cache is cold"}
    assert say == Say(Message("timeline.note", about), loud=True, actions=("ack",))
    assert decision.reply == Message("reply.noted", {"ref": "INC-42", "more": 1})


def test_a_fact_may_be_written_without_a_word() -> None:
    draft = a_draft()
    draft.happened(EventKind.SWEPT, tell=False)
    assert of_type(draft.decide("swept").effects, Say) == []
    assert draft.decide("swept").events[0].occurred_at == NOW


def test_what_is_said_without_buttons_is_one_message_as_loud_as_the_loudest_of_it() -> None:
    draft = a_draft()
    draft.happened(EventKind.SWEPT)
    draft.happened(EventKind.ALL_QUIET, actions=("resolve",))
    draft.effects.append(Tell("p-omar", Message("tell.role")))
    draft.happened(EventKind.NOTE, {"text": "cache is cold"}, loud=True)
    draft.happened(EventKind.NOTE, {"text": "so is the gateway"})
    first, quiet, tell, _ = draft.decide("noted").effects
    assert isinstance(first, Say)
    assert isinstance(quiet, Say)
    assert isinstance(tell, Tell)
    assert (first.message.key, first.loud, first.actions) == ("timeline.swept", True, ())
    assert [message.fields["text"] for message in first.also] == ["cache is cold", "so is the gateway"]
    assert (quiet.message.key, quiet.actions, quiet.also) == ("timeline.all_quiet", ("resolve",), ())


def test_the_card_is_drawn_once_and_last() -> None:
    draft = a_draft()
    draft.happened(EventKind.SWEPT)
    assert [type(effect) for effect in draft.decide("swept").effects] == [Say, DrawCard]
    draft.effects.insert(0, DrawCard())
    assert [type(effect) for effect in draft.decide("swept").effects] == [DrawCard, Say]


def test_the_card_is_drawn_before_its_room_closes() -> None:
    draft = a_draft()
    draft.happened(EventKind.SWEPT)
    draft.effects.append(CloseRoom())
    assert [type(effect) for effect in draft.decide("closed").effects] == [Say, DrawCard, CloseRoom]


def test_what_shows_on_no_card_draws_none() -> None:
    draft = a_draft()
    draft.redraws = False
    assert draft.decide("noted").effects == ()


@pytest.mark.parametrize("status", [Status.CLOSED, Status.CANCELLED])
def test_into_a_closed_room_nothing_is_said_but_people_still_hear_of_it(status: Status) -> None:
    draft = a_draft(an_ended_incident(status))
    draft.happened(EventKind.NOTE, {"text": "afterwards"})
    draft.effects.extend((Tell("p-omar", Message("tell.role")), Invite(("p-omar",))))
    decision = draft.decide("noted")
    assert [type(effect) for effect in decision.effects] == [Tell]
    assert len(decision.events) == 1


@pytest.mark.parametrize(
    ("visibility", "kind", "heard"),
    [
        (visibility, kind, visibility is Visibility.OPEN and kind is Kind.REAL)
        for visibility in Visibility
        for kind in Kind
    ],
)
def test_only_what_is_open_and_real_is_announced(visibility: Visibility, kind: Kind, heard: bool) -> None:
    draft = a_draft(an_incident(visibility=visibility, kind=kind))
    draft.announce(EventKind.UPDATE, {"text": "still slow"})
    announced = of_type(draft.decide("updated").effects, Announce)
    assert [one.message.key for one in announced] == (["announce.update"] if heard else [])
