"""Order is order of receipt, whatever a sender says of when something began."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.ports.store import DEFAULT_TENANT, Urgency
from tests.builders import MINUTE, NOW
from tests.handlers.alarms import Alarms
from tests.handlers.talking import Talk, talking

FIRST, LATER = NOW.isoformat(), (NOW + MINUTE).isoformat()


@pytest.fixture
def alarms(talk: Talk) -> Alarms:
    """Acme AI under alarm."""
    alarms = Alarms(talk)
    alarms.configured()
    return alarms


async def report(alarms: Alarms, is_firing: bool, starts_at: str) -> None:
    """Report an alert that began, as its sender says, at some time; it is not absorbed yet."""
    await alarms.send([{**alarms.event("Slow", is_firing, "error", {"service": "store"}), "starts_at": starts_at}])


@pytest.mark.parametrize("starts_at", [FIRST, LATER])
async def test_a_firing_received_before_the_resolve_never_reopens(alarms: Alarms, starts_at: str) -> None:
    for is_firing, began in ((True, FIRST), (True, starts_at), (False, FIRST)):
        await report(alarms, is_firing, began)
    await alarms.absorb()
    assert [(incident.alerts.total, incident.alerts.firing) for incident in await alarms.incidents()] == [(1, 0)]
    assert "firing_again" not in await alarms.happened()


@pytest.mark.parametrize("starts_at", [FIRST, LATER])
@pytest.mark.parametrize("together", [True, False])
async def test_a_firing_received_after_the_resolve_rings_whatever_its_start(
    alarms: Alarms,
    starts_at: str,
    together: bool,
) -> None:
    for is_firing, began in ((True, FIRST), (False, FIRST), (True, starts_at)):
        await report(alarms, is_firing, began)
        if not together:
            await alarms.absorb()
    await alarms.absorb()
    [incident] = await alarms.incidents()
    assert (incident.alerts.total, incident.alerts.firing) == (2, 1)
    assert await alarms.called() == ["p-lina", "p-lina"]


async def test_both_databases_refuse_a_second_live_alert_of_one_fingerprint(either_url: str) -> None:
    async with talking(either_url) as talk:
        alarms = Alarms(talk)
        alarms.configured()
        await alarms.fires("Slow", service="store")
        again = text(
            "INSERT INTO alerts (tenant, id, source, fingerprint, state, severity, title, labels, first_at, summary)"
            " SELECT tenant, 'another', source, fingerprint, state, severity, title, labels, first_at, summary FROM alerts"
        )
        with pytest.raises(IntegrityError):
            async with talk.store.database.write(DEFAULT_TENANT, Urgency.COMMAND) as work:
                await work.connection.execute(again)
        await alarms.ends("Slow", service="store")
        await alarms.fires("Slow", service="store")
        assert len(await alarms.alerts()) == 2, "ended ones are no obstacle"
