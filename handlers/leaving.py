"""An alert gathered in a storm that becomes critical leaves it: its own group takes it, and calls its own people."""

from dataclasses import dataclass, field

from bot.domain.alert import AlertState
from bot.domain.incident import Incident
from bot.ports.store import Unit
from handlers.absorbing import Batch
from handlers.desk import Desk


@dataclass(slots=True)
class Leaving:
    """The alerts of one batch that leave storms: by fingerprint, the storm's incident (id) and the alert's title."""

    _batch: Batch
    _leavers: dict[str, tuple[str, str]] = field(default_factory=dict)

    @staticmethod
    async def begin(desk: Desk, unit: Unit, batch: Batch) -> "Leaving":
        """Take what became critical out of what its storm is told, and let it begin in its own group."""
        leaving, rules = Leaving(batch), desk.organisation().storm
        if not batch.by_incident:
            return leaving
        critical = {
            fingerprint: alert
            for fingerprint, alert in batch.touched().items()
            if alert.incident in batch.by_incident
            and alert.state is AlertState.FIRING
            and alert.held_by is None
            and rules.is_spared(alert.severity)
        }
        if not critical:
            return leaving
        incidents = await unit.incidents.many({alert.incident for alert in critical.values() if alert.incident})
        storms = {incident.id for incident in incidents.values() if incident.is_storm}
        for fingerprint, alert in critical.items():
            if alert.incident in storms and (whole := await unit.alerts.get(alert.id)) is not None:
                batch.release(whole, alert)
                leaving._leavers[fingerprint] = (alert.incident, whole.title)
        leaving._lighten()
        return leaving

    def found(self, fingerprints: list[str], incident: Incident) -> bool:
        """Note the incident that takes alerts; returns whether any of them leaves a storm. The storm's room hears it."""
        mine = [one for one in fingerprints if one in self._leavers]
        for one in mine:
            storm, title = self._leavers[one]
            self._batch.by_incident[storm].left.append(f"{incident.ref} {title}")
        return bool(mine)

    def _lighten(self) -> None:
        """Leave what is critical out of what storms are told: they get no worse by what is theirs no more."""
        for storm in {storm for storm, _ in self._leavers.values()}:
            change = self._batch.by_incident[storm]
            gone = {title for left, title in self._leavers.values() if left == storm}
            change.titles = [title for title in change.titles if title not in gone]
            stays = (
                alert.severity
                for fingerprint, alert in self._batch.touched().items()
                if alert.incident == storm and fingerprint not in self._leavers and alert.state is AlertState.FIRING
            )
            change.worst = min(stays, default=None)
