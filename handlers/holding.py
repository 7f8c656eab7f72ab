"""What of tocsin.yaml holds alerts back, maintenance windows and inhibiting rules: how many now, and how many in all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.hush import BY_ALERT, BY_WINDOW, holder_of
from bot.domain.organisation import Organisation
from bot.ports.store import Unit


@dataclass(frozen=True, slots=True)
class Holder:
    """A maintenance window or an inhibiting rule. `ends_at`: when the window that is open closes; None: none is."""

    name: str
    is_window: bool
    ends_at: datetime | None
    holds: int
    hidden: int


async def holders(unit: Unit, org: Organisation, now: datetime) -> Sequence[Holder]:
    """Return all that the file has, in its order, windows first."""
    held = Counter[str]()
    for key, count in (await unit.alerts.held_count((await unit.alerts.held()).keys())).items():
        if (holder := holder_of(key, org.inhibitions)) is not None:
            held[holder] += count
    windows = {BY_WINDOW + window.name: window for window in org.maintenance}
    rules = {BY_ALERT + rule.name: rule for rule in org.inhibitions}
    hidden = await unit.silences.hidden_by_file([*windows, *rules])
    return [
        *(
            Holder(window.name, True, window.end_of(now), held[key], hidden.get(key, 0))
            for key, window in windows.items()
        ),
        *(Holder(rule.name, False, None, held[key], hidden.get(key, 0)) for key, rule in rules.items()),
    ]
