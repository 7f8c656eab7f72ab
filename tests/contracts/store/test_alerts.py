"""Alerts: at most one of a kind is live, what is reported of it adds up, and thousands go through at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.access import SYSTEM, Access, Viewer, Visibility
from bot.domain.alert import Alert, AlertState, LiveAlert, absorb, expire
from bot.domain.severity import Severity
from bot.ports.store import BadCursor, Conflict, Urgency
from storage.store import SqlStore
from tests.builders import HOUR, NOW, SECOND
from tests.records import an_alert, stored

TENANT = "default"
ALL = list(AlertState)


async def kept(store: SqlStore) -> dict[str, Alert]:
    """Every alert, by fingerprint."""
    async with store.read(TENANT) as unit:
        return {alert.fingerprint: alert for alert in (await unit.alerts.window(ALL, SYSTEM, limit=500)).items}


async def test_an_alert_comes_back_as_it_was_stored(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        incident = await stored(unit)
        alert = Alert(
            id="ab" * 16,
            source="prom",
            fingerprint="f1",
            state=AlertState.SUPPRESSED,
            severity=Severity.SEV1,
            title="Gateway “slow” 🔥",
            labels={"alertname": "Slow", "note": 'with "quotes", and a \\ too', "empty": ""},
            first_at=NOW,
            last_at=NOW + SECOND,
            count=7,
            service="inference-gateway",
            incident=incident.id,
            group_key="g-1",
            summary="It is slow.\nVery.",
            url="https://prometheus.example/graph",
            reason="maintenance",
            resolved_at=NOW + HOUR,
        )
        await unit.alerts.add([alert])
        await unit.alerts.add([])
    async with store.read(TENANT) as unit:
        assert await unit.alerts.of_incident(incident.id) == [alert]
        assert (await unit.alerts.window(ALL, SYSTEM)).items == [alert]


async def test_of_the_live_alerts_as_much_is_read_as_a_report_needs(store: SqlStore) -> None:
    firing = an_alert("firing")
    quiet = an_alert("suppressed", state=AlertState.SUPPRESSED, reason="silence", severity=Severity.SEV1)
    ended = an_alert("resolved", state=AlertState.RESOLVED, resolved_at=NOW)
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([firing, quiet, ended, an_alert("other"), an_alert("elsewhere", source="grafana")])
        found = await unit.alerts.live("prom", ["firing", "suppressed", "resolved", "elsewhere", "unknown"])
        assert await unit.alerts.live("prom", []) == {}
    assert found == {
        "firing": LiveAlert(firing.id, AlertState.FIRING, Severity.SEV3, None, NOW),
        "suppressed": LiveAlert(quiet.id, AlertState.SUPPRESSED, Severity.SEV1, None, NOW, reason="silence"),
    }


async def test_of_a_source_and_fingerprint_one_alert_is_live(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([an_alert("f1"), an_alert("f1", source="grafana")])
    for second in ([an_alert("f1", state=AlertState.SUPPRESSED)], [an_alert("f2"), an_alert("f2")]):
        with pytest.raises(Conflict):
            async with store.write(TENANT, Urgency.PROCESSING) as unit:
                await unit.alerts.add(second)
    async with store.read(TENANT) as unit:
        assert len((await unit.alerts.window(ALL, SYSTEM)).items) == 2


async def test_an_alert_that_ended_makes_room_for_the_next_of_its_fingerprint(store: SqlStore) -> None:
    first, second = an_alert("f1"), an_alert("f1", first_at=NOW + HOUR, last_at=NOW + HOUR)
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([first])
        live = (await unit.alerts.live("prom", ["f1"]))["f1"]
        ended, _ = absorb(live, is_firing=False, severity=Severity.SEV3, received_at=NOW + SECOND)
        await unit.alerts.absorbed([ended])
        assert await unit.alerts.live("prom", ["f1"]) == {}
        await unit.alerts.add([second])
        assert (await unit.alerts.live("prom", ["f1"]))["f1"].id == second.id
    async with store.read(TENANT) as unit:
        assert (await unit.alerts.window([AlertState.FIRING], SYSTEM)).items == [second]
        assert (await unit.alerts.window([AlertState.RESOLVED], SYSTEM)).items == [
            replace(first, state=AlertState.RESOLVED, resolved_at=NOW + SECOND, last_at=NOW + SECOND, count=2)
        ]


async def test_reports_add_up_over_units_and_the_latest_stays(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([an_alert("f1"), an_alert("f2")])
    for received_at in (NOW + 2 * SECOND, NOW + SECOND):
        async with store.write(TENANT, Urgency.PROCESSING) as unit:
            live = await unit.alerts.live("prom", ["f1"])
            for _ in range(3):
                live = {
                    key: absorb(alert, is_firing=True, severity=Severity.SEV3, received_at=received_at)[0]
                    for key, alert in live.items()
                }
            await unit.alerts.absorbed(live.values())
    found = await kept(store)
    assert (found["f1"].count, found["f1"].last_at) == (7, NOW + 2 * SECOND)
    assert (found["f2"].count, found["f2"].last_at) == (1, NOW)


async def test_what_is_absorbed_twice_in_one_unit_is_kept_as_it_was_the_second_time(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        incident = await stored(unit)
        await unit.alerts.add([an_alert("f1")])
        live = (await unit.alerts.live("prom", ["f1"]))["f1"]
        await unit.alerts.absorbed([live._replace(severity=Severity.SEV1, incident=incident.id, reports=1)])
        await unit.alerts.absorbed([live._replace(reports=1)])
        await unit.alerts.absorbed([])
    found = (await kept(store))["f1"]
    assert (found.severity, found.incident, found.count) == (Severity.SEV3, None, 3)


@pytest.mark.parametrize("read_first", [True, False])
async def test_everything_that_absorbing_changes_is_written(store: SqlStore, *, read_first: bool) -> None:
    alert = an_alert("f1")
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        incident = await stored(unit)
        await unit.alerts.add([alert])
    changed = LiveAlert(alert.id, AlertState.SUPPRESSED, Severity.SEV1, incident.id, NOW + HOUR, 4, None, "inhibited")
    ended = changed._replace(state=AlertState.RESOLVED, reports=1, resolved_at=NOW + HOUR, reason="expired")
    for told, count in ((changed, 5), (ended, 6)):
        async with store.write(TENANT, Urgency.PROCESSING) as unit:
            if read_first:
                await unit.alerts.live("prom", ["f1"])
            await unit.alerts.absorbed([told])
        assert (await kept(store))["f1"] == replace(
            alert,
            state=told.state,
            severity=told.severity,
            incident=told.incident,
            last_at=told.last_at,
            count=count,
            resolved_at=told.resolved_at,
            reason=told.reason,
        )


async def test_thousands_go_through_in_one_call(store: SqlStore) -> None:
    names = [f"{number:016x}" for number in range(5_000)]
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([an_alert(name) for name in names])
        live = await unit.alerts.live("prom", names)
        assert live.keys() == set(names)
        ended = [expire(alert, NOW + HOUR) for alert in list(live.values())[:4_000]]
        await unit.alerts.absorbed(ended)
        assert len(await unit.alerts.live("prom", names)) == 1_000


async def test_a_report_is_overtaken_by_one_that_was_received_later_or_with_it(store: SqlStore) -> None:
    ended = {"state": AlertState.RESOLVED, "resolved_at": NOW + HOUR}
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add(
            [
                an_alert("live since", last_at=NOW),
                an_alert("live before", last_at=NOW - SECOND),
                an_alert("ended since", last_at=NOW + SECOND, **ended),
                an_alert("expired since, reported before", last_at=NOW - SECOND, **ended),
                an_alert("not asked for", last_at=NOW),
                an_alert("elsewhere", source="grafana", last_at=NOW),
            ]
        )
        asked = ["live since", "live before", "ended since", "expired since, reported before", "elsewhere", "unknown"]
        assert await unit.alerts.reported_since("prom", asked, NOW) == {"live since", "ended since"}
        assert await unit.alerts.reported_since("prom", [], NOW) == set()


async def test_the_firing_alerts_of_an_incident_come_first(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        incident = await stored(unit)
        ended = an_alert("f1", state=AlertState.RESOLVED, incident=incident.id, resolved_at=NOW)
        await unit.alerts.add([ended, an_alert("f2", incident=incident.id), an_alert("f3")])
        found = await unit.alerts.of_incident(incident.id)
        first = await unit.alerts.of_incident(incident.id, limit=1)
    assert [alert.fingerprint for alert in found] == ["f2", "f1"]
    assert [alert.fingerprint for alert in first] == ["f2"]


async def test_alerts_that_nobody_reports_any_more_are_found_by_their_incident(store: SqlStore) -> None:
    long_ago = NOW - 2 * HOUR
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        incident = await stored(unit)
        await unit.alerts.add(
            [
                an_alert("in incident", last_at=long_ago, incident=incident.id),
                an_alert("alone", last_at=long_ago - SECOND),
                an_alert("lately", last_at=NOW),
                an_alert("ended", last_at=long_ago, state=AlertState.RESOLVED, resolved_at=long_ago),
            ]
        )
        await unit.alerts.add([an_alert("elsewhere", source="grafana", last_at=NOW)])
        sources = await unit.alerts.stale_sources(NOW - HOUR)
        found = await unit.alerts.stale("prom", NOW - HOUR, limit=10)
        longest = await unit.alerts.stale("prom", NOW - HOUR, limit=1)
        elsewhere = await unit.alerts.stale("grafana", NOW - HOUR, limit=10)
    assert sources == ["prom"]
    assert elsewhere == {}
    assert {key: len(alerts) for key, alerts in found.items()} == {incident.id: 1, "": 1}
    assert list(longest) == [""]


async def test_alerts_of_incidents_that_a_viewer_may_not_see_are_not_listed(store: SqlStore) -> None:
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        private = await stored(unit, 1, visibility=Visibility.PRIVATE, participants=("p-omar",))
        public = await stored(unit, 2)
        alerts = [an_alert("alone"), an_alert("public", incident=public.id), an_alert("private", incident=private.id)]
        await unit.alerts.add(alerts)
        seen = {
            name: {alert.fingerprint for alert in (await unit.alerts.window(ALL, viewer)).items}
            for name, viewer in {
                "omar": Viewer("p-omar", Access.VIEWER),
                "lina": Viewer("p-lina", Access.MANAGER),
                "amira": Viewer("p-amira", Access.ADMIN),
            }.items()
        }
    assert seen["lina"] == {"alone", "public"}
    assert seen["omar"] == seen["amira"] == {"alone", "public", "private"}


@pytest.mark.parametrize("states", [[AlertState.FIRING], [AlertState.FIRING, AlertState.RESOLVED]])
async def test_pages_of_the_list_lead_through_all_of_it_newest_first(store: SqlStore, states: list[AlertState]) -> None:
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([an_alert(str(at), id=f"{at:032x}") for at in range(5)])
        await unit.alerts.add([an_alert("x", id=f"{9:032x}", state=AlertState.SUPPRESSED)])
    seen: list[str] = []
    cursor = None
    async with store.read(TENANT) as unit:
        while True:
            part = await unit.alerts.window(states, SYSTEM, cursor=cursor, limit=2)
            seen += [alert.fingerprint for alert in part.items]
            cursor = part.next_cursor
            if cursor is None:
                break
        with pytest.raises(BadCursor):
            await unit.alerts.window(states, SYSTEM, cursor="MTI")
    assert seen == ["4", "3", "2", "1", "0"]


async def test_what_no_database_can_hold_is_mended_and_found_again(store: SqlStore) -> None:
    broken = an_alert("f\0\ud800", title="t\0", labels={"a\0": "b\ud800", "c": 'd\\u0000"'}, summary="\0", url="u\0")
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([broken])
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        live = await unit.alerts.live("prom", ["f\0\ud800"])
        assert await unit.alerts.reported_since("prom", ["f\0\ud800"], NOW) == {"f\0\ud800"}
    assert live["f\0\ud800"].id == broken.id
    found = (await kept(store))["f??"]
    assert (found.title, found.labels, found.url) == ("t?", {"a?": "b?", "c": 'd\\u0000"'}, "u?")


async def test_an_alert_of_an_incident_that_is_not_there_is_refused(store: SqlStore) -> None:
    with pytest.raises(Conflict):
        async with store.write(TENANT, Urgency.PROCESSING) as unit:
            await unit.alerts.add([an_alert(incident="nowhere")])


async def test_instants_are_kept_to_the_microsecond(store: SqlStore) -> None:
    at = NOW + timedelta(microseconds=123_457)
    async with store.write(TENANT, Urgency.PROCESSING) as unit:
        await unit.alerts.add([an_alert("f1", first_at=at, last_at=at)])
    found = (await kept(store))["f1"]
    assert (found.first_at, found.last_at) == (at, at)
