"""The incidents of a segment: alerts that began open one or join one, and those who suffer from it hear of it."""

from bot.domain.decision import Draft
from bot.domain.incident import Dependant, Escalation, Incident
from bot.domain.opening import open_by_alerts
from bot.domain.severity import Severity
from bot.domain.timeline import Actor
from bot.ids import new_id
from bot.ports.store import Unit
from handlers.absorbing import Batch
from handlers.changes import Change
from handlers.deciding import Ledger, act, keep
from handlers.desk import Desk
from handlers.joining import look
from handlers.leaving import Leaving
from handlers.storming import Gathering


async def tell_groups(desk: Desk, unit: Unit, batch: Batch, ledger: Ledger) -> dict[str, str]:
    """Let alerts that began join their group's incident or open one; returns incident ids by fingerprint."""
    leaving = await Leaving.begin(desk, unit, batch)
    if not batch.by_group:
        return {}
    joining = await look(unit, desk.organisation(), batch.by_group, desk.now())
    newcomers = {key: change for key, change in batch.by_group.items() if joining.incident_for(key, change) is None}
    gathering = await Gathering.begin(desk, unit, batch, newcomers)
    actor = Actor(part=f"source:{batch.source}")
    linked: dict[str, str] = {}
    for key, change in batch.by_group.items():
        incident = joining.incident_for(key, change)
        if incident is None and gathering.takes(key, change):
            continue
        if incident is None:
            dependants = joining.dependants(goes_to.service_name if (goes_to := change.destination) else None)
            incident = await _open(desk, unit, change, actor, ledger, dependants=dependants)
            joining.opened(incident)
            gathering.opened(incident, has_left=leaving.found(change.fresh, incident))
            if change.resolved:
                joining.joins(incident, Change(resolved=change.resolved))
        else:
            leaving.found(change.fresh, incident)
            joining.joins(incident, change)
        linked.update(dict.fromkeys(change.fresh, incident.id))
    for incident, change in joining.changes.values():
        await act(desk, unit, incident, change.action(), actor, ledger=ledger)
    if joining.broke:
        await ledger.write(unit, desk.now())
        concerned = dict(await unit.incidents.many({incident.id for incident, _ in joining.broke}))
        for incident, broke in joining.broke:
            decision = await act(desk, unit, concerned[incident.id], broke, actor, ledger=ledger)
            concerned[incident.id] = decision.incident
    linked.update(await gathering.write(actor, ledger))
    return linked


async def _open(
    desk: Desk, unit: Unit, change: Change, actor: Actor, ledger: Ledger, *, dependants: tuple[Dependant, ...]
) -> Incident:
    assert change.destination is not None
    now, org = desk.now(), desk.organisation()
    goes_to = change.destination
    incident = Incident(
        id=new_id(now),
        number=await unit.incidents.next_number(),
        title=change.titles[0],
        severity=change.worst or Severity.SEV3,
        opened_at=now,
        service=goes_to.service_name,
        team=goes_to.team,
        group_key=goes_to.group_key,
        rule=goes_to.rule.name if goes_to.rule is not None else None,
        runbook=(goes_to.rule.runbook if goes_to.rule is not None else None) or change.runbook,
        dependants=dependants,
        escalation=Escalation(policy=goes_to.policy),
        configuration=org.version,
    )
    decision = open_by_alerts(Draft(incident, actor, now, org), change.action())
    return await keep(desk, unit, None, decision, actor, what="OpenByAlerts", ledger=ledger)
