"""Whatever anyone sends: no 500, no good alert lost among bad ones, and no lane that stands still."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ports.sources import USUAL_ROUTES, AlertSource
from integrations.sources.discovery import discover
from tests.counterparts.tocsin import Replicas, Tocsin
from tests.sources.mangling import odd_values, places, replaced, written

SOURCES = [source for source in discover().values() if source.routes == USUAL_ROUTES]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
ALERTISH = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["firing", "resolved", "", None, 7]),
        "labels": st.dictionaries(st.text(max_size=12), SCALARS, max_size=4) | ANYTHING,
        "annotations": ANYTHING,
        "startsAt": st.text(max_size=30) | ANYTHING,
        "fingerprint": st.text(max_size=20) | ANYTHING,
        "title": ANYTHING,
        "severity": ANYTHING,
        "key": ANYTHING,
    },
)
BATCHES = st.fixed_dictionaries({"alerts": st.lists(ALERTISH | ANYTHING, max_size=5)}) | ALERTISH | ANYTHING
VERBS = st.sampled_from(
    [
        "declare",
        "new",
        "list",
        "status",
        "ack",
        "sev",
        "assign",
        "lead",
        "note",
        "page",
        "update",
        "mitigate",
        "resolve",
        "reopen",
        "cancel",
        "close",
        "followup",
        "oncall",
        "timeline",
        "help",
    ]
)
WORDS = st.text(max_size=30) | st.sampled_from(
    ["INC-1", "INC-0", "#1", "@amira", "@nobody", "--sev", "1", "SEV9", "in 2h", "tomorrow 09:00", "--at", '"', "--"]
)
LINES = st.builds(lambda verb, words: " ".join([verb, *words]), VERBS, st.lists(WORDS, max_size=5)) | st.text()

HOSTILE = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(params=["sqlite", "postgresql"])
def tocsin(request: pytest.FixtureRequest, replicas: Replicas) -> Iterator[Tocsin]:
    """Give a running Tocsin on each database."""
    is_sqlite = request.param == "sqlite"
    replica = replicas(**({} if is_sqlite else {"TOCSIN_DATABASE_URL": request.getfixturevalue("postgres_url")}))
    asyncio.run(replica.start())
    yield replica
    replica.stop()


def post(tocsin: Tocsin, path: str, body: bytes) -> tuple[int, bytes]:
    """Post a body as it is."""
    parts = urlsplit(tocsin.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    read = answer.status, answer.read()
    connection.close()
    return read


def good(fingerprint: str) -> dict[str, Any]:
    """Return an alert that must be kept whatever stands beside it."""
    labels = {"alertname": "Good", "severity": "critical", "instance": fingerprint}
    return {"status": "firing", "labels": labels, "fingerprint": fingerprint}


def dumped(value: Any) -> bytes:
    """Return JSON as a careless sender writes it: NaN, infinities and half surrogate pairs included."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


@st.composite
def spoilt(draw: st.DrawFn, source: AlertSource) -> bytes:
    """A sample of a source with an odd value at any place, or bytes that were changed or left out."""
    document = json.loads(source.sample)
    body = written(replaced(document, draw(st.sampled_from(places(document))), draw(odd_values)))
    match draw(st.sampled_from(["whole", "whole", "cut", "changed"])):
        case "cut":
            return body[: draw(st.integers(0, len(body)))]
        case "changed":
            at = draw(st.integers(0, len(body) - 1))
            return body[:at] + draw(st.binary(max_size=3)) + body[at + 1 :]
        case _:
            return body


def settle(tocsin: Tocsin) -> list[dict[str, Any]]:
    """Wait until nothing is pending, and return every alert."""

    async def wait() -> list[dict[str, Any]]:
        await tocsin.until(tocsin.drained)
        return await tocsin.everything("/alerts?state=all")

    return asyncio.run(wait())


def test_no_body_breaks_a_webhook_or_stops_its_lane(tocsin: Tocsin) -> None:
    @HOSTILE
    @given(
        source=st.sampled_from(["alertmanager", "generic"]),
        body=BATCHES.map(dumped) | st.binary(max_size=200),
    )
    def send(source: str, body: bytes) -> None:
        status, _ = post(tocsin, f"/webhooks/{source}", body)
        assert status == 202

    send()
    assert post(tocsin, "/webhooks/alertmanager", dumped({"alerts": [good("after-all-that")]}))[0] == 202
    assert "after-all-that" in {alert["fingerprint"] for alert in settle(tocsin)}


def test_no_body_of_any_source_makes_tocsin_fail(tocsin: Tocsin) -> None:
    @settings(HOSTILE, max_examples=400)
    @given(sent=st.sampled_from(SOURCES).flatmap(lambda source: st.tuples(st.just(source.name), spoilt(source))))
    def send(sent: tuple[str, bytes]) -> None:
        name, body = sent
        assert post(tocsin, f"/webhooks/{name}", body)[0] == 202

    send()
    settle(tocsin)
    set_aside = asyncio.run(tocsin.everything("/deliveries?state=quarantined"))
    assert set_aside, "all of it could be read, so this proves little"
    assert not [one["error"] for one in set_aside if "Tocsin failed" in one["error"]]


def test_a_good_alert_in_a_bad_batch_is_kept(tocsin: Tocsin) -> None:
    sent: set[str] = set()

    @HOSTILE
    @given(before=st.lists(ALERTISH | ANYTHING, max_size=3), after=st.lists(ALERTISH | ANYTHING, max_size=3))
    def send(before: list[Any], after: list[Any]) -> None:
        fingerprint = f"good-{len(sent)}"
        sent.add(fingerprint)
        body = dumped({"alerts": [*before, good(fingerprint), *after]})
        try:
            json.loads(body.decode("utf-8"), parse_constant=lambda _: 1 / 0)
        except (UnicodeDecodeError, ZeroDivisionError):
            # Not JSON as a whole: nothing of it can be trusted, and all of it is quarantined.
            sent.discard(fingerprint)
        assert post(tocsin, "/webhooks/alertmanager", body)[0] == 202

    send()
    assert sent <= {alert["fingerprint"] for alert in settle(tocsin)}


def test_no_line_breaks_a_command(tocsin: Tocsin) -> None:
    declared, _ = post(tocsin, "/api/v1/commands", dumped({"actor": "amira", "room": None, "text": "declare Trouble"}))
    assert declared == 200

    @HOSTILE
    @given(line=LINES, actor=st.sampled_from(["amira", "omar", "stranger"]))
    def say(line: str, actor: str) -> None:
        status, answer = post(tocsin, "/api/v1/commands", dumped({"actor": actor, "room": None, "text": line}))
        assert status in {200, 422}, answer
        if status == 200:
            assert json.loads(answer)["reply"], "an answer without words"

    say()
    status, answer = post(tocsin, "/api/v1/commands", dumped({"actor": "amira", "room": None, "text": "list all"}))
    assert (status, json.loads(answer)["ok"]) == (200, True)
    settle(tocsin)
