"""What the rules decide can be said: every event, effect and reply fills its sentence."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config.script import own_script
from bot.domain import actions
from bot.domain.access import Role
from bot.domain.alert_rules import RepeatLimit
from bot.domain.decision import Decision
from bot.domain.effects import Announce, Page, Say, Tell
from bot.domain.incident import AlertTally, Escalation, Incident, Status
from bot.domain.message import Message
from bot.domain.opening import declare, open_by_alerts
from bot.domain.organisation import IncidentRules, ResolveMode, Target, TargetKind
from bot.domain.postmortem import Postmortem
from bot.domain.postmortem_deciding import (
    Outcome,
    answer,
    back,
    begin,
    finish,
    hand_over,
    move_on,
    pause,
    skip,
    take_up,
    waive,
)
from bot.domain.severity import Severity
from bot.domain.timeline import EventKind
from bot.wording.catalogue import SENTENCES
from bot.wording.sentence import Plural, template
from bot.wording.speech import Speech
from tests.builders import (
    MINUTE,
    NOW,
    OMAR,
    PROM,
    TIMER,
    a_called_incident,
    a_draft,
    a_followup,
    an_answered_incident,
    an_ended_incident,
    an_incident,
    an_organisation,
    decided,
)
from tests.domain.postmortems import a_given, a_sitting, all_answered, an_action, an_answer, begun, prompt

SELDOM = an_organisation(rules=IncidentRules(repeat=RepeatLimit(1, timedelta(hours=1))))
AUTO = an_organisation(rules=IncidentRules(resolve=ResolveMode.AUTO))
FIRED = actions.AlertsChanged(fired=2, worst=Severity.SEV1, titles=("GPU lost", "GPU hot"))
LED = an_answered_incident(roles=((Role.COMMANDER, "p-amira"),))
LINA = Target(TargetKind.PERSON, "p-lina")


def decisions() -> Iterator[Decision]:
    """One decision or more of every kind."""
    fresh = an_incident(version=0, opened_by="p-amira", update_due_at=None)
    yield declare(a_draft(fresh), rings=True)
    yield declare(
        a_draft(replace(fresh, service=None, escalation=Escalation()), org=an_organisation(routes=(), policies=())),
        rings=True,
    )
    yield open_by_alerts(a_draft(replace(fresh, opened_by=None), PROM), FIRED)
    yield from (decided(incident, action) for incident, action in _by_people())
    yield from (decided(incident, action, PROM) for incident, action in _by_alerts())
    silent = an_answered_incident(alerts=AlertTally(2, 1))
    yield decided(silent, actions.AlertsChanged(resolved=1), PROM, org=AUTO)
    yield decided(an_ended_incident(rings=(NOW,)), replace(FIRED, worst=Severity.SEV3), PROM, org=SELDOM)
    quiet = replace(an_answered_incident(alerts=AlertTally(2, 0)), quiet_at=NOW, quiet_due_at=NOW)
    yield decided(quiet, actions.QuietDue(), TIMER, org=AUTO)
    late = NOW + timedelta(days=30)
    yield decided(LED, actions.UpdateDue(), TIMER, late)
    yield decided(an_answered_incident(commander_due_at=NOW), actions.CommanderDue(), TIMER, late)
    yield decided(an_ended_incident(), actions.FollowupDue(a_followup()), TIMER, late)
    yield decided(replace(LED, update_due_at=None), actions.Sweep(), TIMER)
    calling = a_called_incident()
    for _ in range(8):
        late += timedelta(hours=1)
        decision = decided(calling, actions.EscalationDue(), TIMER, late)
        yield decision
        calling = decision.incident
    yield decided(a_called_incident(), actions.PageLost("p-amira", "slack", 1, 1, "the account is gone"), TIMER)


def outcomes() -> Iterator[Outcome]:
    """What is decided about a postmortem, one of every kind."""
    yield begun()
    yield begin(Postmortem("pm-1", "i-42", "", NOW), an_ended_incident(), own_script(), TIMER)
    yield take_up(a_sitting())
    yield answer(a_sitting(), a_given("facilitator"))
    yield answer(a_sitting(current="actions"), a_given("actions"))
    yield answer(a_sitting(an_answer("summary")), a_given("summary", seen=1))
    yield skip(a_sitting(), prompt("facilitator"), "nobody is left", "a-1")
    yield move_on(a_sitting(an_answer("facilitator")))
    yield move_on(a_sitting(an_action(), current="actions"))
    yield back(a_sitting(current="timeline"))
    yield pause(a_sitting())
    yield hand_over(a_sitting(), "p-lina")
    yield finish(a_sitting(*all_answered(), current=None))
    yield waive(a_sitting(), "a known fault")


def _by_people() -> Iterator[tuple[Incident, actions.Action]]:
    yield an_incident(), actions.Acknowledge()
    yield an_answered_incident(), actions.Acknowledge()
    yield an_answered_incident(), actions.SetSeverity(Severity.SEV1)
    yield an_answered_incident(), actions.SetSeverity(Severity.SEV4, "few notice")
    yield an_answered_incident(), actions.Assign(Role.SCRIBE, "p-lina")
    yield an_incident(), actions.AddNote("saw it")
    yield an_incident(), actions.RecordChange("Release 41", None, NOW)
    yield an_incident(), actions.RecordChange("Release 42", "https://ci.example/42", NOW)
    yield an_ended_incident(), actions.Join("p-lina")
    yield an_ended_incident(), actions.Join("p-amira")
    yield an_incident(), actions.PagePeople((LINA,))
    yield an_incident(), actions.PagePeople((LINA,), "the cache is yours")
    yield an_incident(), actions.GiveUpdate("failing over", 30 * MINUTE)
    yield an_answered_incident(), actions.Mitigate()
    yield an_answered_incident(), actions.Resolve("rolled back")
    yield an_ended_incident(), actions.Reopen("it is back")
    yield an_answered_incident(), actions.Cancel("a test")
    yield an_ended_incident(), actions.Close()
    yield an_ended_incident(Status.CLOSED), actions.AddFollowup(a_followup())
    yield an_ended_incident(), actions.FinishFollowup(a_followup())
    yield an_ended_incident(), actions.FinishFollowup(a_followup(done_at=NOW))


def _by_alerts() -> Iterator[tuple[Incident, actions.Action]]:
    yield an_answered_incident(), FIRED
    yield an_answered_incident(alerts=AlertTally(2, 0)), FIRED
    yield an_ended_incident(), FIRED
    yield an_answered_incident(), actions.AlertsChanged(resolved=2)
    yield an_answered_incident(), actions.AlertsChanged(resolved=1)
    yield an_answered_incident(), actions.AlertsChanged(expired=2)
    way = ("inference-gateway", "cache", "feature-store")
    joined = actions.Joined("inference-gateway", way, "ml-oncall", "ml-platform", ("Slow",))
    yield an_answered_incident(service="feature-store"), replace(FIRED, joined=(joined,))
    yield an_answered_incident(), replace(FIRED, joined=(replace(joined, way=way[1:], titles=()),))
    yield an_answered_incident(), actions.AlertsChanged(flapping=("Slow",), turns=6)
    yield an_answered_incident(), actions.AlertsChanged(flapping=("Slow", "Hot"), turns=6)
    yield an_answered_incident(), actions.AlertsChanged(steady=("Slow",))
    yield an_answered_incident(), actions.AlertsChanged(resolved=1, steady=("Slow", "Hot"))
    yield an_answered_incident(), actions.DependencyBroke("feature-store", "INC-43")
    yield an_answered_incident(), actions.StormGrew(FIRED, beside=("INC-7 Down",), begins=True)
    yield an_answered_incident(), actions.AlertsChanged(left=("INC-7 Down",))
    yield an_answered_incident(), actions.AlertsChanged(left=("INC-7 Down", "INC-8 Slow"))
    yield an_answered_incident(), actions.StormPassed(3, ("Slow",))


ALL: list[Decision | Outcome] = [*decisions(), *outcomes()]


def messages() -> Iterator[Message]:
    """Everything that the decisions want said, to whomever."""
    for decision in ALL:
        yield decision.reply
        for effect in decision.effects:
            match effect:
                case Say():
                    yield from (effect.message, *effect.also)
                case Announce() | Tell():
                    yield effect.message
                case Page():
                    yield effect.reason
                case _:
                    pass
        for event in decision.events:
            yield Message(f"timeline.{event.kind.value}", {"by": str(event.actor), **event.fields})


MESSAGES = list({str(message): message for message in messages()}.values())


def test_every_kind_of_event_was_decided() -> None:
    assert {event.kind for decision in ALL for event in decision.events} == set(EventKind)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.key)
def test_what_is_decided_fills_its_sentence(message: Message) -> None:
    sentence = SENTENCES[message.key]
    text = sentence.other if isinstance(sentence, Plural) else sentence
    missing = {name for name in template(text).required if message.fields.get(name) in {None, ""}}

    assert missing == set()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.key)
def test_what_is_decided_reads_as_a_sentence(message: Message) -> None:
    said = Speech(an_organisation()).say(message)

    assert not any(
        flaw in said for flaw in ("None", "p-", "{", "}", "[", "  ", "..", "T23:00", "someone who has left")
    ), said
    assert said[0].isupper() or said[0].isalnum()


def test_a_room_reads_its_incident_as_a_story() -> None:
    decision = decided(an_incident(), actions.Acknowledge(), OMAR)

    assert [Speech(an_organisation()).event(event) for event in decision.events] == [
        "omar has it: nobody else is called."
    ]
