"""What one batch of alert events means: pure bookkeeping over what is known, before anything is written."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from bot.domain.alert import Absorbed, Alert, AlertEvent, AlertState, LiveAlert, Reminder, absorb
from bot.domain.business_hours import HELD, BusinessHours
from bot.domain.flapping import FLAPPING, Swing, turned
from bot.domain.hush import Held, Hush
from bot.domain.routing import Destination
from bot.domain.severity import Severity
from bot.ids import new_id
from handlers.changes import Change
from handlers.destinations import Destinations


class Batch:
    """Events of one source, absorbed in order of receipt.

    `hush` is what may hold them back; `hidden` counts by its key what was. `by_incident` and `by_group` are
    what incidents must hear. An alert that ended in this batch can't begin again
    in it: `add` says False, the batch is written, and the event goes into the next one, so that each episode is an
    alert of its own.
    """

    def __init__(
        self, source: str, where: Destinations, live: dict[str, LiveAlert], swings: dict[str, Swing], hush: Hush
    ) -> None:
        self.source = source
        self._where = where
        self._live = live
        self._swings = swings
        self._hush = hush
        self._ended: set[str] = set()
        self._began: dict[str, Change] = {}
        self._fresh: dict[str, tuple[AlertEvent, LiveAlert, Destination | None]] = {}
        self.hidden: dict[str, int] = {}
        self._touched: dict[str, LiveAlert] = {}
        self._again: dict[str, tuple[int, datetime]] = {}
        self.swung: dict[str, Swing] = {}
        self.by_incident: dict[str, Change] = {}
        self.by_group: dict[str, Change] = {}
        self.meanings: dict[str, int] = {}

    def add(self, event: AlertEvent, received_at: datetime) -> bool:
        """Take one event in; False when this batch must be written first."""
        known = self._live.get(event.fingerprint)
        if known is None:
            return self._unknown(event, received_at)
        if self._says_what_is_known(event, known):
            self._repeats(event.fingerprint, received_at)
            return True
        known = self._settled(event.fingerprint, known)
        is_reminder = isinstance(event, Reminder)
        if not is_reminder and (known.reason == FLAPPING or not event.is_firing):
            before, swing = self._swings.get(event.fingerprint), self._swing(event, known, received_at)
            if before is not None and _had_ended(known, before, received_at):
                return self._was_over(event.fingerprint, known, before)
            if swing is not None and swing.is_flapping:
                known = self._held(event, known, swing, is_back=swing is not before and event.is_firing)
                if not event.is_firing:
                    return True
        severity = self._where.severity(event)
        worth = self._worth(severity, received_at)
        # What began in the daytime keeps its severity.
        if worth is not None and known.severity is worth:
            severity = worth
        after, meaning = absorb(known, is_firing=event.is_firing, severity=severity, received_at=received_at)
        if is_reminder:
            after = after._replace(reports=known.reports, last_at=known.last_at)
        self._count("reminded" if is_reminder else meaning.value)
        if meaning is Absorbed.RESOLVED:
            self._ends(event.fingerprint, known)
        else:
            after = self._live[event.fingerprint] = self._goes_on(event, known, after, meaning, worth)
        self._touched[event.fingerprint] = after
        return True

    def _goes_on(
        self, event: AlertEvent, known: LiveAlert, after: LiveAlert, meaning: Absorbed, worth: Severity | None
    ) -> LiveAlert:
        """Return a live alert after a report that it fires: what waits goes on waiting unless it gets bad enough."""
        if known.state is AlertState.SUPPRESSED and not (known.reason == HELD and worth is None):
            return self._suppressed_again(event, after, waits=worth is None)
        if known.state is AlertState.FIRING and (meaning is Absorbed.WORSENED or known.held_by is not None):
            return self._worse(event, after)
        return after

    def _unknown(self, event: AlertEvent, received_at: datetime) -> bool:
        if not event.is_firing or isinstance(event, Reminder):
            self._count("stray")
            return True
        if event.fingerprint in self._ended:
            return False
        severity = self._where.severity(event)
        worth = self._worth(severity, received_at)
        open_from = self._where.rules(event.labels).open_from
        opens = worth is not None and worth.is_at_least(open_from)
        held = self._hushed(event) if opens else None
        opens = opens and held is None
        state = AlertState.FIRING if opens else AlertState.SUPPRESSED
        reason = None if opens else f"milder than {open_from.name}"
        if held is not None:
            # Its severity is that of the source: what the hour makes of it is asked when it is let go.
            reason = self._hides(held).reason
        elif worth is None and severity.is_at_least(open_from):
            reason = HELD
        elif worth is not None and worth is not severity:
            reason, severity = f"{severity.name} outside business hours", worth
        held_by = held.by if held is not None else None
        live = LiveAlert(new_id(received_at), state, severity, None, received_at, reason=reason, held_by=held_by)
        self._live[event.fingerprint] = live
        swing = self._swing(event, None, received_at) if opens else None
        if swing is not None and swing.is_flapping:
            live = self._live[event.fingerprint] = live._replace(reason=FLAPPING)
        goes_to = self._where.of(event.labels) if held is not None else None
        self._fresh[event.fingerprint] = (event, live, self._fires(event, severity) if opens else goes_to)
        if swing is not None and swing.is_flapping:
            self._began[event.fingerprint].flaps(event.title, len(swing.times), is_back=True)
        self._count("opened" if opens else "suppressed")
        return True

    def touched(self) -> dict[str, LiveAlert]:
        """Return the live alerts that were reported, by fingerprint, with what was absorbed; `meanings` is right then."""
        for fingerprint in list(self._again):
            self._settled(fingerprint, self._live[fingerprint])
        return self._touched

    def _says_what_is_known(self, event: AlertEvent, known: LiveAlert) -> bool:
        return (
            event.is_firing
            and known.state is AlertState.FIRING
            and known.reason is None
            and known.held_by is None
            and self._where.severity(event) is known.severity
            and not isinstance(event, Reminder)
        )

    def _repeats(self, fingerprint: str, received_at: datetime) -> None:
        """Count a report that says what is known, as nearly all do: the alert is made anew once, for all of them."""
        count, last_at = self._again.get(fingerprint, (0, received_at))
        self._again[fingerprint] = (count + 1, max(last_at, received_at))

    def _settled(self, fingerprint: str, known: LiveAlert) -> LiveAlert:
        """Return a live alert with the repeated reports that were only counted so far."""
        count, last_at = self._again.pop(fingerprint, (0, known.last_at))
        if count:
            known = known.repeated(count, last_at)
            self._live[fingerprint] = self._touched[fingerprint] = known
            self._count(Absorbed.REPEATED.value, count)
        return known

    def began(self) -> list[tuple[str, Mapping[str, str]]]:
        """Return the ids and labels of the alerts that nobody knew."""
        return [(live.id, event.labels) for event, live, _ in self._fresh.values()]

    def _suppressed_again(self, event: AlertEvent, after: LiveAlert, *, waits: bool) -> LiveAlert:
        """Return an alert that opened nothing after one more report: it begins to fire, unless something holds it.

        `waits`: it is too mild for the hour; what nothing else holds any more waits then, if it did not fire before.
        """
        open_from = self._where.rules(event.labels).open_from
        if not after.severity.is_at_least(open_from):
            milder = f"milder than {open_from.name}"
            return after if after.held_by is None else after._replace(reason=milder, held_by=None)
        held = self._hushed(event)
        if held is not None:
            if after.held_by is None:
                self._hides(held)
            return after._replace(reason=held.reason, held_by=held.by)
        if waits and after.held_by is not None:
            return after._replace(reason=HELD, held_by=None)
        self._fires(event, after.severity)
        reason = HELD if after.reason == HELD else None
        return after._replace(state=AlertState.FIRING, reason=reason, held_by=None)

    def _worse(self, event: AlertEvent, after: LiveAlert) -> LiveAlert:
        """Return an alert that fires in its incident and has become worse, which may be held back from there."""
        held = self._hushed(event)
        if held is None:
            self._change_of(event.fingerprint, after).worsens(event.title, after.severity)
            return after._replace(held_by=None)
        if after.held_by is None:
            self._hides(held)
        return after._replace(held_by=held.by)

    def _hushed(self, event: AlertEvent) -> Held | None:
        if not self._hush.is_any:
            return None
        service = self._where.of(event.labels).service_name
        return self._hush.held(event.labels, service, self._where.severity(event))

    def _hides(self, held: Held) -> Held:
        self.hidden[held.by] = self.hidden.get(held.by, 0) + 1
        return held

    def _swing(self, event: AlertEvent, known: LiveAlert | None, received_at: datetime) -> Swing | None:
        """Note that an alert comes or goes; returns how it swings, None where nobody looks at that."""
        rules = self._where.rules(event.labels)
        if not rules.flap_turns or (known is not None and known.state is not AlertState.FIRING):
            return None
        before = self._swings.get(event.fingerprint)
        after = turned(
            before, is_firing=event.is_firing, at=received_at, limit=rules.flap_turns, within=rules.flap_window
        )
        if after is not None and after is not before:
            self._swings[event.fingerprint] = self.swung[event.fingerprint] = after
        return after

    def _held(self, event: AlertEvent, known: LiveAlert, swing: Swing, *, is_back: bool) -> LiveAlert:
        """Hold an alert that flaps: it counts as firing, whatever is reported, until it is steady."""
        if known.reason != FLAPPING:
            self._change_of(event.fingerprint, known).flaps(event.title, len(swing.times), is_back=False)
        held = known._replace(reason=FLAPPING, flaps=known.flaps + is_back)
        if not event.is_firing:
            held = held._replace(reports=held.reports + 1)
            self._count("held")
        self._live[event.fingerprint] = self._touched[event.fingerprint] = held
        return held

    def _was_over(self, fingerprint: str, known: LiveAlert, swing: Swing) -> bool:
        """End an alert that had been steady before this report, which is about another one."""
        self._touched[fingerprint] = known._replace(
            state=AlertState.RESOLVED, resolved_at=max(known.last_at, swing.times[-1]), reason=None
        )
        self.swung[fingerprint] = swing._replace(is_flapping=False)
        self._ends(fingerprint, known)
        return False

    def new_alerts(self, linked: Mapping[str, str]) -> list[Alert]:
        """Return the alerts that nobody knew, as they began; `linked` holds incidents by fingerprint."""
        return [
            Alert(
                id=live.id,
                source=self.source,
                fingerprint=fingerprint,
                state=live.state,
                severity=live.severity,
                title=event.title,
                labels=event.labels,
                first_at=live.last_at,
                last_at=live.last_at,
                service=goes_to.service_name if goes_to is not None else None,
                incident=linked.get(fingerprint),
                group_key=goes_to.group_key if goes_to is not None else None,
                summary=event.summary,
                url=event.url,
                reason=live.reason,
                held_by=live.held_by,
            )
            for fingerprint, (event, live, goes_to) in self._fresh.items()
        ]

    def _worth(self, severity: Severity, at: datetime) -> Severity | None:
        hours: BusinessHours | None = self._where.org.hours
        return severity if hours is None else hours.worth(severity, at)

    def release(self, alert: Alert, known: LiveAlert) -> None:
        """Let an alert that waited fire, as it was reported, unless something else holds it back now."""
        event = AlertEvent(
            alert.fingerprint, True, alert.labels, alert.title, known.severity.name, alert.summary, alert.url
        )
        held = self._hushed(event)
        if held is not None:
            after = known._replace(reason=self._hides(held).reason, held_by=held.by)
        else:
            after = known._replace(state=AlertState.FIRING)
            self._fires(event, known.severity)
        self._live[alert.fingerprint] = self._touched[alert.fingerprint] = after

    def labels_of(self, fingerprints: Iterable[str]) -> Iterator[Mapping[str, str]]:
        """Return the labels of those of these alerts that nobody knew."""
        return (self._fresh[one][0].labels for one in fingerprints if one in self._fresh)

    def _fires(self, event: AlertEvent, severity: Severity) -> Destination:
        goes_to = self._where.of(event.labels)
        change = self.by_group.get(goes_to.group_key)
        if change is None:
            change = self.by_group[goes_to.group_key] = Change(destination=goes_to)
        change.fires(event.fingerprint, event.title, severity)
        change.runbook = change.runbook or event.runbook
        self._began[event.fingerprint] = change
        return goes_to

    def _ends(self, fingerprint: str, known: LiveAlert) -> None:
        self._ended.add(fingerprint)
        del self._live[fingerprint]
        if known.state is AlertState.FIRING:
            self._change_of(fingerprint, known).resolved += 1

    def _change_of(self, fingerprint: str, known: LiveAlert) -> Change:
        if known.incident is not None:
            return self.by_incident.setdefault(known.incident, Change())
        return self._began[fingerprint]

    def _count(self, meaning: str, count: int = 1) -> None:
        self.meanings[meaning] = self.meanings.get(meaning, 0) + count


def _had_ended(known: LiveAlert, swing: Swing, at: datetime) -> bool:
    """Whether an alert is held only because nobody has looked since it was steady."""
    return known.reason == FLAPPING and not swing.is_firing and swing.is_steady(at)
