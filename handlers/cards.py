"""An incident as a neutral card, which every chat draws within its own limits."""

from collections.abc import Sequence
from typing import Final

from bot.domain.access import Visibility
from bot.domain.alert import Alert
from bot.domain.cards import Button, Card, Field, Tone, Weight
from bot.domain.context import Context, context_of
from bot.domain.followup import Followup
from bot.domain.incident import EscalationState, Incident, Kind, Status
from bot.domain.message import Message
from bot.domain.organisation import Organisation
from bot.domain.text import clean, clip
from bot.wording.speech import Speech
from handlers.storm_account import StormAccount

LONGEST_TITLE: Final = 140
LONGEST_VALUE: Final = 300
LONGEST_BODY: Final = 1500
_LONGEST_CONTEXT: Final = 500
LONGEST_FALLBACK: Final = 300
MOST_FIELDS: Final = 10
MOST_BUTTONS: Final = 5
_MOST_ALERTS: Final = 5


def incident_card(
    incident: Incident,
    org: Organisation,
    speech: Speech,
    *,
    alerts: Sequence[Alert] = (),
    followups: Sequence[Followup] = (),
    storm: StormAccount | None = None,
) -> Card:
    """Return the card of an incident as it is: what it is, how it stands, and the next things one may do.

    It depends on nothing but what is given, so that a card which did not change is not drawn again.
    """
    title = title_of(incident, speech)
    tally = _tally(incident, speech)
    fallback = speech.words(
        "card.fallback", title=title, status=incident.status.value, person=incident.commander, alerts=tally
    )
    return Card(
        title=title,
        fallback=_line(fallback, LONGEST_FALLBACK),
        tone=_tone(incident),
        fields=_fields(incident, org, speech, tally, followups, storm=storm)[:MOST_FIELDS],
        body=_body(incident, org, alerts, speech) if storm is None else clip("\n".join(storm.values), LONGEST_BODY),
        actions=_buttons(incident, speech),
    )


def page_card(reason: Message, incident: Incident, speech: Speech) -> Card:
    """Return what a person who is called sees: why, and the button that says they have it."""
    text = speech.say(reason)
    actions = ("ack", "status") if _wants_ack(incident) else ("status",)
    return Card(
        title=title_of(incident, speech),
        fallback=_line(speech.words("card.page_fallback", text=text, ref=incident.ref), LONGEST_FALLBACK),
        tone=Tone.ALARM,
        body=clip(clean(text), LONGEST_BODY),
        actions=_named(actions, incident, speech),
    )


def say_card(message: Message, actions: Sequence[str], incident: Incident, speech: Speech) -> Card:
    """Return something said in the incident's room with the buttons it names, such as `resolve`."""
    text = speech.say(message)
    return Card(
        title=title_of(incident, speech),
        fallback=_line(speech.words("card.say_fallback", ref=incident.ref, text=text), LONGEST_FALLBACK),
        tone=_tone(incident),
        body=clip(clean(text), LONGEST_BODY),
        actions=_named(actions, incident, speech),
    )


def title_of(incident: Incident, speech: Speech) -> str:
    """Return `SEV1 · INC-42 · title` on one line, marked when it is not real or not for everyone."""
    marks = [] if incident.kind is Kind.REAL else [speech.words(f"card.mark.{incident.kind.value}")]
    if incident.visibility is Visibility.PRIVATE:
        marks.append(speech.words("card.mark.private"))
    head = {"severity": incident.severity.name, "ref": incident.ref}
    if marks:
        said = speech.words("card.title_marked", marks=" · ".join(marks), title=incident.title, **head)
    else:
        said = speech.words("card.title", title=incident.title, **head)
    return _line(said, LONGEST_TITLE)


def button(action: str, incident: Incident, speech: Speech, *, weight: Weight = Weight.PLAIN) -> Button:
    """Return the button of a command on this incident: its command is the line that one could type."""
    confirm = speech.words(f"confirm.{action}", ref=incident.ref) if action in {"resolve", "close"} else None
    return Button(
        label=speech.words(f"button.{action}"),
        command=f"{action} {incident.ref}",
        weight=weight,
        confirm=confirm,
        version=incident.version,
    )


def _tone(incident: Incident) -> Tone:
    match incident.status:
        case Status.RESOLVED:
            return Tone.CALM
        case Status.CLOSED | Status.CANCELLED:
            return Tone.NEUTRAL
        case _:
            return Tone.ALARM if _wants_ack(incident) else Tone.WORKING


def _wants_ack(incident: Incident) -> bool:
    is_taken = incident.escalation.state is EscalationState.ACKNOWLEDGED or incident.acknowledged_at is not None
    return incident.is_open and not is_taken


def _buttons(incident: Incident, speech: Speech) -> tuple[Button, ...]:
    if incident.status is Status.RESOLVED:
        return _named(("close", "reopen", "postmortem"), incident, speech)
    if not incident.is_open:
        return _named(("reopen",), incident, speech)
    actions = ["ack"] if _wants_ack(incident) else []
    if incident.commander is None:
        actions.append("lead")
    actions += ["update", "sev"]
    if len(actions) < MOST_BUTTONS - 1 and incident.status is not Status.MITIGATED:
        actions.append("mitigate")
    return _named((*actions, "resolve"), incident, speech)


def _named(actions: Sequence[str], incident: Incident, speech: Speech) -> tuple[Button, ...]:
    first = {"ack", "lead", "close"} & set(actions[:1])
    return tuple(
        button(action, incident, speech, weight=Weight.PRIMARY if action in first else _weight(action))
        for action in actions[:MOST_BUTTONS]
    )


def _weight(action: str) -> Weight:
    return Weight.DANGER if action == "resolve" else Weight.PLAIN


def _fields(
    incident: Incident,
    org: Organisation,
    speech: Speech,
    tally: str,
    followups: Sequence[Followup],
    *,
    storm: StormAccount | None,
) -> tuple[Field, ...]:
    context = context_of(incident, org)
    commander = speech.name(incident.commander) if incident.commander else speech.words("card.nobody_yet")
    rows: list[tuple[str, str]] = [
        ("status", speech.word(incident.status.value)),
        ("severity", incident.severity.name),
        ("service", _service(incident, context, speech)),
        ("commander", commander if incident.commander or incident.is_open else ""),
        ("acknowledged", _acknowledged(incident, speech)),
        ("alerts", tally),
        ("storm", storm.extent if storm is not None else ""),
        ("opened", speech.at(incident.opened_at)),
        _ahead(incident, speech),
        ("runbook", context.runbook or ""),
        ("followups", _followups(followups, speech)),
    ]
    return tuple(Field(speech.words(f"card.{name}"), _line(value, LONGEST_VALUE)) for name, value in rows if value)


def _service(incident: Incident, context: Context, speech: Speech) -> str:
    if incident.service is None or context.team is None:
        return incident.service or ""
    return speech.words("card.service_of", service=incident.service, team=context.team)


def _acknowledged(incident: Incident, speech: Speech) -> str:
    if incident.acknowledged_by is not None:
        return speech.name(incident.acknowledged_by)
    if incident.acknowledged_at is not None:
        return speech.words("card.somebody")
    if not incident.is_open:
        return ""
    escalation = incident.escalation
    if escalation.state is EscalationState.RUNNING and escalation.due_at is not None:
        return speech.words("card.nobody_calling", due_at=escalation.due_at.isoformat())
    key = "card.nobody_exhausted" if escalation.state is EscalationState.EXHAUSTED else "card.nobody_yet"
    return speech.words(key)


def _ahead(incident: Incident, speech: Speech) -> tuple[str, str]:
    if incident.is_open:
        return "next_update", speech.at(incident.update_due_at) if incident.update_due_at else ""
    if incident.resolved_at is not None:
        return "resolved", speech.at(incident.resolved_at)
    return "ended", speech.at(incident.closed_at) if incident.closed_at else ""


def _tally(incident: Incident, speech: Speech) -> str:
    if not incident.alerts.total:
        return ""
    return speech.words("card.tally", firing=incident.alerts.firing, count=incident.alerts.total)


def _followups(followups: Sequence[Followup], speech: Speech) -> str:
    if not followups:
        return ""
    left = sum(followup.is_open for followup in followups)
    return speech.words("card.open_followups", count=left, total=len(followups))


def _body(incident: Incident, org: Organisation, alerts: Sequence[Alert], speech: Speech) -> str:
    live = [alert for alert in alerts if alert.is_live]
    titles = list(dict.fromkeys(_line(alert.title, LONGEST_VALUE) for alert in live))[:_MOST_ALERTS]
    lines = [speech.words("card.alert_line", title=title) for title in titles]
    # The same title may stand for many alerts; only those that nobody handed in are told as more.
    more = max(incident.alerts.firing, len(live)) - sum(_line(alert.title, LONGEST_VALUE) in titles for alert in live)
    if lines and more > 0:
        lines.append(speech.words("card.alert_more", count=more))
    around = _around(incident, org, speech)
    if flaps := sum(alert.flaps for alert in alerts):
        around.append(speech.words("card.flaps", count=flaps))
    about = clip("\n".join(around), _LONGEST_CONTEXT)
    fired = clip("\n".join(lines), LONGEST_BODY - len(about) - 1)
    return "\n".join(part for part in (fired, about) if part)


def _around(incident: Incident, org: Organisation, speech: Speech) -> list[str]:
    """Return what is told of the services around the incident, a line each."""
    context = context_of(incident, org)
    lines = []
    if context.dashboards:
        lines.append(speech.words("card.dashboards", links=" ".join(context.dashboards)))
    if context.depends_on:
        lines.append(speech.words("card.depends_on", services=", ".join(context.depends_on)))
    if incident.dependants:
        named = (f"{one.service} ({one.ref})" if one.ref else one.service for one in incident.dependants)
        lines.append(speech.words("card.dependants", services=", ".join(dict.fromkeys(named))))
    return lines


def _line(text: str, limit: int) -> str:
    """Return text on one line, within a limit, without what could disguise it."""
    return clip(" ".join(clean(text).split()), limit)
