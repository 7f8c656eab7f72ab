"""Storms as intake meets them: which of a batch's new groups fold, and what their one incident is told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from bot.domain.actions import AlertsChanged, StormGrew, StormPassed
from bot.domain.decision import Draft
from bot.domain.incident import Escalation, Incident
from bot.domain.routing import policy_for
from bot.domain.severity import Severity
from bot.domain.storm import MOST_BESIDE, STORM_GROUP, Storm, counted, folding, over_at
from bot.domain.storming import open_by_storm
from bot.domain.timeline import Actor
from bot.ids import new_id
from bot.ports.store import Unit
from bot.ports.storms import Folded, Weather
from handlers.absorbing import Batch
from handlers.changes import Change
from handlers.deciding import Ledger, act, keep, reload
from handlers.desk import Desk

LISTED = 10
TOCSIN = Actor(part="storm")


_CALM = Weather(0, None)


@dataclass(slots=True)
class Gathering:
    """What of one batch folds into a storm: begun before the batch's groups are told, written after it."""

    _desk: Desk
    _unit: Unit
    _batch: Batch
    _weather: Weather = _CALM
    _folds: frozenset[str] = frozenset()
    _folded: dict[str, Change] = field(default_factory=dict)
    _opened: list[Incident] = field(default_factory=list)
    _left: set[str] = field(default_factory=set)

    @staticmethod
    async def begin(desk: Desk, unit: Unit, batch: Batch, newcomers: Mapping[str, Change]) -> "Gathering":
        """Say which of the groups that no incident takes are to fold: from the limit on."""
        if not newcomers:
            return Gathering(desk, unit, batch)
        rules = desk.organisation().storm
        weather = await unit.storms.weather(desk.now() - rules.within, most=rules.groups + 1)
        worst = ((key, change.worst) for key, change in newcomers.items())
        folding_keys = folding(worst, weather.recent, rules, is_on=weather.storm is not None)
        return Gathering(desk, unit, batch, weather, frozenset(folding_keys))

    def takes(self, key: str, change: Change) -> bool:
        """Let a group fold that is to; it may have found an incident meanwhile, and is not asked about then."""
        if key in self._folds:
            self._folded[key] = change
        return key in self._folds

    def opened(self, incident: Incident, *, has_left: bool) -> None:
        """Take note of an incident that opened beside the storm; of one `has_left` the room hears otherwise."""
        self._opened.append(incident)
        if has_left:
            self._left.add(incident.id)

    async def write(self, actor: Actor, ledger: Ledger) -> Mapping[str, str]:
        """Tell the storm's incident, or open it; returns its id by the fingerprints of the alerts that folded.

        One that was resolved within the group window goes on.
        """
        storm, rules = self._weather.storm, self._desk.organisation().storm
        critical = [one for one in self._opened if rules.is_spared(one.severity)]
        spared = tuple(_name(one) for one in critical)
        if not self._folded and (storm is None or not spared):
            return {}
        since = self._desk.now() - self._desk.organisation().rules.group_window
        # Read here and not before, since others could write it until the weather was asked for.
        incident = (await self._unit.incidents.joinable([STORM_GROUP], since)).get(STORM_GROUP)
        if not self._folded and incident is None:
            return {}
        whole = _together(self._folded.values())
        begins = storm is None or incident is None or storm.incident != incident.id
        if begins:
            # They had opened before anyone knew that this is a storm.
            since = self._desk.now() - rules.within
            earlier = await self._unit.storms.spared_since(since, rules.critical, most=MOST_BESIDE)
            spared = tuple(dict.fromkeys((*(f"INC-{number} {title}" for number, title in earlier), *spared)))
        left = {_name(one) for one in critical if one.id in self._left}
        grown = StormGrew(whole, tuple(one for one in spared if one not in left), begins=begins)
        if incident is None:
            incident = await self._open(grown, actor, ledger)
        else:
            incident = (await act(self._desk, self._unit, incident, grown, actor, ledger=ledger)).incident
        await self._remember(incident, spared, begins=begins)
        return {fingerprint: incident.id for change in self._folded.values() for fingerprint in change.fresh}

    async def _open(self, grown: StormGrew, actor: Actor, ledger: Ledger) -> Incident:
        now, org = self._desk.now(), self._desk.organisation()
        incident = Incident(
            id=new_id(now),
            number=await self._unit.incidents.next_number(),
            title=self._desk.speech().words("card.storm_title"),
            severity=grown.alerts.worst or Severity.SEV3,
            opened_at=now,
            group_key=STORM_GROUP,
            escalation=Escalation(policy=policy_for(org, None)),
            configuration=org.version,
        )
        decision = open_by_storm(Draft(incident, actor, now, org), grown)
        stored = await keep(self._desk, self._unit, None, decision, actor, what="OpenByStorm", ledger=ledger)
        if grown.alerts.resolved:
            ended = AlertsChanged(resolved=grown.alerts.resolved)
            await act(self._desk, self._unit, stored, ended, actor, ledger=ledger)
        return stored

    async def _remember(self, incident: Incident, spared: tuple[str, ...], *, begins: bool) -> None:
        """Store what is known of the storm: one statement for its groups and one for itself."""
        now, rules, before = self._desk.now(), self._desk.organisation().storm, self._weather.storm
        if before is not None and before.incident != incident.id:
            # Somebody has ended that incident while the storm went on.
            await self._unit.storms.save(replace(before, ended_at=now))
            before = None
        if before is None:
            earlier = await self._unit.storms.get(incident.id)
            before = replace(earlier, ended_at=None) if earlier is not None else Storm(incident.id, now, now, now)
        groups = [Folded(key, _service(change)) for key, change in self._folded.items()]
        fresh = await self._unit.storms.fold(incident.id, groups, now)
        is_above = begins or self._weather.recent + len(self._opened) + fresh > rules.groups
        labels = self._batch.labels_of(one for change in self._folded.values() for one in change.fresh)
        storm = replace(
            before,
            last_at=now,
            above_at=now if is_above else before.above_at,
            beside=tuple(dict.fromkeys((*before.beside, *spared)))[-MOST_BESIDE:],
            values=counted(before.values, labels),
        )
        await self._unit.storms.save(storm, over_at(storm, rules) if begins else None)


async def look(desk: Desk, unit: Unit, incident_id: str) -> None:
    """See whether a storm is over by now, and say so; if not, wait for it on."""
    now, rules = desk.now(), desk.organisation().storm
    weather = await unit.storms.weather(now - rules.within, most=rules.groups + 1)
    storm = weather.storm
    if storm is None or storm.incident != incident_id:
        return
    if weather.recent > rules.groups:
        storm = replace(storm, above_at=now)
    if (due_at := over_at(storm, rules)) > now:
        await unit.storms.save(storm, due_at)
        return
    await unit.storms.save(replace(storm, ended_at=now))
    incident = await reload(unit, incident_id)
    if incident is not None:
        extent = await unit.storms.extent(incident_id)
        live = [one for one in await unit.alerts.of_incident(incident_id, limit=LISTED) if one.is_live]
        await act(desk, unit, incident, StormPassed(extent.groups, tuple(one.title for one in live)), TOCSIN)


def _together(changes: Collection[Change]) -> AlertsChanged:
    whole = Change()
    for change in changes:
        whole.fired += change.fired
        whole.resolved += change.resolved
        for title in change.titles:
            whole.worsens(title, change.worst or Severity.SEV5)
    return whole.action()


def _name(incident: Incident) -> str:
    return f"{incident.ref} {incident.title}"


def _service(change: Change) -> str | None:
    goes_to = change.destination
    return goes_to.service_name if goes_to is not None else None
