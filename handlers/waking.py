"""When business hours begin, alerts that were held until then open incidents and call people."""

from typing import Final

from bot.domain.alert import AlertState
from bot.domain.business_hours import HELD
from bot.ports.records import Lease
from bot.ports.store import Urgency
from handlers.absorbing import Batch
from handlers.deciding import Ledger
from handlers.desk import Desk
from handlers.destinations import Destinations
from handlers.grouping import tell_groups
from handlers.hushing import hush_for, remember_hush
from handlers.lanes import LeaseTerms
from handlers.quiet_sources import while_quiet
from handlers.releasing import reminder_of

AT_ONCE: Final = 200


async def wake(desk: Desk, terms: LeaseTerms) -> None:
    """Let what was held fire, source by source, under the lease of its inbox; outside business hours do nothing."""
    hours = desk.organisation().hours
    if hours is not None and not hours.include(desk.now()):
        return
    async with desk.store.read(desk.tenant) as unit:
        sources = await unit.alerts.suppressed_sources(HELD)
    await while_quiet(desk, terms, sources, _some, "waking_put_off")


async def _some(desk: Desk, lease: Lease) -> bool:
    """Let some alerts of a source fire in one commit; returns whether there may be more."""
    async with desk.store.write(lease.tenant, Urgency.PROCESSING, lease=lease) as unit:
        held = await unit.alerts.suppressed(lease.lane, HELD, limit=AT_ONCE)
        live = await unit.alerts.live(lease.lane, {alert.fingerprint for alert in held})
        where = Destinations(desk.organisation())
        # A silence or a window may hold back what the hour does not.
        hush = await hush_for(unit, where, desk.now(), [reminder_of(alert) for alert in held], live)
        batch = Batch(lease.lane, where, live, {}, hush)
        for alert in held:
            known = live[alert.fingerprint]
            assert known.state is AlertState.SUPPRESSED
            batch.release(alert, known)
        ledger = Ledger()
        linked = await tell_groups(desk, unit, batch, ledger)
        touched = batch.touched()
        await unit.alerts.absorbed([alert._replace(incident=linked.get(fp)) for fp, alert in touched.items()])
        await remember_hush(unit, where.org, (), batch.hidden)
        await ledger.write(unit, desk.now())
    return len(held) == AT_ONCE
