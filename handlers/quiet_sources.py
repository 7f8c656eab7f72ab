"""Work on a source's alerts that must not cross its reports: under the lease of its inbox, while nothing waits there."""

from collections.abc import Awaitable, Callable, Iterable

import structlog

from bot.ports.records import LaneKind, Lease
from bot.ports.store import Conflict, LeaseLost
from handlers.desk import Desk
from handlers.lanes import LeaseTerms

log = structlog.get_logger(__name__)


async def while_quiet(
    desk: Desk, terms: LeaseTerms, sources: Iterable[str], some: Callable[[Desk, Lease], Awaitable[bool]], put_off: str
) -> None:
    """Do `some` for each source, in commits of its own, until it says that there is no more.

    What waits may be a report of the very alert, so the next look will see; so it will where somebody was in the way,
    which is logged as `put_off`.
    """
    for source in sources:
        lease = await desk.store.leases.take((desk.tenant, LaneKind.INBOX, source), terms.owner, desk.now(), terms.ttl)
        if lease is None:
            continue
        try:
            while not await desk.store.inbox.pending(lease, limit=1, limit_bytes=1) and await some(desk, lease):
                lease = await terms.renewed(desk.store.leases, lease, desk.now())
        except (Conflict, LeaseLost) as error:
            log.info(put_off, source=source, error=type(error).__name__)
        finally:
            await desk.store.leases.release(lease)
