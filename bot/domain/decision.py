"""A decision: the new incident and everything that follows from it, stored together or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.access import Visibility
from bot.domain.effects import Announce, CloseRoom, DrawCard, Effect, Invite, OpenRoom, Say, SetTopic, TellEnds
from bot.domain.followup import Followup
from bot.domain.incident import Incident, Kind
from bot.domain.message import Message
from bot.domain.organisation import IncidentRules, Organisation
from bot.domain.refusal import Value
from bot.domain.timeline import Actor, Event, EventKind


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. `incident` is the one decided upon when nothing changed; then all else is empty.

    `reply` is what the person who asked is told. `acknowledges_pages`: a person has answered, and with that every
    call or, after somebody else had, those of one person (id): `acknowledges_only`. `spares_pages`: it is over, and nobody who was not called yet need be.
    """

    incident: Incident
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    followups: tuple[Followup, ...] = ()
    reply: Message = field(default_factory=lambda: Message("reply.done"))
    acknowledges_pages: bool = False
    acknowledges_only: str | None = None
    spares_pages: bool = False


@dataclass(slots=True)
class Draft:
    """A decision in the making: an incident, who acts, when, and in which organisation."""

    incident: Incident
    actor: Actor
    now: datetime
    org: Organisation
    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    followups: list[Followup] = field(default_factory=list)
    redraws: bool = True
    acknowledges_pages: bool = False
    acknowledges_only: str | None = None
    spares_pages: bool = False
    before: Incident = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.incident

    @property
    def rules(self) -> IncidentRules:
        """The rules that hold for the incident: those of its alerts' rule."""
        return self.org.rules_of(self.incident.rule)

    def change(self, **fields: object) -> None:
        """Replace fields of the incident."""
        self.incident = replace(self.incident, **fields)  # type: ignore[arg-type]

    def happened(
        self,
        kind: EventKind,
        fields: Mapping[str, Value] | None = None,
        *,
        occurred_at: datetime | None = None,
        tell: bool = True,
        loud: bool = False,
        actions: tuple[str, ...] = (),
    ) -> None:
        """Write a fact into the timeline and, unless `tell` is false, say it in the room."""
        self.events.append(Event(kind, self.actor, occurred_at or self.now, fields or {}))
        if tell:
            self.effects.append(Say(self._message(kind, fields or {}), loud=loud, actions=actions))

    def announce(self, kind: EventKind, fields: Mapping[str, Value]) -> None:
        """Say a fact where everyone hears it, unless the incident is private or not real."""
        if self.incident.visibility is Visibility.OPEN and self.incident.kind is Kind.REAL:
            self.effects.append(Announce(self._message(kind, fields, prefix="announce")))

    def _message(self, kind: EventKind, fields: Mapping[str, Value], prefix: str = "timeline") -> Message:
        about: dict[str, Value] = {"ref": self.incident.ref, "title": self.incident.title, "by": str(self.actor)}
        return Message(f"{prefix}.{kind.value}", {**about, **fields})

    def decide(self, reply: str, **fields: Value) -> Decision:
        """Close the draft. The card is redrawn once, after all else that was said and before the room closes.

        People are brought into a new room at once and all together, before anything is said in it. What is said without
        buttons is one message. Into a room that was closed before and stays so, nothing is said: chats refuse it.
        """
        effects = _in_one_message(_people_first(self.effects))
        if self.incident.severity is not self.before.severity:
            effects.append(SetTopic())
        if self.redraws and not any(isinstance(effect, DrawCard) for effect in effects):
            closing = (place for place, effect in enumerate(effects) if isinstance(effect, CloseRoom))
            effects.insert(next(closing, len(effects)), DrawCard(gently=self.incident.only_counts(self.before)))
        if not self.before.has_room and not self.incident.has_room:
            effects = [
                effect for effect in effects if not isinstance(effect, Say | TellEnds | DrawCard | Invite | SetTopic)
            ]
        return Decision(
            incident=self.incident,
            events=tuple(self.events),
            effects=tuple(effects),
            followups=tuple(self.followups),
            reply=Message(f"reply.{reply}", {"ref": self.incident.ref, **fields}),
            acknowledges_pages=self.acknowledges_pages,
            acknowledges_only=self.acknowledges_only,
            spares_pages=self.spares_pages,
        )


def _people_first(effects: Sequence[Effect]) -> list[Effect]:
    """Return effects with one invitation of all people directly behind the opening of a room, where there is one."""
    if OpenRoom() not in effects:
        return list(effects)
    people = dict.fromkeys(person for effect in effects if isinstance(effect, Invite) for person in effect.people)
    rest: list[Effect] = [effect for effect in effects if not isinstance(effect, Invite)]
    if people:
        rest.insert(rest.index(OpenRoom()) + 1, Invite(tuple(people)))
    return rest


def _in_one_message(effects: Sequence[Effect]) -> list[Effect]:
    """Return effects in which all that is said without buttons is said in one message, where the first of it was."""
    plain = [effect for effect in effects if isinstance(effect, Say) and not effect.actions]
    if len(plain) < 2:
        return list(effects)
    first, *others = plain
    is_loud = any(say.loud for say in plain)
    whole = replace(first, loud=is_loud, also=tuple(say.message for say in others))
    rest = [effect for effect in effects if not any(effect is other for other in others)]
    return [whole if effect is first else effect for effect in rest]
