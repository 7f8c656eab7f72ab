"""`/noise`: the quality of alerts for programs."""

import pytest

from tests.handlers.talking import Talk
from tests.handlers.test_noise import ignored_at_night
from tests.handlers.web.calling import Api


async def test_rules_are_listed_with_their_figures(talk: Talk, api: Api) -> None:
    await ignored_at_night(talk)
    report = await api.get("/noise?since=2026-01-01T00:00:00Z")
    assert report == {
        "items": [
            {
                "rule": "Flaky",
                "source": "prom",
                "service": "inference-gateway",
                "fired": 4,
                "paged": 4,
                "acknowledged": 1,
                "actionable_share": 0.25,
                "calls": 4,
                "night_calls": 4,
                "flaps": 0,
                "median_duration_seconds": 600.0,
                "noise": 7,
                "advice": "nightly",
            }
        ],
        "next": None,
        "since": "2026-01-01T00:00:00Z",
        "until": "2026-01-06T23:00:00Z",
    }


async def test_the_time_and_the_service_can_be_chosen(talk: Talk, api: Api) -> None:
    await ignored_at_night(talk)
    assert (await api.get("/noise"))["since"] == "2025-12-30T23:00:00Z"
    assert (await api.get("/noise?service=feature-store"))["items"] == []
    [rule] = (await api.get("/noise?until=2026-01-04T23:30:00Z"))["items"]
    assert rule["fired"] == 3
    assert (await api.get("/noise?until=0001-01-01T00:00:00Z"))["items"] == []


@pytest.mark.parametrize("query", ["since=yesterday", "since=2026-01-01T00:00:00", "limit=5"])
async def test_what_is_malformed_is_refused(api: Api, query: str) -> None:
    await api.get(f"/noise?{query}", 422)
